/* tcpmux (RFC 1078): one line names the service. The line is looked at in the kernel's buffer and
 * then read to the byte: what follows it belongs to the program that the supervisor starts. */
#include <errno.h>
#include <sys/epoll.h>
#include <sys/param.h>
#include <sys/socket.h>

#include "base/log.h"
#include "worker/link.h"
#include "worker/muxline.h"
#include "worker/muxnames.h"
#include "worker/transfer.h"

#define LIMIT_MS 10000

static struct muxnames names, coming;

int tcpmux_names(const char *text, bool anew)
{
	if (anew)
		muxnames_free(&coming);
	if (!*text) {
		muxnames_sort(&coming);
		muxnames_free(&names);
		names = coming;
		coming = (struct muxnames){0};
	}
	for (size_t len; *text; text += len + (text[len] == '\n')) {
		len = strcspn(text, "\n");
		if (len && muxnames_add(&coming, text, len) < 0)
			return -1;
	}
	return 0;
}

static enum step tcpmux_say(struct session *session, const char *text, size_t len)
{
	if (len && transfer_send(session, text, len) < 0)
		return STEP_CLOSE;
	return STEP_FINISH;
}

static enum step tcpmux_refuse(struct session *session, const char *text)
{
	return tcpmux_say(session, text, strlen(text));
}

static enum step tcpmux_start(struct session *session, const struct worker_down *msg)
{
	uint64_t end_ms = loop_now_ms() + LIMIT_MS;

	(void)msg;
	session->patient = true;
	session->idle_ms = 0;
	session->end_ms = session->end_ms ? MIN(session->end_ms, end_ms) : end_ms;
	return STEP_NEWS;
}

/* Best effort: what does not fit into the link is not logged. */
static void note_unknown(const struct session *session, const char *line, size_t len)
{
	struct worker_up note = {
		.verb = WORKER_NOTE, .id = session->id, .note = NOTE_UNKNOWN, .count = 1};

	memcpy(note.text, line, MIN(len, sizeof(note.text) - 1));
	log_mask(note.text);
	link_note(&note);
}

static enum step tcpmux_serve(struct session *session, const char *line, size_t len)
{
	struct worker_up up = {.verb = WORKER_WANTS, .id = session->id};

	if (muxline_is_help(line, len))
		return tcpmux_say(session, names.text, names.len);
	if (!muxnames_find(&names, line, len, up.text)) {
		note_unknown(session, line, len);
		return tcpmux_refuse(session, "-Service not available\r\n");
	}
	if (link_answer(&up) < 0)
		return tcpmux_refuse(session, "-Out of memory, try again\r\n");
	return STEP_LEAVE;
}

static enum step tcpmux_ready(struct session *session, uint32_t events)
{
	char line[MUXLINE_MAX + 2];
	ssize_t n = transfer_recv(session, line, sizeof(line), MSG_PEEK);
	size_t len, all;

	if (n < 0 && errno == EAGAIN)
		return STEP_NEWS;
	if (n <= 0)
		return STEP_CLOSE;
	switch (muxline_scan(line, (size_t)n, &len, &all)) {
	case MUXLINE_PART:
		/* After the client's end no more can come. */
		return events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR) ? STEP_FINISH : STEP_NEWS;
	case MUXLINE_LONG:
		return tcpmux_refuse(session, "-Line too long\r\n");
	case MUXLINE_WHOLE:
		break;
	}
	if (transfer_recv(session, line, all, 0) != (ssize_t)all)
		return STEP_CLOSE;
	return tcpmux_serve(session, line, len);
}

const struct protocol tcpmux_protocol = {
	.start = tcpmux_start,
	.ready = tcpmux_ready,
};
