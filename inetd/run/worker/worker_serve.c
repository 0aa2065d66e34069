/* worker_serve: see worker_serve.h. */
#include "run/worker/worker_serve.h"

#include <string.h>

#include "run/process/closer.h"
#include "run/program/program_log.h"
#include "run/service/service_history.h"
#include "run/worker/header_share.h"
#include "run/worker/worker_ping.h"
#include "run/worker/worker_queue.h"
#include "run/worker/worker_retired.h"
#include "run/worker/worker_slots.h"

bool worker_takes(struct service_state *state)
{
	if (queue_is_clear())
		return true;
	service_state_hold(state, HOLD_WORKER);
	return false;
}

void worker_serve(struct service_state *state, struct conn *conn, struct admit_ticket *ticket)
{
	const struct service *service = state->service;
	struct slot *slot = slot_new(SLOT_SESSION);
	struct worker_down message = {.verb = WORKER_STREAM,
		.id = slot ? slot->id : 0,
		.builtin = service->builtin,
		.group = state->number,
		.idle_ms = service->policy->idle_ms,
		.limit_ms = service->policy->max_time_ms};

	if (!slot || queue_send(&message, conn->fd) < 0) {
		admit_undo(&state->admit, ticket);
		service_state_slot_free(
			state); /* it may have been full since the connection was accepted */
		if (slot)
			slot_free(slot);
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
	if (service->builtin != BUILTIN_TCPMUX || !slot_keep(slot, conn))
		closer_close(&conn->fd);
}

bool worker_read_header(struct service_state *state, struct conn *conn)
{
	struct slot *slot;
	struct worker_down message = {
		.verb = WORKER_HEADER, .group = state->number, .limit_ms = HEADER_LIMIT_MS};
	unsigned share;

	if (!header_share_take(&conn->peer, conn->peer_uid, &share))
		return false;
	slot = slot_new(SLOT_HEADER);
	if (!slot) {
		header_share_give(share);
		closer_hang_up(&conn->fd);
		return true;
	}
	slot->share = share;
	slot->state = service_state_ref(state);
	message.id = slot->id;
	if (!slot_keep(slot, conn) || queue_send(&message, slot->conn->fd) < 0) {
		closer_hang_up(&conn->fd);
		slot_free(slot);
		return true;
	}
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

/* Gives away the end of a connection: fd is consumed. */
static void send_end(enum slot_kind kind, int fd, const char *text, uint32_t limit_ms)
{
	struct slot *slot = slot_count_of(kind) < WORKER_SAYS ? slot_new(kind) : NULL;
	struct worker_down message = {
		.verb = WORKER_SAY, .id = slot ? slot->id : 0, .limit_ms = limit_ms};

	strlcpy(message.text, text, sizeof(message.text));
	if (slot && queue_send(&message, fd) < 0)
		slot_free(slot);
	else if (slot)
		worker_ping_watch();
	closer_close(&fd);
}

void worker_send_text(int fd, const char *text)
{
	send_end(SLOT_SAY, fd, text, 0);
}

void worker_linger(int fd, uint32_t limit_ms)
{
	send_end(SLOT_LINGER, fd, "", limit_ms);
}
