/* helper: see helper.h. */
#include "run/process/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/container_of.h"
#include "base/fdutil.h"
#include "base/log.h"

static pid_t daemon_pid;

pid_t helper_daemon(void)
{
	return daemon_pid;
}

__attribute__((noreturn)) static void helper_main(
	void (*work)(const void *arg, int out), const void *arg, int out, unsigned limit_s)
{
	sigset_t none;
	int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	prctl(PR_SET_NAME, "inetd-helper");
	log_close();
	log_gather(false);
	/* Who has started the daemon may wait until nobody has these any more. Helpers with a pipe
	 * log nothing. */
	for (int fd = 0; null_fd >= 0 && fd <= STDERR_FILENO; fd++)
		if (fd < STDERR_FILENO || out >= 0 || !log_is_stderr())
			dup2(null_fd, fd);
	if (out >= 0 && out != STDERR_FILENO + 1) {
		if (dup2(out, STDERR_FILENO + 1) < 0)
			_exit(1);
		out = STDERR_FILENO + 1;
	}
	signal(SIGHUP, SIG_IGN); /* what was sent to "inetd" before we had our own name */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	alarm(limit_s); /* also for the closing: of some sockets that takes time */
	closefrom(out >= 0 ? out + 1 : STDERR_FILENO + 1);
	work(arg, out);
	_exit(0);
}

int helper_start(struct child *child, void (*work)(const void *arg, int out), const void *arg,
	bool want_pipe, unsigned limit_s)
{
	int ends[2] = {-1, -1};
	int saved;

	if (want_pipe && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return -1;
	daemon_pid = getpid();
	child->pid = fork();
	if (child->pid == 0)
		helper_main(work, arg, ends[1], limit_s);
	saved = errno;
	fd_close(&ends[1]);
	if (child->pid < 0) {
		fd_close(&ends[0]);
		errno = saved;
		return -1;
	}
	child_add(child);
	if (!want_pipe)
		return 0;
	fd_set_nonblock(ends[0], true);
	return fd_raise(ends[0]);
}

struct helper {
	struct child child;
	void (*ended)(void);
};

static void helper_ended(struct child *child, int status, const struct rusage *usage)
{
	struct helper *helper = container_of(child, struct helper, child);
	void (*ended)(void) = helper->ended;

	(void)status;
	(void)usage;
	free(helper);
	if (ended)
		ended();
}

int helper_run(const struct helper_job *job)
{
	struct helper *helper = calloc(1, sizeof(*helper));
	int link;

	if (!helper)
		return -1;
	helper->child.ended = helper_ended;
	helper->ended = job->ended;
	link = helper_start(&helper->child, job->work, job->arg, job->want_pipe, job->limit_s);
	if (link < 0)
		free(helper);
	return link;
}

/* --- helpers that are waited for, a moment --- */

#define CALLS_MOST   8
#define CALL_MOST_MS 500 /* while it has had no processor */
#define TURN_MS      10
#define CALL_LIMIT_S 10
#define RESULT_BYTES 1024

struct call {
	void (*work)(const void *arg, int fd, void *result);
	const void *arg;
	size_t size;
	bool has_fd;
};

static unsigned calls;

static void call_ended(void)
{
	calls--;
}

static void call_main(const void *arg, int link)
{
	const struct call *call = arg;
	char result[RESULT_BYTES] = {0}, byte;
	int fd = -1;

	if (call->has_fd) {
		struct pollfd pollfd = {.fd = link, .events = POLLIN};

		if (poll(&pollfd, 1, -1) != 1 || fd_recv(link, &byte, 1, &fd) != 1 || fd < 0)
			_exit(1);
	}
	call->work(call->arg, fd, result);
	if (write(link, result, call->size) < 0)
		_exit(1);
}

/* True if it would go on if it only got a processor: it does not sleep for somebody. */
static bool is_runnable(pid_t pid)
{
	char path[32], line[64], state = 0;
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	len = fd < 0 ? -1 : read(fd, line, sizeof(line) - 1);
	fd_close(&fd);
	line[len > 0 ? len : 0] = 0;
	return sscanf(line, "%*d (%*[^)]) %c", &state) == 1 && state == 'R';
}

int helper_await(pid_t pid, int link, int limit_ms, void *result, size_t size)
{
	struct pollfd pollfd = {.fd = link, .events = POLLIN};
	int found = poll(&pollfd, 1, limit_ms);
	ssize_t len;

	for (int ms = limit_ms; !found && ms < CALL_MOST_MS && is_runnable(pid); ms += TURN_MS)
		found = poll(&pollfd, 1, TURN_MS);
	if (!found)
		errno = ETIMEDOUT;
	len = found == 1 ? recv(link, result, size, MSG_DONTWAIT) : -1;
	if (len >= 0 && (size_t)len != size)
		errno = ECHILD;
	return len == (ssize_t)size ? 0 : -1;
}

int helper_call(void (*work)(const void *arg, int fd, void *result), const void *arg, int fd,
	void *result, size_t size)
{
	const struct call call = {work, arg, size, fd >= 0};
	struct helper *helper;
	int link, answer;

	if (calls >= CALLS_MOST || size > RESULT_BYTES) {
		errno = EAGAIN;
		return -1;
	}
	helper = calloc(1, sizeof(*helper));
	if (!helper)
		return -1;
	helper->child.ended = helper_ended;
	helper->ended = call_ended;
	link = helper_start(&helper->child, call_main, &call, true, CALL_LIMIT_S);
	if (link < 0) {
		free(helper);
		return -1;
	}
	calls++;
	if (fd >= 0)
		fd_send(link, "", 1, fd);
	answer = helper_await(helper->child.pid, link, HELPER_CALL_MS, result, size);
	fd_close(&link);
	return answer;
}
