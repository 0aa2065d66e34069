/* worker_serve: see worker_serve.h. */
#include "run/worker/worker_serve.h"

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "run/process/closer.h"
#include "run/program/program_log.h"
#include "run/service/kept.h"
#include "run/service/service_history.h"
#include "run/worker/header_share.h"
#include "run/worker/worker_mux.h"
#include "run/worker/worker_ping.h"
#include "run/worker/worker_queue.h"
#include "run/worker/worker_retired.h"
#include "run/worker/worker_slots.h"

#define SAYS 1024 /* texts, and lingering ends, under way at once */

bool worker_takes(struct service_state *state)
{
	bool known = state->service->builtin != BUILTIN_TCPMUX || worker_mux_is_known();

	if (known && queue_is_clear())
		return true;
	service_state_hold(state, HOLD_WORKER);
	return false;
}

static void log_no_memory(struct service_state *state, const char *what)
{
	const char *name = state->service->name;
	char more[LOG_LIMIT_TEXT];
	uint32_t omitted;

	if (service_state_shows(state, LOG_NOTICE) &&
		service_state_may_log(state, LOG_CROWDED, &omitted))
		log_event(LOG_NOTICE, LOG_FIELDS({"service", name, false}),
			"%s: cannot have %s: %s%s", name, what, strerror(ENOMEM),
			log_limit_text(omitted, more, sizeof(more)));
}

/* What the connection is refused for is in errno; that the worker has ended is told elsewhere. */
static void count_refusal(struct service_state *state, const char *what)
{
	if (errno == EMFILE) {
		admit_refused(&state->admit, ADMIT_SHARE);
		kept_log(state, what, true);
	} else if (errno == ENOMEM) {
		admit_refused(&state->admit, ADMIT_MEMORY);
		log_no_memory(state, what);
	}
}

static struct worker_down stream_message(const struct service_state *state, uint32_t id)
{
	const struct service *service = state->service;

	return (struct worker_down){.verb = WORKER_STREAM,
		.id = id,
		.builtin = service->builtin,
		.group = state->number,
		.idle_ms = service->policy->idle_ms,
		.limit_ms = service->policy->max_time_ms};
}

/* Hands a connection to the worker. Returns its slot, and conn->fd is closed or kept by the slot;
 * or NULL with errno, and conn->fd is the caller's still. */
static struct slot *start_session(const struct service_state *state, struct conn *conn)
{
	const struct share_who who = kept_who(state, &conn->peer, conn->peer_uid);
	bool keeps = state->service->builtin == BUILTIN_TCPMUX;
	struct slot *slot = slot_new(SLOT_SESSION, &who);
	struct worker_down message = stream_message(state, slot ? slot->id : 0);

	if (!slot)
		return NULL;
	if ((!keeps || slot_keep(slot, conn, &who)) &&
		!queue_send(&message, keeps ? slot->conn->fd : conn->fd)) {
		closer_close(&conn->fd);
		return slot;
	}
	if (slot->conn)
		slot_take_back(slot, conn);
	slot_free(slot);
	return NULL;
}

void worker_serve(struct service_state *state, struct conn *conn, struct admit_ticket *ticket)
{
	struct slot *slot = start_session(state, conn);

	if (!slot) {
		count_refusal(state, "a connection of a built-in service");
		admit_undo(&state->admit, ticket);
		/* It may have been full since the connection was accepted. */
		service_state_slot_free(state);
		closer_hang_up(&conn->fd);
		return;
	}
	worker_ping_watch();
	slot->state = service_state_ref(state);
	slot->accepted_us = loop_clock_us();
	slot->peer = program_log_session_start(state, &conn->peer);
	service_history_start(state);
	slot->ticket = *ticket;
	*ticket = (struct admit_ticket){0};
}

/* As start_session(), for the header. */
static struct slot *start_header(struct service_state *state, struct conn *conn, unsigned share)
{
	const struct share_who who = kept_who(state, &conn->peer, conn->peer_uid);
	struct slot *slot = slot_new(SLOT_HEADER, &who);
	struct worker_down message = {.verb = WORKER_HEADER,
		.id = slot ? slot->id : 0,
		.group = state->number,
		.limit_ms = HEADER_LIMIT_MS};

	if (!slot) {
		header_share_give(share);
		return NULL;
	}
	slot->share = share;
	if (slot_keep(slot, conn, &who) && !queue_send(&message, slot->conn->fd))
		return slot;
	if (slot->conn)
		slot_take_back(slot, conn);
	slot_free(slot);
	return NULL;
}

bool worker_read_header(struct service_state *state, struct conn *conn)
{
	struct slot *slot;
	unsigned share;

	if (!header_share_take(&conn->peer, conn->peer_uid, &share))
		return false;
	slot = start_header(state, conn, share);
	if (!slot) {
		count_refusal(state, "a connection that waits for its header");
		closer_hang_up(&conn->fd);
		return true;
	}
	slot->state = service_state_ref(state);
	worker_ping_watch();
	return true;
}

void worker_end(const struct service_state *state)
{
	const struct worker_down message = {.verb = WORKER_END, .group = state->number};

	if (queue_is_open())
		queue_send(&message, -1);
	worker_retired_end(state);
}

_Static_assert(WORKER_TEXT > MESSAGE_MAX, "any text of a service fits into a message");

/* They may all wait here, for a worker that does not read. */
static struct slot *slot_for(enum slot_kind kind, const struct share_who *who)
{
	return slot_count_of(kind) < SAYS && slot_count_of(kind) < slot_most() / 4
		       ? slot_new(kind, who)
		       : NULL;
}

/* Gives away the end of a connection: fd stays the caller's. */
static void send_end(struct slot *slot, int fd, const char *text, uint32_t limit_ms)
{
	struct worker_down message = {
		.verb = WORKER_SAY, .id = slot ? slot->id : 0, .limit_ms = limit_ms};

	strlcpy(message.text, text, sizeof(message.text));
	if (slot && queue_send(&message, fd) < 0)
		slot_free(slot);
	else if (slot)
		worker_ping_watch();
}

void worker_send_text(const struct share_who *who, int fd, const char *text)
{
	send_end(slot_for(SLOT_SAY, who), fd, text, 0);
	closer_close(&fd);
}

void worker_linger(const struct share_who *who, int fd, uint32_t limit_ms)
{
	send_end(slot_for(SLOT_LINGER, who), fd, "", limit_ms);
	closer_close_used(&fd);
}
