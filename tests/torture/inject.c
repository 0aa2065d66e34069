/* inject: linked into an inetd and an inetd-worker (--wrap of ld(1)); makes the N-th call at some
 * place of the source, of those that can fail (inject.h), fail, and notes which calls there were.
 * What to do and what was done stands in a file beside the program, named like it with ".fault"
 * behind, that whoever started it has made and mapped; without it all calls are what they were.
 * Children share the count: those of fork(2) by the mapping, a program on its way to exec by the
 * memory. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <grp.h>
#include <ini.h>
#include <limits.h>
#include <net/if.h>
#include <netdb.h>
#include <poll.h>
#include <pwd.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CALLS_MOST (1 << 19)

typedef __rlimit_resource_t rlimit_resource_t;

/* torture/daemon.py has the same layout. */
struct fault {
	uint32_t place;           /* where the call is that fails: a caller (see trace); 0: none */
	uint32_t at;              /* which of those there, from 1 on */
	uint32_t times;           /* how many fail from that one on, wherever they are */
	uint32_t round;           /* which of their error numbers */
	_Atomic uint32_t calls;   /* so far */
	_Atomic uint32_t there;   /* of these, at that place */
	_Atomic uint32_t failing; /* the number of the first that fails, when it has come */
	_Atomic uint32_t failed;
	struct {
		uint32_t caller; /* offset in the program */
		char name[20];
	} trace[CALLS_MOST];
};

extern const char __executable_start[];

static struct fault *fault;

__attribute__((constructor)) static void map_fault(void)
{
	char path[PATH_MAX + 8] = "";
	ssize_t len = readlink("/proc/self/exe", path, PATH_MAX);
	void *at;
	int fd;

	if (len < 0)
		return;
	strlcpy(path + len, ".fault", sizeof(path) - (size_t)len);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return;
	at = mmap(NULL, sizeof(*fault), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (at != MAP_FAILED)
		fault = at;
}

/* True if the call of this number fails. */
static bool is_meant(uint32_t number, uint32_t caller)
{
	if (fault->place && caller == fault->place &&
		atomic_fetch_add(&fault->there, 1) + 1 == fault->at)
		atomic_store(&fault->failing, number);
	return fault->failing && number >= fault->failing && number - fault->failing < fault->times;
}

/* Counts the call; true, with errno, if it is to fail. */
static bool fails(const char *name, const void *at, const int *errors, size_t count)
{
	uint32_t number, caller = (uint32_t)((const char *)at - __executable_start);

	if (!fault)
		return false;
	number = atomic_fetch_add(&fault->calls, 1) + 1;
	if (number <= CALLS_MOST) {
		fault->trace[number - 1].caller = caller;
		strlcpy(fault->trace[number - 1].name, name, sizeof(fault->trace[0].name));
	}
	if (!is_meant(number, caller))
		return false;
	atomic_fetch_add(&fault->failed, 1);
	errno = errors[fault->round % count];
	return true;
}

#define FAILS(name, ...)                                                                           \
	fails(name, __builtin_return_address(0), (const int[]){__VA_ARGS__},                       \
		sizeof((const int[]){__VA_ARGS__}) / sizeof(int))

#define CALL(type, failure, name, params, args, ...)                                               \
	type __real_##name params;                                                                 \
	type __wrap_##name params;                                                                 \
	type __wrap_##name params                                                                  \
	{                                                                                          \
		return FAILS(#name, __VA_ARGS__) ? failure : __real_##name args;                   \
	}

#define DO_CALL(type, failure, name, params, args, ...)                                            \
	type __real_##name params;                                                                 \
	type __wrap_##name params;                                                                 \
	type __wrap_##name params                                                                  \
	{                                                                                          \
		type result = __real_##name args;                                                  \
		return FAILS(#name, __VA_ARGS__) ? failure : result;                               \
	}

/* The mark of an error is a bit that glibc has no function to set. */
#define STREAM(type, failure, name, params, args)                                                  \
	type __real_##name params;                                                                 \
	type __wrap_##name params;                                                                 \
	type __wrap_##name params                                                                  \
	{                                                                                          \
		if (!FAILS(#name, ENOMEM))                                                         \
			return __real_##name args;                                                 \
		to->_flags |= 0x20;                                                                \
		return failure;                                                                    \
	}

#define VARIADIC(name)

#include "inject.h"

/* Those with any number of arguments; a few more than were given do no harm (System V ABI). */

int __wrap_asprintf(char **text, const char *format, ...);
int __wrap_asprintf(char **text, const char *format, ...)
{
	va_list list;
	int len;

	if (FAILS("asprintf", ENOMEM))
		return -1;
	va_start(list, format);
	len = vasprintf(text, format, list);
	va_end(list);
	return len;
}

int __wrap_fprintf(FILE *to, const char *format, ...);
int __wrap_fprintf(FILE *to, const char *format, ...)
{
	va_list list;
	int len;

	if (FAILS("fprintf", ENOMEM)) {
		to->_flags |= 0x20;
		return -1;
	}
	va_start(list, format);
	len = __real_vfprintf(to, format, list);
	va_end(list);
	return len;
}

int __real_clone(int (*function)(void *), void *stack, int flags, void *arg, ...);
int __wrap_clone(int (*function)(void *), void *stack, int flags, void *arg, void *ptid, void *tls,
	void *ctid);
int __wrap_clone(int (*function)(void *), void *stack, int flags, void *arg, void *ptid, void *tls,
	void *ctid)
{
	if (FAILS("clone", EAGAIN, ENOMEM))
		return -1;
	return __real_clone(function, stack, flags, arg, ptid, tls, ctid);
}

#define LONGS(type, name, first, ...)                                                              \
	type __real_##name(first one, ...);                                                        \
	type __wrap_##name(first one, long a, long b, long c, long d, long e, long f);             \
	type __wrap_##name(first one, long a, long b, long c, long d, long e, long f)              \
	{                                                                                          \
		return FAILS(#name, __VA_ARGS__) ? -1 : __real_##name(one, a, b, c, d, e, f);      \
	}

LONGS(int, fcntl, int, EMFILE, EPERM)
LONGS(int, ioctl, int, ENOTTY)
LONGS(int, open, const char *, EMFILE, EACCES, ENOMEM)
LONGS(int, openat, int, EMFILE, EACCES, ENOMEM)
LONGS(int, prctl, int, EINVAL, EPERM)

/* As close() does, that of the children and of helpers takes effect even so. */
long __real_syscall(long number, ...);
long __wrap_syscall(long number, long a, long b, long c, long d, long e, long f);
long __wrap_syscall(long number, long a, long b, long c, long d, long e, long f)
{
	bool meant = FAILS("syscall", EPERM, ENOSYS, ENOMEM);
	int err = errno;
	long result = -1;

	if (!meant || number == SYS_close)
		result = __real_syscall(number, a, b, c, d, e, f);
	if (!meant)
		return result;
	errno = err;
	return -1;
}
