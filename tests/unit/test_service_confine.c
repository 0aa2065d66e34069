/* What a relay may do once it is confined: every system call that it does not need kills it. */
#include "unit.h"

#include <fcntl.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/relay_confine.h"

#define CALLS_MOST 480
/* Where it has another number its offset is in pages. */
#ifdef SYS_mmap2
#define MMAP SYS_mmap2
#else
#define MMAP SYS_mmap
#endif

/* Those that do something, by themselves or with some arguments. */
static const int known[] = {
#ifdef SYS_poll /* what not every machine has */
	SYS_epoll_wait, SYS_poll, SYS_unlink, SYS_rmdir, 335,
	336, /* uretprobe, uprobe: the kernel lets them pass any filter; not for programs */
#endif
#ifdef SYS_clock_gettime64 /* what those of 32 bits have besides */
	SYS_clock_gettime64, SYS_ppoll_time64,
#endif
	SYS_epoll_pwait, SYS_epoll_ctl, SYS_accept4, SYS_connect, SYS_ppoll, SYS_splice, SYS_pipe2,
	SYS_recvfrom, SYS_recvmsg, SYS_sendmsg, SYS_sendto, SYS_read, SYS_write, SYS_writev,
	SYS_shutdown, SYS_close, SYS_getsockname, SYS_getpeername, SYS_wait4, SYS_unlinkat,
	SYS_exit_group, SYS_clock_gettime, SYS_brk, SYS_munmap, SYS_mremap, SYS_madvise, SYS_futex,
	SYS_restart_syscall, SYS_rt_sigreturn};

static bool is_known(int number)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i] == number)
			return true;
	return false;
}

/* How a child ends that makes this call: a signal, or 0. */
static int signal_of(bool confined, long number, long one, long two, long three, long four)
{
	pid_t other = getppid(), pid = fork();
	int status;

	if (pid == 0) {
		signal(SIGSYS, SIG_DFL);
		alarm(5);
		if (confined && relay_confine(other))
			_exit(1);
		syscall(number, one, two, three, four, 0, 0);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

/* False under an emulator of programs, whose kernel has no filters. */
static bool has_filters(void)
{
	unsigned kills = SECCOMP_RET_KILL_PROCESS;

	return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &kills) == 0;
}

static void a_call_it_does_not_need_kills_it(void **state)
{
	(void)state;
#ifdef __SANITIZE_ADDRESS__
	unit_skip("there is no filter with a sanitizer");
#endif
	if (!has_filters())
		unit_skip("no filter of system calls can be had");
	assert_int_equal(signal_of(false, SYS_getpid, 0, 0, 0, 0), 0);
	for (int number = 0; number < CALLS_MOST; number++)
		if (!is_known(number) && signal_of(true, number, 0, 0, 0, 0) != SIGSYS)
			fail_msg("call %d does not kill it", number);
}

static void what_it_may_do_with_some_arguments_it_may_not_with_others(void **state)
{
	const long anonymous = MAP_PRIVATE | MAP_ANONYMOUS, other = getppid();
	const struct {
		long number, good[4], bad[4];
	} rows[] = {
		{SYS_socket, {AF_INET, SOCK_STREAM}, {AF_NETLINK, SOCK_RAW}},
		{SYS_socket, {AF_UNIX, SOCK_STREAM}, {AF_PACKET, SOCK_RAW}},
		{SYS_kill, {other, 0}, {1, 0}},
		{SYS_kill, {other, 0}, {-1, 0}},
		{SYS_setsockopt, {0, SOL_SOCKET, SO_LINGER}, {0, SOL_SOCKET, SO_BINDTODEVICE}},
		{SYS_getsockopt, {0, SOL_SOCKET, SO_ERROR}, {0, SOL_SOCKET, SO_PEERCRED}},
		{SYS_fcntl, {0, F_SETFL, O_NONBLOCK}, {0, F_SETOWN, 1}},
		{MMAP, {0, 4096, PROT_READ, anonymous}, {0, 4096, PROT_EXEC, anonymous}},
		{MMAP, {0, 4096, PROT_READ, anonymous}, {0, 4096, PROT_READ, MAP_PRIVATE}},
	};

	(void)state;
#ifdef __SANITIZE_ADDRESS__
	unit_skip("there is no filter with a sanitizer");
#endif
	if (!has_filters())
		unit_skip("no filter of system calls can be had");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const long *good = rows[i].good, *bad = rows[i].bad;

		assert_int_equal(
			signal_of(true, rows[i].number, good[0], good[1], good[2], good[3]), 0);
		assert_int_equal(
			signal_of(true, rows[i].number, bad[0], bad[1], bad[2], bad[3]), SIGSYS);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_it_does_not_need_kills_it),
		cmocka_unit_test(what_it_may_do_with_some_arguments_it_may_not_with_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
