/* saved_worker: see saved_worker.h. */
#include "run/upgrade/saved_worker.h"

#include <stdlib.h>

#include "base/fdutil.h"
#include "base/handover.h"
#include "base/patience.h"
#include "run/process/child.h"
#include "run/service/kept.h"
#include "run/upgrade/saved_conn.h"
#include "run/upgrade/saved_service.h"
#include "run/upgrade/saved_ticket.h"
#include "run/worker/header_share.h"
#include "run/worker/worker_link.h"
#include "run/worker/worker_queue.h"
#include "run/worker/worker_retired.h"
#include "run/worker/worker_slots.h"

static const char *const kinds[SLOT_KINDS] = {
	[SLOT_SESSION] = "session",
	[SLOT_HEADER] = "header",
	[SLOT_SAY] = "text",
	[SLOT_LINGER] = "linger",
	[SLOT_SOCKET] = "socket",
};

/* --- writing --- */

static const struct service_state *state_of(const struct slot *slot)
{
	return slot->listener ? slot->listener->state : slot->state;
}

static void put_slot(struct slot *slot, void *arg)
{
	const struct service_state *state = state_of(slot);
	FILE *out = arg;

	record_begin(out, "session");
	if (state)
		saved_service_name(out, state);
	record_text(out, "kind", kinds[slot->kind]);
	record_number(out, "id", slot->id);
	record_number(out, "worker",
		(uint64_t)(slot->owner ? worker_retired_pid(slot->owner) : worker_pid()));
	record_number(out, "since_us", slot->accepted_us);
	if (slot->peer)
		handover_put_address(out, "client", slot->peer);
	saved_ticket_put(out, &slot->ticket);
	if (slot->conn && slot->conn->fd >= 0)
		saved_conn_put(out, slot->conn);
	record_end(out);
}

void saved_worker_put_all(FILE *out)
{
	if (queue_is_open()) {
		record_begin(out, "worker");
		record_number(out, "pid", (uint64_t)worker_pid());
		handover_put_fd(out, "link", queue_link());
		record_number(out, "version", WORKER_VERSION);
		record_end(out);
	}
	worker_retired_put_all(out);
	slot_each_of_all(put_slot, out);
}

/* --- reading --- */

static void get_worker(const struct record *record)
{
	pid_t pid = (pid_t)record_get_number(record, "pid");
	int link_fd = handover_take_fd(record, "link");

	if (child_is_ours(pid))
		worker_retired_add(pid, link_fd, (unsigned)record_get_number(record, "version"));
	else
		fd_close(&link_fd);
}

static enum slot_kind kind_of(const struct record *record)
{
	const char *name = record_get(record, "kind");

	for (enum slot_kind kind = SLOT_FREE; name && kind < SLOT_KINDS; kind++)
		if (kinds[kind] && !strcmp(kinds[kind], name))
			return kind;
	return SLOT_FREE;
}

static void take_place(const struct record *record)
{
	struct slot_owner *owner = worker_retired_owner((pid_t)record_get_number(record, "worker"));
	enum slot_kind kind = kind_of(record);

	if (owner && kind != SLOT_FREE)
		slot_resume(kind, (uint32_t)record_get_number(record, "id"), owner);
}

void saved_worker_begin(void)
{
	handover_each("worker", get_worker);
	handover_each("session", take_place);
}

static struct sockaddr_len *copy_address(const struct record *record, const char *name)
{
	struct sockaddr_len addr, *copy;

	if (!handover_get_address(record, name, &addr))
		return NULL;
	copy = patience_calloc(1, sizeof(*copy));
	if (copy)
		*copy = addr;
	return copy;
}

/* One that waits for its header counts as such again; without its connection it is not kept. */
static void get_header(struct slot *slot)
{
	struct conn *conn = slot->conn;

	if (slot->kind == SLOT_HEADER &&
		(!conn || !header_share_take(&conn->peer, conn->peer_uid, &slot->share))) {
		slot->share = HEADER_SHARE_NONE;
		slot_free(slot);
	}
}

static bool keep(struct slot *slot, const struct service_state *state, struct conn *conn)
{
	const struct share_who nobody = {0};
	const struct share_who who = state ? kept_who(state, &conn->peer, conn->peer_uid) : nobody;

	return slot_keep(slot, conn, &who);
}

static void get_session(const struct record *record)
{
	struct slot_owner *owner = worker_retired_owner((pid_t)record_get_number(record, "worker"));
	struct slot *slot =
		owner ? slot_find((uint32_t)record_get_number(record, "id"), owner) : NULL;
	struct service_state *state = saved_service_named(record);
	struct conn conn;

	if (!slot)
		return;
	slot->accepted_us = record_get_number(record, "since_us");
	slot->peer = copy_address(record, "client");
	if (saved_conn_get(record, &conn) && !keep(slot, state, &conn))
		fd_close(&conn.fd);
	if (state) {
		slot->state = service_state_ref(state);
		saved_ticket_get(record, state, &slot->ticket);
	}
	get_header(slot);
}

void saved_worker_get_all(void)
{
	handover_each("session", get_session);
}
