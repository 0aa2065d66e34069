/* filter: the system calls the worker may make; any other one kills it. What is called for each
 * datagram or read has no argument filter: the kernel then answers from a bitmap, without running
 * the filter at all. */
#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/sanitized.h"
#include "worker/sandbox.h"

#ifdef SANITIZED
/* Looking for leaks at the end takes a thread and ptrace(2). */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}
#endif

static const int allowed[] = {
	SCMP_SYS(epoll_wait),
	SCMP_SYS(epoll_pwait),
	SCMP_SYS(epoll_ctl),
	SCMP_SYS(recvfrom),
	SCMP_SYS(recvmmsg),
	SCMP_SYS(recvmsg), /* where recvmmsg(2) is refused */
	SCMP_SYS(splice),
	SCMP_SYS(read),
	SCMP_SYS(sendto),
	SCMP_SYS(sendmsg),
	SCMP_SYS(sendmmsg),
	SCMP_SYS(shutdown),
	SCMP_SYS(close),
	SCMP_SYS(getsockname),
	SCMP_SYS(getpeername),
	SCMP_SYS(exit_group),
	/* clocks, where the vdso has none */
	SCMP_SYS(clock_gettime),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(time),
	/* what the C library takes for some of these on other machines */
	SCMP_SYS(recv),
	SCMP_SYS(send),
	SCMP_SYS(recvmmsg_time64),
	SCMP_SYS(clock_gettime64),
	/* malloc */
	SCMP_SYS(brk),
	SCMP_SYS(munmap),
	SCMP_SYS(mremap),
	SCMP_SYS(madvise),
#ifdef SANITIZED
	SCMP_SYS(mmap),
	SCMP_SYS(mprotect),
	SCMP_SYS(write),
	SCMP_SYS(openat),
	SCMP_SYS(pread64),
	SCMP_SYS(lseek),
	SCMP_SYS(newfstatat),
	SCMP_SYS(readlink),
	SCMP_SYS(sigaltstack),
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(sched_yield),
	SCMP_SYS(sched_getaffinity),
	SCMP_SYS(futex),
	SCMP_SYS(getpid),
	SCMP_SYS(gettid),
	SCMP_SYS(getrlimit),
	SCMP_SYS(prlimit64),
	SCMP_SYS(ioctl),
	SCMP_SYS(clock_nanosleep),
	SCMP_SYS(getrandom),
#endif
};

/* Those that may do some things only; called by sockopt.h, not by libc. */
static const struct {
	int call;
	unsigned count;
	struct scmp_arg_cmp args[2];
} limited[] = {
	{SCMP_SYS(setsockopt), 2,
		{{1, SCMP_CMP_EQ, SOL_SOCKET, 0}, {2, SCMP_CMP_EQ, SO_LINGER, 0}}},
	{SCMP_SYS(getsockopt), 2, {{1, SCMP_CMP_EQ, SOL_SOCKET, 0}, {2, SCMP_CMP_EQ, SO_ERROR, 0}}},
#ifndef SANITIZED
	{SCMP_SYS(write), 1, {{0, SCMP_CMP_EQ, STDERR_FILENO, 0}}},
	{SCMP_SYS(mmap), 2,
		{{2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0},
			{3, SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, MAP_ANONYMOUS}}},
	{SCMP_SYS(mmap2), 2,
		{{2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0},
			{3, SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, MAP_ANONYMOUS}}},
#endif
};

int filter_load(void)
{
	uint32_t kill = SCMP_ACT_KILL_PROCESS;
	scmp_filter_ctx ctx = seccomp_init(kill);
	int err;

	/* Where seccomp(2) is refused there is prctl(2), which kills a thread: there is one. */
	if (!ctx)
		ctx = seccomp_init(kill = SCMP_ACT_KILL_THREAD);
	if (!ctx) {
		errno = ENOMEM;
		return -1;
	}
	err = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, kill);
	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]) && !err; i++)
		err = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, allowed[i], 0);
	for (size_t i = 0; i < sizeof(limited) / sizeof(limited[0]) && !err; i++)
		err = seccomp_rule_add_array(
			ctx, SCMP_ACT_ALLOW, limited[i].call, limited[i].count, limited[i].args);
	if (!err)
		err = seccomp_load(ctx);
	seccomp_release(ctx);
	errno = -err;
	return err ? -1 : 0;
}
