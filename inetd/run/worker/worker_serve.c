/* worker_serve: see worker_serve.h. */
#include "run/worker/worker_serve.h"

#include <stdlib.h>
#include <string.h>

#include "base/fdutil.h"
#include "run/process/closer.h"
#include "run/program/program_log.h"
#include "run/service/service_history.h"
#include "run/worker/worker_ping.h"
#include "run/worker/worker_queue.h"
#include "run/worker/worker_slots.h"

bool worker_takes(struct service_state *state)
{
	if (queue_is_clear())
		return true;
	service_state_hold(state, HOLD_WORKER);
	return false;
}

/* Whom a connection is from, malloc'ed; NULL where that cannot be had. */
static struct sockaddr_len *peer_of(int fd)
{
	struct sockaddr_len *peer = malloc(sizeof(*peer));

	if (!peer)
		return NULL;
	peer->len = sizeof(peer->addr);
	if (getpeername(fd, &peer->addr.sa, &peer->len) == 0)
		return peer;
	free(peer);
	return NULL;
}

void worker_serve(struct service_state *state, int fd, struct admit_ticket *ticket)
{
	const struct service *service = state->service;
	struct slot *slot = slot_new(SLOT_SESSION);
	struct worker_down message = {.verb = WORKER_STREAM,
		.id = slot ? slot->id : 0,
		.builtin = service->builtin,
		.group = state->number,
		.idle_ms = service->policy->idle_ms,
		.limit_ms = service->policy->max_time_ms};

	if (!slot || queue_send(&message, fd) < 0) {
		admit_undo(&state->admit, ticket);
		service_state_slot_free(
			state); /* it may have been full since the connection was accepted */
		if (slot)
			slot_free(slot);
		closer_hang_up(&fd);
		return;
	}
	worker_ping_watch();
	slot->state = service_state_ref(state);
	slot->accepted_us = loop_clock_us();
	slot->peer = program_log_session_start(state, fd);
	service_history_start(state);
	slot->ticket = *ticket;
	*ticket = (struct admit_ticket){0};
	if (service->builtin == BUILTIN_TCPMUX) {
		slot->mux_peer = peer_of(fd);
		slot->fd = fd_raise(fd);
	} else {
		closer_close(&fd);
	}
}

void worker_end(const struct service_state *state)
{
	const struct worker_down message = {.verb = WORKER_END, .group = state->number};

	if (queue_is_open())
		queue_send(&message, -1);
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
