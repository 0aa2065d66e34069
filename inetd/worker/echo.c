/* echo (RFC 862): what comes goes back. After the client's end everything it sent has been sent
 * back, then comes ours. Stream bytes stay in the kernel: they go through a pipe, one for all, that
 * is empty between two callbacks. What a client does not take at once is copied out of it. */
#include <errno.h>
#include <fcntl.h>
#include <sys/param.h>
#include <unistd.h>

#include "worker/scratch.h"
#include "worker/transfer.h"

#define PIPE_BYTES (1 << 20)

static int pipe_fds[2] = {-1, -1};
static bool pipe_usable;

int echo_open(void)
{
	if (pipe2(pipe_fds, O_CLOEXEC | O_NONBLOCK) < 0)
		return -1;
	/* A smaller one works too: (pipe(7), pipe-user-pages-soft). */
	fcntl(pipe_fds[1], F_SETPIPE_SZ, PIPE_BYTES);
	pipe_usable = true;
	return 0;
}

static enum step echo_start(struct session *session, const struct worker_down *msg)
{
	(void)session;
	(void)msg;
	return STEP_INPUT;
}

/* For sockets that splice(2) cannot read. */
static enum step echo_copy(struct session *session)
{
	char *data = scratch_use();
	ssize_t n = transfer_recv(session, data, transfer_room(), 0);

	if (n < 0 && errno == EAGAIN)
		return STEP_INPUT;
	if (n <= 0 || transfer_send(session, data, (size_t)n) < 0)
		return STEP_CLOSE;
	return STEP_INPUT;
}

/* Empties the pipe in any case: the next bytes in it are another client's. */
static enum step echo_rest(struct session *session, size_t len)
{
	char *data = scratch_use();
	size_t got = 0;
	ssize_t n;

	while (got < len && (n = read(pipe_fds[0], data + got, len - got)) > 0)
		got += (size_t)n;
	if (got < len)
		pipe_usable = false;
	return got < len || transfer_send(session, data, len) < 0 ? STEP_CLOSE : STEP_INPUT;
}

static enum step echo_ready(struct session *session, uint32_t events)
{
	int fd = session->watch.fd;
	ssize_t n, back;

	(void)events;
	if (session->copies || !pipe_usable)
		return echo_copy(session);
	n = splice(fd, NULL, pipe_fds[1], NULL, transfer_room(), SPLICE_F_NONBLOCK);
	if (n < 0 && errno == EAGAIN)
		return STEP_INPUT;
	if (n < 0 && (errno == EINVAL || errno == ENOSYS || errno == EPERM)) {
		session->copies = true;
		return echo_copy(session);
	}
	if (n <= 0)
		return STEP_CLOSE;
	transfer_moved(session);
	back = splice(pipe_fds[0], NULL, fd, NULL, (size_t)n, SPLICE_F_NONBLOCK);
	return back == n ? STEP_INPUT : echo_rest(session, (size_t)(n - MAX(back, 0)));
}

static size_t echo_answer(char *data, size_t len)
{
	(void)data;
	return len;
}

const struct protocol echo_protocol = {
	.start = echo_start,
	.ready = echo_ready,
	.answer = echo_answer,
};
