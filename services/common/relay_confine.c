/* relay_confine: see relay_confine.h. */
#include "common/relay_confine.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/sanitized.h"

#ifdef SANITIZED /* which looks for leaks by calls of its own */
#define FILTERS false
#else
#define FILTERS true
#endif

/* The same on every architecture. */
#define CREATE_RULESET 444
#define RESTRICT_SELF  446
#define ALL            ((1 << 13) - 1) /* of the first version of landlock(7) */
#define REMOVE_DIR     (1 << 4)
#define REMOVE_FILE    (1 << 5)

static const int allowed[] = {
	SCMP_SYS(epoll_wait),
	SCMP_SYS(epoll_ctl),
	SCMP_SYS(accept4),
	SCMP_SYS(connect),
	SCMP_SYS(poll),
	SCMP_SYS(splice),
	SCMP_SYS(pipe2),
	SCMP_SYS(recvfrom),
	SCMP_SYS(recvmsg),
	SCMP_SYS(sendto),
	SCMP_SYS(sendmsg),
	SCMP_SYS(read),
	SCMP_SYS(write),
	SCMP_SYS(shutdown),
	SCMP_SYS(close),
	SCMP_SYS(getsockname),
	SCMP_SYS(getpeername),
	SCMP_SYS(wait4),
	SCMP_SYS(unlink),
	SCMP_SYS(rmdir),
	SCMP_SYS(exit_group),
	/* what the C library takes for some of these on other machines */
	SCMP_SYS(epoll_pwait),
	SCMP_SYS(ppoll),
	SCMP_SYS(ppoll_time64),
	SCMP_SYS(recv),
	SCMP_SYS(send),
	SCMP_SYS(writev),
	SCMP_SYS(unlinkat),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(clock_gettime64),
	/* malloc, the end, and a signal that stops and continues us */
	SCMP_SYS(brk),
	SCMP_SYS(munmap),
	SCMP_SYS(mremap),
	SCMP_SYS(madvise),
	SCMP_SYS(futex),
	SCMP_SYS(restart_syscall),
};

/* Those that may do some things only. */
static const struct {
	int call;
	unsigned count;
	struct scmp_arg_cmp args[2];
} limited[] = {
	{SCMP_SYS(socket), 1, {{0, SCMP_CMP_EQ, AF_INET, 0}}},
	{SCMP_SYS(socket), 1, {{0, SCMP_CMP_EQ, AF_UNIX, 0}}},
	{SCMP_SYS(setsockopt), 2,
		{{1, SCMP_CMP_EQ, SOL_SOCKET, 0}, {2, SCMP_CMP_EQ, SO_LINGER, 0}}},
	{SCMP_SYS(getsockopt), 2, {{1, SCMP_CMP_EQ, SOL_SOCKET, 0}, {2, SCMP_CMP_EQ, SO_ERROR, 0}}},
	{SCMP_SYS(fcntl), 1, {{1, SCMP_CMP_EQ, F_SETFL, 0}}},
	{SCMP_SYS(fcntl), 1, {{1, SCMP_CMP_EQ, F_SETPIPE_SZ, 0}}},
	{SCMP_SYS(fcntl64), 1, {{1, SCMP_CMP_EQ, F_SETFL, 0}}},
	{SCMP_SYS(fcntl64), 1, {{1, SCMP_CMP_EQ, F_SETPIPE_SZ, 0}}},
	{SCMP_SYS(mmap), 2,
		{{2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0},
			{3, SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, MAP_ANONYMOUS}}},
	{SCMP_SYS(mmap2), 2,
		{{2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0},
			{3, SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, MAP_ANONYMOUS}}},
};

static int add_rules(scmp_filter_ctx ctx, pid_t daemon)
{
	const struct scmp_arg_cmp whom = {0, SCMP_CMP_MASKED_EQ, UINT32_MAX, (scmp_datum_t)daemon};
	int err = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);

	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]) && !err; i++)
		err = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, allowed[i], 0);
	for (size_t i = 0; i < sizeof(limited) / sizeof(limited[0]) && !err; i++)
		err = seccomp_rule_add_array(
			ctx, SCMP_ACT_ALLOW, limited[i].call, limited[i].count, limited[i].args);
	if (!err)
		err = seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW, SCMP_SYS(kill), 1, &whom);
	return err;
}

static int load_filter(pid_t daemon)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int err;

	if (!ctx)
		return -ENOMEM;
	err = add_rules(ctx, daemon);
	if (!err)
		err = seccomp_load(ctx);
	seccomp_release(ctx);
	return err;
}

const char *relay_confine(pid_t daemon)
{
	const uint64_t rules = ALL & ~(REMOVE_DIR | REMOVE_FILE);
	int fd, err = 0;

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	prctl(PR_SET_DUMPABLE, 0);
	fd = (int)syscall(CREATE_RULESET, &rules, sizeof(rules), 0);
	if (fd >= 0) {
		syscall(RESTRICT_SELF, fd, 0);
		close(fd);
	}
	if (FILTERS)
		err = load_filter(daemon);
	errno = -err;
	return err ? "the filter of system calls cannot be loaded" : NULL;
}
