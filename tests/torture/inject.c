/* inject: linked into an inetd and an inetd-worker (--wrap of ld(1)); makes the N-th call at some
 * places of the source, of those that can fail (inject.h), fail, and notes which calls there were.
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
#include <unwind.h>

#define CALLS_MOST  (1 << 19)
#define FAULTS_MOST 8

typedef __rlimit_resource_t rlimit_resource_t;

/* torture/daemon.py has the same layout. */
struct fault {
	uint32_t place;           /* where the call is that fails: a caller (see trace); 0: none */
	uint32_t path;            /* how it was come to; 0: however */
	uint32_t at;              /* which of those there, from 1 on */
	uint32_t times;           /* how many fail from that one on, wherever they are */
	uint32_t round;           /* which of their error numbers */
	_Atomic uint32_t there;   /* calls so far at that place */
	_Atomic uint32_t failing; /* the number of the first that fails, when it has come */
	_Atomic uint32_t failed;
};

struct sheet {
	struct fault faults[FAULTS_MOST];
	_Atomic uint32_t calls; /* so far */
	struct {
		uint32_t caller; /* offset in the program */
		uint32_t from;   /* the caller of the function that it is in */
		uint32_t path;   /* which callers that one has had: a hash, not 0 */
		char name[20];
	} trace[CALLS_MOST];
};

extern const char __executable_start[], etext[];

static struct sheet *sheet;

__attribute__((constructor)) static void map_sheet(void)
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
	at = mmap(NULL, sizeof(*sheet), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (at != MAP_FAILED)
		sheet = at;
}

static uint32_t offset_of(const void *at)
{
	return (uint32_t)((const char *)at - __executable_start);
}

struct way {
	uint32_t caller, from, path;
	uint32_t last; /* the frame before */
};

/* Of those in the program: libraries are somewhere else each time. */
static _Unwind_Reason_Code add_frame(struct _Unwind_Context *frame, void *arg)
{
	const char *at = (const char *)_Unwind_GetIP(frame); // NOLINT(performance-no-int-to-ptr)
	struct way *way = arg;

	if (at < __executable_start || at >= etext)
		return _URC_NO_REASON;
	if (way->last == way->caller)
		way->from = offset_of(at);
	way->last = offset_of(at);
	way->path = (way->path ^ way->last) * 16777619u;
	return _URC_NO_REASON;
}

static struct way way_to(uint32_t caller)
{
	struct way way = {.caller = caller, .path = 2166136261u};

	_Unwind_Backtrace(add_frame, &way);
	way.path += !way.path;
	return way;
}

/* True if the fault makes the call of this number fail. */
static bool is_meant(struct fault *fault, uint32_t number, const struct way *way)
{
	if (way->caller == fault->place && (!fault->path || way->path == fault->path) &&
		atomic_fetch_add(&fault->there, 1) + 1 == fault->at)
		atomic_store(&fault->failing, number);
	return fault->failing && number >= fault->failing && number - fault->failing < fault->times;
}

/* The fault that makes it fail, or NULL. Each counts what is at its place. */
static struct fault *meant(uint32_t number, const struct way *way)
{
	struct fault *found = NULL;

	for (struct fault *fault = sheet->faults;
		fault < sheet->faults + FAULTS_MOST && fault->place; fault++)
		if (is_meant(fault, number, way))
			found = fault;
	return found;
}

/* Counts the call; true, with errno, if it is to fail. */
static bool fails(const char *name, const void *at, const int *errors, size_t count)
{
	struct fault *fault;
	struct way way;
	uint32_t number;

	if (!sheet)
		return false;
	way = way_to(offset_of(at));
	number = atomic_fetch_add(&sheet->calls, 1) + 1;
	if (number <= CALLS_MOST) {
		sheet->trace[number - 1].caller = way.caller;
		sheet->trace[number - 1].from = way.from;
		sheet->trace[number - 1].path = way.path;
		strlcpy(sheet->trace[number - 1].name, name, sizeof(sheet->trace[0].name));
	}
	fault = meant(number, &way);
	if (!fault)
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

/* What has been written from where to streams that are open: of the calls of one place to one
 * stream the first counts for all. What fails marks the stream, and the mark is looked at when the
 * text is whole, so that it is the same whichever of them has failed. */
static struct {
	const FILE *to;
	const void *from;
} written[128];

static bool wrote_before(const FILE *to, const void *from)
{
	size_t i = 0;

	while (i < sizeof(written) / sizeof(*written) && written[i].to) {
		if (written[i].to == to && written[i].from == from)
			return true;
		i++;
	}
	if (i < sizeof(written) / sizeof(*written)) {
		written[i].to = to;
		written[i].from = from;
	}
	return false;
}

static void forget_written(const FILE *to)
{
	size_t kept = 0;

	for (size_t i = 0; i < sizeof(written) / sizeof(*written); i++)
		if (written[i].to && written[i].to != to)
			written[kept++] = written[i];
	while (kept < sizeof(written) / sizeof(*written))
		written[kept++].to = NULL;
}

/* The mark of an error is a bit that glibc has no function to set. */
#define WRITE_FAILS(name, to)                                                                      \
	(!wrote_before(to, __builtin_return_address(0)) && FAILS(name, ENOMEM) &&                  \
		((to)->_flags |= 0x20))

#define STREAM(type, failure, name, params, args)                                                  \
	type __real_##name params;                                                                 \
	type __wrap_##name params;                                                                 \
	type __wrap_##name params                                                                  \
	{                                                                                          \
		return WRITE_FAILS(#name, to) ? failure : __real_##name args;                      \
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

	if (WRITE_FAILS("fprintf", to))
		return -1;
	va_start(list, format);
	len = __real_vfprintf(to, format, list);
	va_end(list);
	return len;
}

int __real_fclose(FILE *file);
int __wrap_fclose(FILE *file);
int __wrap_fclose(FILE *file)
{
	int result;

	forget_written(file);
	result = __real_fclose(file);
	return FAILS("fclose", ENOMEM, EIO) ? EOF : result;
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

/* A descriptor that is watched can always be taken out: no memory is needed for it. */
int __real_epoll_ctl(int fd, int op, int of, struct epoll_event *event);
int __wrap_epoll_ctl(int fd, int op, int of, struct epoll_event *event);
int __wrap_epoll_ctl(int fd, int op, int of, struct epoll_event *event)
{
	bool meant = FAILS("epoll_ctl", ENOMEM, ENOSPC);
	int err = errno;
	int result = -1;

	if (!meant || op == EPOLL_CTL_DEL)
		result = __real_epoll_ctl(fd, op, of, event);
	if (!meant)
		return result;
	errno = err;
	return -1;
}

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
