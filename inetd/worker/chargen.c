/* chargen (RFC 864): lines of 72 printable characters, each beginning one character later in the
 * order of ASCII than the one before, CRLF at the end; over a connection without end. */
#include <errno.h>
#include <sys/param.h>
#include <sys/socket.h>

#include "worker/transfer.h"

#define CHARS   95 /* ' ' to '~' */
#define LINE    74 /* with CRLF */
#define PATTERN (CHARS * LINE)
#define REPEATS 16 /* patterns in one write */

static char pattern[PATTERN];
static unsigned next_line; /* of the next datagram */

void chargen_open(void)
{
	char *at = pattern;

	for (int line = 0; line < CHARS; line++) {
		for (int i = 0; i < LINE - 2; i++)
			*at++ = (char)(' ' + (line + i) % CHARS);
		*at++ = '\r';
		*at++ = '\n';
	}
}

static enum step chargen_ready(struct session *session, uint32_t events)
{
	struct iovec iov[REPEATS];
	ssize_t n;

	(void)events;
	for (int i = 0; i < REPEATS; i++)
		iov[i] = (struct iovec){pattern, PATTERN};
	iov[0].iov_base = pattern + session->position;
	iov[0].iov_len -= session->position;
	n = transfer_sendv(session, iov, REPEATS);
	if (n < 0)
		return STEP_CLOSE;
	session->position = (uint16_t)((session->position + (size_t)n) % PATTERN);
	return STEP_OUTPUT;
}

static enum step chargen_start(struct session *session, const struct worker_down *msg)
{
	(void)msg;
	return chargen_ready(session, 0);
}

static size_t chargen_answer(char *data, size_t len)
{
	size_t n = MIN(len, LINE);

	memcpy(data, pattern + (size_t)next_line * LINE, n);
	next_line = (next_line + 1) % CHARS;
	return n;
}

const struct protocol chargen_protocol = {
	.start = chargen_start,
	.ready = chargen_ready,
	.answer = chargen_answer,
};
