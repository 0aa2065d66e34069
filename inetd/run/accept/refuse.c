/* refuse: see refuse.h. */
#include "run/accept/refuse.h"

#include <string.h>
#include <sys/socket.h>

#include "base/log.h"
#include "run/accept/client_name.h"
#include "run/accept/delayed_close.h"
#include "run/process/closer.h"
#include "run/service/kept.h"
#include "run/worker/worker_serve.h"

/* True for a limit that nobody has set. */
static bool is_default(const struct limits *limits, enum verdict verdict)
{
	return (verdict == ADMIT_SOURCE_FULL && limits->per_source_default) ||
	       (verdict == ADMIT_FULL && limits->instances_default);
}

/* The client's host, where access asks for it; NULL: it does not. */
static const char *host_of(const struct service_state *state, const struct sockaddr_len *peer)
{
	const struct access *access = &state->service->policy->access;

	if (!access->only_from.names && !access->no_access.names)
		return NULL;
	return client_name_known(peer);
}

static void log_why(struct service_state *state, enum verdict verdict,
	const struct sockaddr_len *peer, const char *why)
{
	/* An ignored source may come a million times, and must not hide what others do. */
	enum log_subject subject = verdict == ADMIT_IGNORED ? LOG_IGNORED : LOG_REFUSED;
	const char *name = state->service->name;
	const struct reason *reason = reason_of_verdict(verdict);
	bool raise = is_default(state->admit.limits, verdict);
	const char *host = verdict == ADMIT_DENIED ? host_of(state, peer) : NULL;
	char text[SOCKADDR_TEXT], more[LOG_LIMIT_TEXT];
	uint32_t omitted;

	if (!(state->service->policy->events & EVENT_REFUSE) ||
		!service_state_shows(state, LOG_NOTICE) ||
		!service_state_may_log(state, subject, &omitted))
		return;
	log_event_to(service_state_log_file(state), LOG_NOTICE,
		LOG_FIELDS({"service", name, false},
			{"peer", sockaddr_text(peer, text, sizeof(text)), false},
			{"reason", reason->key, false}, {host ? "host" : NULL, host, false}),
		"%s: refused: %s%s%s%s%s", name, why ? why : reason->refused,
		raise ? " (the default limit; raise it with " : "", raise ? reason->raise : "",
		raise ? ")" : "", log_limit_text(omitted, more, sizeof(more)));
}

void refuse_log(struct service_state *state, enum verdict verdict, const struct sockaddr_len *peer)
{
	log_why(state, verdict, peer, NULL);
}

static const char *text_for(const struct messages *messages, enum verdict verdict)
{
	switch (verdict) {
	case ADMIT_DENIED:
	case ADMIT_TIMES:
	case ADMIT_NO_PROXY:
		return messages->banner_fail.text;
	case ADMIT_FULL:
	case ADMIT_RATE:
	case ADMIT_NEVER:
	case ADMIT_SOURCE_FULL:
	case ADMIT_SOURCE_RATE:
	case ADMIT_LOAD:
	case ADMIT_TOTAL:
	case ADMIT_SHARE:
		return messages->busy.text;
	default:
		return NULL;
	}
}

/* Nothing is read of it, which could wait for what the peer has sent along. There is room for the
 * text, and no reset that could overtake it. */
static void refuse_unix(int fd, const char *text)
{
	if (text)
		send(fd, text, strlen(text), MSG_DONTWAIT | MSG_NOSIGNAL);
	closer_hang_up(&fd);
}

static void refuse(
	struct service_state *state, struct conn *conn, enum verdict verdict, const char *why)
{
	const char *text = text_for(&state->service->policy->messages, verdict);
	const struct share_who who = kept_who(state, &conn->peer, conn->peer_uid);
	int fd = conn->fd;

	log_why(state, verdict, &conn->peer, why);
	conn->fd = -1;
	if (conn->unix_socket)
		refuse_unix(fd, text);
	else if (text)
		worker_send_text(&who, fd, text);
	else
		delayed_close_close(fd);
}

void refuse_connection(struct service_state *state, struct conn *conn, enum verdict verdict)
{
	refuse(state, conn, verdict, NULL);
}

void refuse_header(struct service_state *state, struct conn *conn, const char *why)
{
	admit_refused(&state->admit, ADMIT_HEADER);
	refuse(state, conn, ADMIT_HEADER, why);
}
