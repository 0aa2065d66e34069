/* keep: linked into the programs of `make coverage`, so that their counters reach the files: of a
 * helper, which ends by _exit(2), of a daemon that another program takes the place of, by
 * execve(2), and of the worker, for which there are no files any more: it
 * does without its empty root and its filter of system calls. */
#include <seccomp.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <unistd.h>

void __gcov_dump(void);
void __gcov_reset(void);

pid_t __real_fork(void);
pid_t __wrap_fork(void);
__attribute__((noreturn)) void __real__exit(int status);
__attribute__((noreturn)) void __wrap__exit(int status);
int __real_execve(const char *path, char *const argv[], char *const envp[]);
int __wrap_execve(const char *path, char *const argv[], char *const envp[]);
int __wrap_chroot(const char *path);
int __wrap_seccomp_load(const scmp_filter_ctx filter);
int __real_setrlimit(__rlimit_resource_t what, const struct rlimit *limit);
int __wrap_setrlimit(__rlimit_resource_t what, const struct rlimit *limit);

static bool forked;

pid_t __wrap_fork(void)
{
	pid_t pid = __real_fork();

	forked |= pid == 0;
	return pid;
}

void __wrap__exit(int status)
{
	if (forked)
		__gcov_dump();
	__real__exit(status);
}

int __wrap_execve(const char *path, char *const argv[], char *const envp[])
{
	__gcov_dump();
	__gcov_reset();
	return __real_execve(path, argv, envp);
}

int __wrap_chroot(const char *path)
{
	(void)path;
	return 0;
}

int __wrap_seccomp_load(const scmp_filter_ctx filter)
{
	(void)filter;
	return 0;
}

/* Not for the size of files, which are the counters' too. */
int __wrap_setrlimit(__rlimit_resource_t what, const struct rlimit *limit)
{
	return what == RLIMIT_FSIZE ? 0 : __real_setrlimit(what, limit);
}
