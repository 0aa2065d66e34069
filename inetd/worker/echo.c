/* echo (RFC 862): what comes goes back. After the client's end everything it sent has been sent
 * back, then comes ours. */
#include <errno.h>
#include <sys/socket.h>

#include "worker/scratch.h"
#include "worker/session.h"

static enum step echo_start(struct session *session, const struct worker_down *msg)
{
	(void)session;
	(void)msg;
	return STEP_INPUT;
}

static enum step echo_ready(struct session *session, uint32_t events)
{
	char *data = scratch_use();
	ssize_t n = session_recv(session, data, session_room(), 0);

	(void)events;
	if (n < 0 && errno == EAGAIN)
		return STEP_INPUT;
	if (n <= 0 || session_send(session, data, (size_t)n) < 0)
		return STEP_CLOSE;
	return STEP_INPUT;
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
