/* send_text: one text from the supervisor, as a refusal with words is; the client may be sending.
 */
#include "base/sockopt.h"
#include "worker/transfer.h"

static enum step send_text_start(struct session *session, const struct worker_down *msg)
{
	const struct linger none = {0};

	/* A program may have set that the last close waits. */
	sockopt_set(session->watch.fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
	session->patient = true;
	session->idle_ms = 0;
	return transfer_send(session, msg->text, strlen(msg->text)) < 0 ? STEP_CLOSE : STEP_FINISH;
}

const struct protocol send_text_protocol = {
	.start = send_text_start,
};
