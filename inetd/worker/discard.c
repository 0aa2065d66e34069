/* discard (RFC 863): what comes is thrown away. */
#include <errno.h>
#include <sys/socket.h>

#include "worker/scratch.h"
#include "worker/transfer.h"

static enum step discard_start(struct session *session, const struct worker_down *msg)
{
	(void)session;
	(void)msg;
	return STEP_INPUT;
}

static enum step discard_ready(struct session *session, uint32_t events)
{
	/* With MSG_TRUNC TCP does not even copy (tcp(7)). */
	ssize_t n = transfer_recv(session, scratch_use(), TRANSFER_READ, MSG_TRUNC);

	(void)events;
	return n > 0 || (n < 0 && errno == EAGAIN) ? STEP_INPUT : STEP_CLOSE;
}

const struct protocol discard_protocol = {
	.start = discard_start,
	.ready = discard_ready,
};
