/* worker_note: see worker_note.h. */
#include "run/worker/worker_note.h"

#include <errno.h>
#include <sys/param.h>
#include <sys/socket.h>
#include <syslog.h>

#include "base/bucket.h"
#include "base/log.h"
#include "base/loop.h"
#include "run/worker/worker_slots.h"

#define COUNT_MOST 60000000 /* datagrams between two notes of a socket, a million a second */

static const struct {
	const char *why;
	enum verdict counts_as; /* OK: not as a refusal */
} reasons[] = {
	[NOTE_LOOP] = {"they could start a loop", ADMIT_OK},
	[NOTE_RATE] = {"their network is over reply_rate", ADMIT_OK},
	[NOTE_DENIED] = {"their address may not use the service", ADMIT_DENIED},
	[NOTE_TIMES] = {"not at this time", ADMIT_TIMES},
};

static void unanswered(const struct worker_up *up, const struct slot_owner *owner)
{
	const struct slot *slot = slot_find(up->id, owner);
	struct service_state *state = slot && slot->listener              ? slot->listener->state
				      : slot && slot->kind == SLOT_SOCKET ? slot->state
									  : NULL;
	enum verdict verdict = reasons[up->note].counts_as;
	uint32_t count = MIN(up->count, COUNT_MOST);
	char peer[SOCKADDR_TEXT];
	const char *name;

	if (!state) /* its socket was taken back in the meantime */
		return;
	name = state->service->name;
	if (verdict != ADMIT_OK)
		admit_refused_elsewhere(&state->admit, verdict, count);
	if (!service_state_shows(state, LOG_NOTICE) ||
		(verdict != ADMIT_OK && !(state->service->policy->events & EVENT_REFUSE)))
		return;
	log_event_to(service_state_log_file(state), LOG_NOTICE,
		LOG_FIELDS({"service", name, false},
			{"peer", sockaddr_text(&up->peer, peer, sizeof(peer)), false}),
		"%s: %u datagrams not answered, %s", name, count, reasons[up->note].why);
}

static void unknown_name(const struct worker_up *up, const struct slot_owner *owner)
{
	const struct slot *slot = slot_find(up->id, owner);
	struct service_state *state = slot && slot->kind == SLOT_SESSION ? slot->state : NULL;
	struct sockaddr_len peer = {.len = 0};
	char text[SOCKADDR_TEXT], more[LOG_LIMIT_TEXT];
	uint32_t omitted;

	if (!state || !(state->service->policy->events & EVENT_REFUSE) ||
		!service_state_shows(state, LOG_NOTICE) ||
		!service_state_may_log(state, LOG_REFUSED, &omitted))
		return;
	if (slot->conn)
		peer = slot->conn->peer;
	log_event_to(service_state_log_file(state), LOG_NOTICE,
		LOG_FIELDS({"service", state->service->name, false},
			{"peer", sockaddr_text(&peer, text, sizeof(text)), false},
			{"reason", "unknown", false}),
		"%s: refused: no tcpmux service is called '%s'%s", state->service->name, up->text,
		log_limit_text(omitted, more, sizeof(more)));
}

/* A worker that others have taken over may write no more than this into the log. One that works
 * notes a reason once a minute for each of its sockets. */
static bool may_note(void)
{
	static const struct rate most = {.count = 20, .period_ms = 1000, .burst = 500};
	static struct bucket bucket;
	static struct log_limit limit;
	uint32_t omitted;

	if (!bucket_wait_ms(&bucket, &most, loop_now_ms())) {
		bucket_take(&bucket, &most);
		return true;
	}
	if (log_limit_allows(&limit, 60000, &omitted))
		log_warnx("worker: it has more to report than %u messages a second; further ones "
			  "are neither logged nor counted",
			most.count);
	return false;
}

/* Each worker says so, and nothing changes by itself. */
static void no_empty_root(const struct worker_up *up)
{
	static bool told;

	errno = up->err;
	if (!told)
		log_warn("worker: no empty root directory (%s): the system call filter alone keeps "
			 "built-ins from files",
			up->text);
	told = true;
}

void worker_note(const struct worker_up *up, const struct slot_owner *owner)
{
	if (!may_note())
		return;
	if (up->note >= NOTE_LOOP && up->note <= NOTE_TIMES) {
		unanswered(up, owner);
	} else if (up->note == NOTE_UNKNOWN) {
		unknown_name(up, owner);
	} else if (up->note == NOTE_FAILED) {
		errno = up->err;
		log_err("worker: %s", up->text);
	} else if (up->note == NOTE_ROOT) {
		no_empty_root(up);
	} else {
		log_warnx("worker: unknown note %u", up->note);
	}
}
