/* syscall_filter: see syscall_filter.h. The set "@default" has what ordinary programs need,
 * services in any language among them, and leaves out what changes the machine, looks into other
 * processes or opens parts of the kernel that are attacked most: mounts, modules, clocks, swap,
 * reboot, ptrace, bpf, perf, io_uring, key rings, userfaultfd, namespaces, raw port and obsolete
 * calls; and what lets programs of one user meet across cages, or leaves something behind them:
 * message queues, semaphores and shared memory of System V and POSIX, limits and priorities of
 * other processes. A name that the library or this architecture does not have is passed over. */
#include "run/cage/syscall_filter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>
#include <sys/socket.h>

#include "run/cage/filter_program.h"

#define DEFAULT_SET     "@default"
#define CALLS_MOST      1024    /* more than any machine has */
#define OF_ANOTHER_CALL (-1000) /* down to here the library's numbers of those */
#define ALLOW           SECCOMP_RET_ALLOW
#define REFUSE(err)     (SECCOMP_RET_ERRNO | (err))

static const char *const default_set[] = {"_llseek", "_newselect", "accept", "accept4", "access",
	"alarm", "arch_prctl", "arm_fadvise64_64", "arm_sync_file_range", "bind", "brk",
	"cacheflush", "capget", "capset", "chdir", "chmod", "chown", "chown32", "clock_getres",
	"clock_getres_time64", "clock_gettime", "clock_gettime64", "clock_nanosleep",
	"clock_nanosleep_time64", "close", "close_range", "connect", "copy_file_range", "creat",
	"dup", "dup2", "dup3", "epoll_create", "epoll_create1", "epoll_ctl", "epoll_ctl_old",
	"epoll_pwait", "epoll_pwait2", "epoll_wait", "epoll_wait_old", "eventfd", "eventfd2",
	"execve", "execveat", "exit", "exit_group", "faccessat", "faccessat2", "fadvise64",
	"fadvise64_64", "fallocate", "fchdir", "fchmod", "fchmodat", "fchmodat2", "fchown",
	"fchown32", "fchownat", "fdatasync", "fgetxattr", "flistxattr", "flock", "fork",
	"fremovexattr", "fsetxattr", "fstat", "fstat64", "fstatat64", "fstatfs", "fstatfs64",
	"fsync", "ftruncate", "ftruncate64", "futex", "futex_requeue", "futex_time64", "futex_wait",
	"futex_waitv", "futex_wake", "futimesat", "get_robust_list", "get_thread_area", "getcpu",
	"getcwd", "getdents", "getdents64", "getegid", "getegid32", "geteuid", "geteuid32",
	"getgid", "getgid32", "getgroups", "getgroups32", "getitimer", "getpeername", "getpgid",
	"getpgrp", "getpid", "getppid", "getpriority", "getrandom", "getresgid", "getresgid32",
	"getresuid", "getresuid32", "getrlimit", "getrusage", "getsid", "getsockname", "getsockopt",
	"gettid", "gettimeofday", "getuid", "getuid32", "getxattr", "inotify_add_watch",
	"inotify_init", "inotify_init1", "inotify_rm_watch", "ioctl", "ioprio_get", "kill",
	"landlock_add_rule", "landlock_create_ruleset", "landlock_restrict_self", "lchown",
	"lchown32", "lgetxattr", "link", "linkat", "listen", "listxattr", "llistxattr",
	"lremovexattr", "lseek", "lsetxattr", "lstat", "lstat64", "madvise", "membarrier",
	"memfd_create", "mincore", "mkdir", "mkdirat", "mknod", "mknodat", "mlock", "mlock2",
	"mlockall", "mmap", "mmap2", "mprotect", "mremap", "mseal", "msync", "munlock",
	"munlockall", "munmap", "nanosleep", "newfstatat", "oldfstat", "oldlstat", "oldolduname",
	"oldstat", "olduname", "open", "openat", "openat2", "pause", "pidfd_open",
	"pidfd_send_signal", "pipe", "pipe2", "poll", "ppoll", "ppoll_time64", "prctl", "pread64",
	"preadv", "preadv2", "pselect6", "pselect6_time64", "pwrite64", "pwritev", "pwritev2",
	"read", "readahead", "readdir", "readlink", "readlinkat", "readv", "recv", "recvfrom",
	"recvmmsg", "recvmmsg_time64", "recvmsg", "remap_file_pages", "removexattr", "rename",
	"renameat", "renameat2", "restart_syscall", "riscv_flush_icache", "rmdir", "rseq",
	"rt_sigaction", "rt_sigpending", "rt_sigprocmask", "rt_sigqueueinfo", "rt_sigreturn",
	"rt_sigsuspend", "rt_sigtimedwait", "rt_sigtimedwait_time64", "rt_tgsigqueueinfo",
	"sched_get_priority_max", "sched_get_priority_min", "sched_getaffinity", "sched_getattr",
	"sched_getparam", "sched_getscheduler", "sched_rr_get_interval",
	"sched_rr_get_interval_time64", "sched_yield", "seccomp", "select", "send", "sendfile",
	"sendfile64", "sendmmsg", "sendmsg", "sendto", "set_robust_list", "set_thread_area",
	"set_tid_address", "set_tls", "setfsgid", "setfsgid32", "setfsuid", "setfsuid32", "setgid",
	"setgid32", "setgroups", "setgroups32", "setitimer", "setpgid", "setregid", "setregid32",
	"setresgid", "setresgid32", "setresuid", "setresuid32", "setreuid", "setreuid32",
	"setrlimit", "setsid", "setsockopt", "setuid", "setuid32", "setxattr", "shutdown",
	"sigaction", "sigaltstack", "signal", "signalfd", "signalfd4", "sigpending", "sigprocmask",
	"sigreturn", "sigsuspend", "socketcall", "socketpair", "splice", "stat", "stat64", "statfs",
	"statfs64", "statx", "swapcontext", "symlink", "symlinkat", "sync", "sync_file_range",
	"sync_file_range2", "syncfs", "sysinfo", "tee", "tgkill", "time", "timer_create",
	"timer_delete", "timer_getoverrun", "timer_gettime", "timer_gettime64", "timer_settime",
	"timer_settime64", "timerfd_create", "timerfd_gettime", "timerfd_gettime64",
	"timerfd_settime", "timerfd_settime64", "times", "tkill", "truncate", "truncate64",
	"ugetrlimit", "umask", "uname", "unlink", "unlinkat", "utime", "utimensat",
	"utimensat_time64", "utimes", "vfork", "vmsplice", "wait4", "waitid", "waitpid", "write",
	"writev", NULL};

/* What our child still has to do after it has entered the filter. */
static const char *const own_set[] = {"execve", "exit_group", NULL};

/* The families of sockets that "@default" allows: the others (netlink, packets, vsock, algorithms
 * of the kernel...) are not of a network namespace, or reach into the kernel itself. */
static const uint32_t families[] = {AF_UNIX, AF_INET, AF_INET6};
static const struct filter_condition of_family = {0, UINT32_MAX, families, 3, REFUSE(EPERM), NULL};

/* New namespaces by clone(2) are as forbidden as by unshare(2). */
#define NAMESPACES                                                                                 \
	(0x00020000 /* NEWNS */ | 0x02000000 /* NEWCGROUP */ | 0x04000000 /* NEWUTS */ |           \
		0x08000000 /* NEWIPC */ | 0x10000000 /* NEWUSER */ | 0x20000000 /* NEWPID */ |     \
		0x40000000 /* NEWNET */)
#if defined(__s390__)
#define CLONE_FLAGS 1
#else
#define CLONE_FLAGS 0
#endif
static const uint32_t none[] = {0};
static const struct filter_condition no_namespace = {
	CLONE_FLAGS, NAMESPACES, none, 1, REFUSE(EPERM), NULL};

/* Limits, priorities and processors of another process of the same user would end or starve it. The
 * first argument, or the second, is whose: 0 is the caller. */
static const uint32_t a_process[] = {0 /* PRIO_PROCESS */}, an_io_process[] = {1 /* IOPRIO_WHO_ */};
static const struct filter_condition of_itself = {0, UINT32_MAX, none, 1, REFUSE(EPERM), NULL};
static const struct filter_condition second_is_self = {1, UINT32_MAX, none, 1, REFUSE(EPERM), NULL};
static const struct filter_condition priority_of_itself = {
	0, UINT32_MAX, a_process, 1, REFUSE(EPERM), &second_is_self};
static const struct filter_condition io_priority_of_itself = {
	0, UINT32_MAX, an_io_process, 1, REFUSE(EPERM), &second_is_self};
static const struct {
	const char *name;
	const struct filter_condition *condition;
} of_itself_alone[] = {{"prlimit64", &of_itself}, {"sched_setaffinity", &of_itself},
	{"sched_setattr", &of_itself}, {"sched_setparam", &of_itself},
	{"sched_setscheduler", &of_itself}, {"setpriority", &priority_of_itself},
	{"ioprio_set", &io_priority_of_itself}};

/* With a lease the owner of a file, which root is of the system's, has whoever opens it wait. */
static const uint32_t to_lease[] = {F_SETLEASE};
static const struct filter_condition takes_lease = {1, UINT32_MAX, to_lease, 1, ALLOW, NULL};

/* Where calls on sockets are made by socketcall(2), which says what for in its first argument. */
static const uint32_t to_connect_or_make[] = {3 /* SYS_CONNECT */, 1 /* SYS_SOCKET */};
static const struct filter_condition connects = {0, UINT32_MAX, to_connect_or_make, 1, ALLOW, NULL};
static const struct filter_condition connects_or_makes = {
	0, UINT32_MAX, to_connect_or_make, 2, ALLOW, NULL};

/* Opening cuts a file without a right to write to it, for landlock(7) before its version 3, where
 * O_TRUNC stands beside neither of these. */
#define ACCESS         (O_WRONLY | O_RDWR) /* O_ACCMODE has more bits with musl */
#define TO_OPEN_OR_CUT (ACCESS | O_TRUNC)
static const uint32_t opens[] = {
	O_RDONLY, O_WRONLY, O_RDWR, ACCESS, O_WRONLY | O_TRUNC, O_RDWR | O_TRUNC};
static const struct filter_condition second_opens = {
	1, TO_OPEN_OR_CUT, opens, 6, REFUSE(EACCES), NULL};
static const struct filter_condition third_opens = {
	2, TO_OPEN_OR_CUT, opens, 6, REFUSE(EACCES), NULL};
static const struct {
	const char *name;
	uint32_t answer;
	const struct filter_condition *condition;
} cutting[] = {{"truncate", REFUSE(EACCES), NULL}, {"truncate64", REFUSE(EACCES), NULL},
	{"open", ALLOW, &second_opens}, {"openat", ALLOW, &third_opens},
	{"open_by_handle_at", ALLOW, &third_opens},
	/* Their flags cannot be seen; who asks for the first has to do without it anyway. */
	{"openat2", REFUSE(ENOSYS), NULL}, {"io_uring_setup", REFUSE(EPERM), NULL}};

struct rules {
	struct filter_rule list[CALLS_MOST];
	size_t count;
};

bool syscall_filter_is_wanted(const struct cage *cage)
{
	return cage->calls.on || cage->calls.keeps_peer || cage->calls.keeps_length;
}

bool syscall_filter_knows(const char *word)
{
	return !strcmp(word, DEFAULT_SET) || seccomp_syscall_resolve_name(word) != __NR_SCMP_ERROR;
}

/* Below 0: this machine has no such call. For what goes through socketcall(2), which is allowed as
 * such, the library has numbers of its own that a filter cannot see; newer kernels have calls of
 * these names too. */
static int number_of(const char *name)
{
	int call = seccomp_syscall_resolve_name(name);
	bool found = call < OF_ANOTHER_CALL || call >= __NR_SCMP_ERROR;

	for (int i = 0; !found && i < CALLS_MOST; i++) {
		char *other = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, i);

		found = other && !strcmp(other, name);
		call = found ? i : call;
		free(other);
	}
	return call;
}

/* In place of what was set before. */
static void set(struct rules *rules, const char *name, uint32_t answer,
	const struct filter_condition *condition)
{
	int call = number_of(name);
	size_t i = 0;

	while (i < rules->count && rules->list[i].call != (uint32_t)call)
		i++;
	if (call < 0 || i >= CALLS_MOST)
		return;
	rules->list[i] = (struct filter_rule){(uint32_t)call, answer, condition};
	rules->count = MAX(rules->count, i + 1);
}

static bool is_allowed(const struct rules *rules, const char *name)
{
	int call = number_of(name);

	for (size_t i = 0; i < rules->count; i++)
		if (rules->list[i].call == (uint32_t)call)
			return rules->list[i].answer == ALLOW;
	return false;
}

static void allow_all(struct rules *rules, const char *const *names)
{
	for (; *names; names++)
		set(rules, *names, ALLOW, NULL);
}

/* As network = none and connection have it. A connection is a socket of the machine's network,
 * whatever namespace its program is in: connect(2) would part it from its client and lead it to
 * anybody else. */
static void close_network(struct rules *rules, const struct cage *cage)
{
	bool makes_none = cage->network == CAGE_NETWORK_NONE;

	if (!cage->calls.keeps_peer)
		return;
	set(rules, "connect", REFUSE(ENETUNREACH), NULL);
	set(rules, "socketcall", REFUSE(makes_none ? EACCES : ENETUNREACH),
		makes_none ? &connects_or_makes : &connects);
	if (makes_none)
		set(rules, "socket", REFUSE(EACCES), NULL);
}

/* Nothing is allowed by it that was not. */
static void keep_length(struct rules *rules, const struct cage *cage)
{
	if (!cage->calls.keeps_length)
		return;
	for (size_t i = 0; i < sizeof(cutting) / sizeof(cutting[0]); i++)
		if (!cage->calls.on || is_allowed(rules, cutting[i].name))
			set(rules, cutting[i].name, cutting[i].answer, cutting[i].condition);
}

/* clone3(2), whose flags a filter cannot see, answers ENOSYS, so that libc takes clone(2). */
static void allow_default(struct rules *rules, const struct cage *cage)
{
	allow_all(rules, default_set);
	set(rules, "clone", ALLOW, &no_namespace);
	set(rules, "clone3", REFUSE(ENOSYS), NULL);
	set(rules, "socket", ALLOW, &of_family);
	set(rules, "fcntl", REFUSE(EPERM), &takes_lease);
	set(rules, "fcntl64", REFUSE(EPERM), &takes_lease);
	for (size_t i = 0; i < sizeof(of_itself_alone) / sizeof(of_itself_alone[0]); i++)
		set(rules, of_itself_alone[i].name, ALLOW, of_itself_alone[i].condition);
	close_network(rules, cage);
}

/* The words of the key; without any, the default set. What is named holds, whatever the set says.
 */
static void allow_words(struct rules *rules, const struct cage *cage)
{
	static char *const standard[] = {(char *)DEFAULT_SET, NULL};
	char *const *words = cage->calls.names ? cage->calls.names : standard;

	for (char *const *word = words; *word; word++)
		if (!strcmp(*word, DEFAULT_SET))
			allow_default(rules, cage);
	for (char *const *word = words; *word; word++)
		set(rules, *word, ALLOW, NULL);
	allow_all(rules, own_set);
}

int syscall_filter_make(const struct cage *cage, struct sock_fprog *program, const char **subject)
{
	struct rules *rules = calloc(1, sizeof(*rules));
	int result;

	*subject = "seccomp";
	if (!rules)
		return -1;
	if (cage->calls.on)
		allow_words(rules, cage);
	else
		close_network(rules, cage);
	keep_length(rules, cage);
	result = filter_program_make(rules->list, rules->count,
		cage->calls.on ? REFUSE(EPERM) : ALLOW, seccomp_arch_native(), program);
	free(rules);
	return result;
}
