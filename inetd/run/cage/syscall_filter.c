/* syscall_filter: see syscall_filter.h. The set "@default" has what ordinary programs need,
 * services in any language among them, and leaves out what changes the machine, looks into other
 * processes or opens parts of the kernel that are attacked most: mounts, modules, clocks, swap,
 * reboot, ptrace, bpf, perf, io_uring, key rings, userfaultfd, namespaces, raw port and obsolete
 * calls. A name that the library or this architecture does not have is passed over. */
#include "run/cage/syscall_filter.h"

#include <errno.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fdutil.h"

#define DEFAULT_SET "@default"
#define BINARY_TREE 2 /* of SCMP_FLTATR_CTL_OPTIMIZE: as few comparisons as can be */

static const char *const default_set[] = {"_llseek", "_newselect", "accept", "accept4", "access",
	"alarm", "arch_prctl", "arm_fadvise64_64", "arm_sync_file_range", "bind", "brk",
	"cacheflush", "capget", "capset", "chdir", "chmod", "chown", "chown32", "clock_getres",
	"clock_getres_time64", "clock_gettime", "clock_gettime64", "clock_nanosleep",
	"clock_nanosleep_time64", "close", "close_range", "connect", "copy_file_range", "creat",
	"dup", "dup2", "dup3", "epoll_create", "epoll_create1", "epoll_ctl", "epoll_ctl_old",
	"epoll_pwait", "epoll_pwait2", "epoll_wait", "epoll_wait_old", "eventfd", "eventfd2",
	"execve", "execveat", "exit", "exit_group", "faccessat", "faccessat2", "fadvise64",
	"fadvise64_64", "fallocate", "fchdir", "fchmod", "fchmodat", "fchmodat2", "fchown",
	"fchown32", "fchownat", "fcntl", "fcntl64", "fdatasync", "fgetxattr", "flistxattr", "flock",
	"fork", "fremovexattr", "fsetxattr", "fstat", "fstat64", "fstatat64", "fstatfs",
	"fstatfs64", "fsync", "ftruncate", "ftruncate64", "futex", "futex_requeue", "futex_time64",
	"futex_wait", "futex_waitv", "futex_wake", "futimesat", "get_robust_list",
	"get_thread_area", "getcpu", "getcwd", "getdents", "getdents64", "getegid", "getegid32",
	"geteuid", "geteuid32", "getgid", "getgid32", "getgroups", "getgroups32", "getitimer",
	"getpeername", "getpgid", "getpgrp", "getpid", "getppid", "getpriority", "getrandom",
	"getresgid", "getresgid32", "getresuid", "getresuid32", "getrlimit", "getrusage", "getsid",
	"getsockname", "getsockopt", "gettid", "gettimeofday", "getuid", "getuid32", "getxattr",
	"inotify_add_watch", "inotify_init", "inotify_init1", "inotify_rm_watch", "ioctl",
	"ioprio_get", "ioprio_set", "ipc", "kill", "landlock_add_rule", "landlock_create_ruleset",
	"landlock_restrict_self", "lchown", "lchown32", "lgetxattr", "link", "linkat", "listen",
	"listxattr", "llistxattr", "lremovexattr", "lseek", "lsetxattr", "lstat", "lstat64",
	"madvise", "membarrier", "memfd_create", "mincore", "mkdir", "mkdirat", "mknod", "mknodat",
	"mlock", "mlock2", "mlockall", "mmap", "mmap2", "mprotect", "mq_getsetattr", "mq_notify",
	"mq_open", "mq_timedreceive", "mq_timedreceive_time64", "mq_timedsend",
	"mq_timedsend_time64", "mq_unlink", "mremap", "mseal", "msgctl", "msgget", "msgrcv",
	"msgsnd", "msync", "munlock", "munlockall", "munmap", "nanosleep", "newfstatat", "oldfstat",
	"oldlstat", "oldolduname", "oldstat", "olduname", "open", "openat", "openat2", "pause",
	"pidfd_open", "pidfd_send_signal", "pipe", "pipe2", "poll", "ppoll", "ppoll_time64",
	"prctl", "pread64", "preadv", "preadv2", "prlimit64", "pselect6", "pselect6_time64",
	"pwrite64", "pwritev", "pwritev2", "read", "readahead", "readdir", "readlink", "readlinkat",
	"readv", "recv", "recvfrom", "recvmmsg", "recvmmsg_time64", "recvmsg", "remap_file_pages",
	"removexattr", "rename", "renameat", "renameat2", "restart_syscall", "riscv_flush_icache",
	"rmdir", "rseq", "rt_sigaction", "rt_sigpending", "rt_sigprocmask", "rt_sigqueueinfo",
	"rt_sigreturn", "rt_sigsuspend", "rt_sigtimedwait", "rt_sigtimedwait_time64",
	"rt_tgsigqueueinfo", "sched_get_priority_max", "sched_get_priority_min",
	"sched_getaffinity", "sched_getattr", "sched_getparam", "sched_getscheduler",
	"sched_rr_get_interval", "sched_rr_get_interval_time64", "sched_setaffinity",
	"sched_setattr", "sched_setparam", "sched_setscheduler", "sched_yield", "seccomp", "select",
	"semctl", "semget", "semop", "semtimedop", "semtimedop_time64", "send", "sendfile",
	"sendfile64", "sendmmsg", "sendmsg", "sendto", "set_robust_list", "set_thread_area",
	"set_tid_address", "set_tls", "setfsgid", "setfsgid32", "setfsuid", "setfsuid32", "setgid",
	"setgid32", "setgroups", "setgroups32", "setitimer", "setpgid", "setpriority", "setregid",
	"setregid32", "setresgid", "setresgid32", "setresuid", "setresuid32", "setreuid",
	"setreuid32", "setrlimit", "setsid", "setsockopt", "setuid", "setuid32", "setxattr",
	"shmat", "shmctl", "shmdt", "shmget", "shutdown", "sigaction", "sigaltstack", "signal",
	"signalfd", "signalfd4", "sigpending", "sigprocmask", "sigreturn", "sigsuspend",
	"socketcall", "socketpair", "splice", "stat", "stat64", "statfs", "statfs64", "statx",
	"swapcontext", "symlink", "symlinkat", "sync", "sync_file_range", "sync_file_range2",
	"syncfs", "sysinfo", "tee", "tgkill", "time", "timer_create", "timer_delete",
	"timer_getoverrun", "timer_gettime", "timer_gettime64", "timer_settime", "timer_settime64",
	"timerfd_create", "timerfd_gettime", "timerfd_gettime64", "timerfd_settime",
	"timerfd_settime64", "times", "tkill", "truncate", "truncate64", "ugetrlimit", "umask",
	"uname", "unlink", "unlinkat", "utime", "utimensat", "utimensat_time64", "utimes", "vfork",
	"vmsplice", "wait4", "waitid", "waitpid", "write", "writev", NULL};

/* What our child still has to do after it has entered the filter. */
static const char *const own_set[] = {"execve", "exit_group", NULL};

/* The families of sockets that "@default" allows: the others (netlink, packets, vsock, algorithms
 * of the kernel...) are not of a network namespace, or reach into the kernel itself. */
static const int families[] = {AF_UNIX, AF_INET, AF_INET6};

bool syscall_filter_is_wanted(const struct cage *cage)
{
	return cage->calls.on || cage->network == CAGE_NETWORK_NONE;
}

bool syscall_filter_knows(const char *word)
{
	return !strcmp(word, DEFAULT_SET) || seccomp_syscall_resolve_name(word) != __NR_SCMP_ERROR;
}

static int allow_all(scmp_filter_ctx ctx, const char *const *names)
{
	int err = 0;

	for (; *names && !err; names++) {
		int call = seccomp_syscall_resolve_name(*names);

		if (call != __NR_SCMP_ERROR)
			err = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, call, 0);
	}
	return err;
}

/* New namespaces by clone(2) are as forbidden as by unshare(2); clone3(2), whose flags a filter
 * cannot see, answers ENOSYS, so that libc takes clone(2). */
static int limit_clone(scmp_filter_ctx ctx)
{
	static const uint64_t namespaces[] = {0x00020000 /* NEWNS */, 0x02000000 /* NEWCGROUP */,
		0x04000000 /* NEWUTS */, 0x08000000 /* NEWIPC */, 0x10000000 /* NEWUSER */,
		0x20000000 /* NEWPID */, 0x40000000 /* NEWNET */};
	uint64_t all = 0;
	int err = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);

	if (err)
		return err;
	for (size_t i = 0; i < sizeof(namespaces) / sizeof(namespaces[0]); i++)
		all |= namespaces[i];
#if defined(__s390__)
	return seccomp_rule_add(
		ctx, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1, SCMP_A1(SCMP_CMP_MASKED_EQ, all, 0));
#else
	return seccomp_rule_add(
		ctx, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1, SCMP_A0(SCMP_CMP_MASKED_EQ, all, 0));
#endif
}

static int allow_families(scmp_filter_ctx ctx)
{
	int err = 0;

	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]) && !err; i++)
		err = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1,
			SCMP_A0(SCMP_CMP_EQ, (uint64_t)families[i], 0));
	return err;
}

static int allow_default(scmp_filter_ctx ctx, const struct cage *cage)
{
	int err = allow_all(ctx, default_set);

	if (!err)
		err = limit_clone(ctx);
	if (!err && cage->network != CAGE_NETWORK_NONE)
		err = allow_families(ctx);
	return err;
}

/* The words of the key; without any, the default set. */
static int allow_words(scmp_filter_ctx ctx, const struct cage *cage, const char **subject)
{
	static char *const standard[] = {(char *)DEFAULT_SET, NULL};
	char *const *words = cage->calls.names ? cage->calls.names : standard;
	int err = allow_all(ctx, own_set);

	for (; *words && !err; words++) {
		*subject = *words;
		if (!strcmp(*words, DEFAULT_SET))
			err = allow_default(ctx, cage);
		else
			err = seccomp_rule_add(
				ctx, SCMP_ACT_ALLOW, seccomp_syscall_resolve_name(*words), 0);
	}
	return err;
}

/* The library writes the program to a file. */
static int export_program(scmp_filter_ctx ctx, struct sock_fprog *program)
{
	int fd = memfd_create("inetd-filter", MFD_CLOEXEC), err = fd < 0 ? -errno : 0;
	off_t size;

	if (!err)
		err = seccomp_export_bpf(ctx, fd);
	size = err ? 0 : lseek(fd, 0, SEEK_END);
	program->len = (unsigned short)((size_t)size / sizeof(*program->filter));
	program->filter = err ? NULL : malloc((size_t)size);
	if (!err && (!program->filter || pread(fd, program->filter, (size_t)size, 0) != size))
		err = -ENOMEM;
	if (err) {
		free(program->filter);
		program->filter = NULL;
	}
	fd_close(&fd);
	return err;
}

int syscall_filter_make(const struct cage *cage, struct sock_fprog *program, const char **subject)
{
	/* Without a filter of its own, network = none refuses sockets and allows all else. */
	scmp_filter_ctx ctx = seccomp_init(cage->calls.on ? SCMP_ACT_ERRNO(EPERM) : SCMP_ACT_ALLOW);
	int err = ctx ? 0 : -ENOMEM;

	*subject = "seccomp";
	if (!err)
		err = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(EPERM));
	if (!err && cage->calls.on) /* older versions of the library do without */
		(void)seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, BINARY_TREE);
	if (!err && cage->calls.on)
		err = allow_words(ctx, cage, subject);
	else if (!err)
		err = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(socket), 0);
	if (!err)
		err = export_program(ctx, program);
	seccomp_release(ctx);
	errno = -err;
	return err ? -1 : 0;
}
