/* stack: see stack.h. */
#include "base/stack.h"

#include <setjmp.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "base/sanitized.h"

#define STACK_BYTES (8 << 20)

#ifdef SANITIZED
#include <sanitizer/common_interface_defs.h>
#define LEAVE_STACK(save, to, size)   __sanitizer_start_switch_fiber(save, to, size)
#define ENTER_STACK(save, from, size) __sanitizer_finish_switch_fiber(save, from, size)
#else
#define LEAVE_STACK(save, to, size)   ((void)(save), (void)(to), (void)(size))
#define ENTER_STACK(save, from, size) ((void)(save), (void)(from), (void)(size))
#endif

#ifdef __GLIBC__
typedef ucontext_t context;
#else
typedef jmp_buf context;
#endif

static struct {
	void *bytes;
	void (*work)(void);
	context first, second;   /* where each was left */
	const void *first_bytes; /* for the sanitizer */
	size_t first_size;
} stacks;

static void switch_stack(context *from, context *to);

/* The bottom of the second stack. */
static void begin(void)
{
	ENTER_STACK(NULL, &stacks.first_bytes, &stacks.first_size);
	stacks.work();
	LEAVE_STACK(NULL, stacks.first_bytes, stacks.first_size);
	switch_stack(&stacks.second, &stacks.first);
	abort();
}

#ifdef __GLIBC__
static void switch_stack(context *from, context *to)
{
	swapcontext(from, to);
}

static int make_second(void)
{
	if (getcontext(&stacks.second) < 0)
		return -1;
	stacks.second.uc_stack.ss_sp = stacks.bytes;
	stacks.second.uc_stack.ss_size = STACK_BYTES;
	stacks.second.uc_link = NULL;
	makecontext(&stacks.second, begin, 0);
	return 0;
}
#else
static void switch_stack(context *from, context *to)
{
	if (!_setjmp(*from))
		_longjmp(*to, 1);
}

/* Returns at once, and nothing else is ever called on this stack: its frame is still there when
 * switch_stack() comes back to it, as no handler of a signal. */
static void land(int number)
{
	(void)number;
	if (_setjmp(stacks.second))
		begin();
}

static int make_second(void)
{
	stack_t second = {.ss_sp = stacks.bytes, .ss_size = STACK_BYTES}, stack_before;
	struct sigaction action = {.sa_handler = land, .sa_flags = SA_ONSTACK}, action_before;
	sigset_t urgent, mask_before;

	if (sigaltstack(&second, &stack_before) < 0)
		return -1;
	sigfillset(&action.sa_mask);
	sigemptyset(&urgent);
	sigaddset(&urgent, SIGURG);
	sigaction(SIGURG, &action, &action_before);
	sigprocmask(SIG_UNBLOCK, &urgent, &mask_before);
	raise(SIGURG);
	sigprocmask(SIG_SETMASK, &mask_before, NULL);
	sigaction(SIGURG, &action_before, NULL);
	return sigaltstack(&stack_before, NULL);
}
#endif

int stack_open(void (*work)(void))
{
	size_t guard = (size_t)sysconf(_SC_PAGESIZE);

	stacks.work = work;
	stacks.bytes = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
	if (stacks.bytes == MAP_FAILED)
		return -1;
	if (mprotect(stacks.bytes, guard, PROT_NONE) == 0 && make_second() == 0)
		return 0;
	stack_close();
	return -1;
}

void stack_enter(void)
{
	void *save = NULL;

	LEAVE_STACK(&save, stacks.bytes, STACK_BYTES);
	switch_stack(&stacks.first, &stacks.second);
	ENTER_STACK(save, NULL, NULL);
}

void stack_leave(void)
{
	void *save = NULL;

	LEAVE_STACK(&save, stacks.first_bytes, stacks.first_size);
	switch_stack(&stacks.second, &stacks.first);
	ENTER_STACK(save, &stacks.first_bytes, &stacks.first_size);
}

void stack_close(void)
{
	munmap(stacks.bytes, STACK_BYTES);
}
