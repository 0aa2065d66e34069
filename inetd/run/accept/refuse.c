/* refuse: see refuse.h. */
#include "run/accept/refuse.h"

#include <string.h>

#include "base/log.h"
#include "run/accept/delayed_close.h"
#include "run/worker/worker_link.h"

static const char *const why[ADMIT_VERDICTS] = {
	[ADMIT_FULL] = "too many run already",
	[ADMIT_RATE] = "the service is over its rate",
	[ADMIT_NEVER] = "its limits allow nothing",
	[ADMIT_SOURCE_FULL] = "too many of its source run already",
	[ADMIT_SOURCE_RATE] = "its source comes too fast",
	[ADMIT_DENIED] = "its address may not use the service",
	[ADMIT_TIMES] = "not at this time",
	[ADMIT_IGNORED] = "its source was refused too often",
	[ADMIT_LOAD] = "the machine is too busy",
	[ADMIT_TOTAL] = "too many programs run already",
	[ADMIT_MEMORY] = "out of memory",
};

/* Of a limit that nobody has set: how to change it. */
static const char *hint(const struct limits *limits, enum verdict verdict)
{
	if (verdict == ADMIT_SOURCE_FULL && limits->per_source_default)
		return " (the default limit; raise it with 'per_source' or -s)";
	if (verdict == ADMIT_FULL && limits->instances_default)
		return " (the default limit; raise it with 'instances' or -c)";
	return "";
}

void refuse_log(struct service_state *state, enum verdict verdict, const struct sockaddr_len *peer)
{
	/* An ignored source may come a million times, and must not hide what others do. */
	struct log_limit *limit = verdict == ADMIT_IGNORED ? &state->ignored : &state->refused;
	const char *name = state->service->name;
	char text[SOCKADDR_TEXT], more[LOG_LIMIT_TEXT];
	uint32_t left_out;

	if (!(state->service->events & EVENT_REFUSE) || !service_state_shows(state, LOG_NOTICE) ||
		!log_limit_allows(limit, &left_out))
		return;
	log_event(LOG_NOTICE,
		LOG_FIELDS({"service", name, false},
			{"peer", sockaddr_text(peer, text, sizeof(text)), false},
			{"reason", admit_key(verdict), false}),
		"%s: refused: %s%s%s", name, why[verdict], hint(&state->admit.limits, verdict),
		log_limit_text(left_out, more, sizeof(more)));
}

static const char *text_for(const struct messages *messages, enum verdict verdict)
{
	switch (verdict) {
	case ADMIT_DENIED:
	case ADMIT_TIMES:
		return messages->banner_fail;
	case ADMIT_FULL:
	case ADMIT_RATE:
	case ADMIT_NEVER:
	case ADMIT_SOURCE_FULL:
	case ADMIT_SOURCE_RATE:
	case ADMIT_LOAD:
	case ADMIT_TOTAL:
		return messages->busy;
	default:
		return NULL;
	}
}

void refuse_connection(struct service_state *state, struct conn *conn, enum verdict verdict)
{
	const char *text = text_for(&state->service->messages, verdict);
	int fd = conn->fd;

	refuse_log(state, verdict, &conn->peer);
	conn->fd = -1;
	if (text)
		worker_send_text(fd, text);
	else
		delayed_close_close(fd);
}
