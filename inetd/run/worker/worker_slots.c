/* worker_slots: see worker_slots.h. */
#include "run/worker/worker_slots.h"

#include <errno.h>

#include "base/fdutil.h"
#include "run/process/closer.h"
#include "run/program/program_log.h"
#include "run/service/service_history.h"
#include "run/worker/header_share.h"

#define INDEX_BITS 20 /* a million at once; 12 bits of reuse count */
#define INDEX_MASK ((1U << INDEX_BITS) - 1)
#define NO_SLOT    UINT32_MAX

static struct {
	struct slot *slots; /* owned */
	uint32_t used, room, first_free;
	unsigned counts[SLOT_KINDS];
	unsigned retired; /* of them with retired workers, but for sockets */
} table = {.first_free = NO_SLOT};

/* A place that was never used. */
static struct slot *slot_add(void)
{
	struct slot *slot;

	if (table.used == table.room) {
		uint32_t room = table.room ? table.room * 2 : 64;
		struct slot *slots = NULL;

		if (room <= INDEX_MASK)
			slots = reallocarray(table.slots, room, sizeof(*slots));
		if (!slots) {
			errno = ENOMEM;
			return NULL;
		}
		table.slots = slots;
		table.room = room;
	}
	slot = &table.slots[table.used];
	*slot = (struct slot){.id = table.used++};
	return slot;
}

static void slot_push_free(struct slot *slot)
{
	slot->kind = SLOT_FREE;
	slot->next_free = table.first_free;
	table.first_free = slot->id & INDEX_MASK;
}

static struct slot *slot_take(void)
{
	struct slot *slot;

	if (table.first_free == NO_SLOT)
		return slot_add();
	slot = &table.slots[table.first_free];
	table.first_free = slot->next_free;
	return slot;
}

struct slot *slot_new(enum slot_kind kind)
{
	struct slot *slot = slot_take();

	if (!slot)
		return NULL;
	*slot = (struct slot){.id = slot->id + (1U << INDEX_BITS), .kind = kind};
	table.counts[kind]++;
	return slot;
}

struct slot *slot_resume(enum slot_kind kind, uint32_t id, struct slot_owner *owner)
{
	uint32_t index = id & INDEX_MASK;
	struct slot *slot;

	if (index < table.used)
		return NULL;
	do {
		slot = slot_add();
		if (slot && slot->id != index)
			slot_push_free(slot);
	} while (slot && slot->id != index);
	if (!slot)
		return NULL;
	*slot = (struct slot){.id = id, .kind = kind, .owner = owner};
	table.counts[kind]++;
	if (kind != SLOT_SOCKET) {
		owner->count++;
		table.retired++;
	}
	return slot;
}

struct slot *slot_find(uint32_t id, const struct slot_owner *owner)
{
	uint32_t index = id & INDEX_MASK;

	if (index >= table.used || table.slots[index].kind == SLOT_FREE ||
		table.slots[index].id != id || table.slots[index].owner != owner)
		return NULL;
	return &table.slots[index];
}

bool slot_keep(struct slot *slot, struct conn *conn)
{
	slot->conn = malloc(sizeof(*slot->conn));
	if (!slot->conn)
		return false;
	*slot->conn = *conn;
	slot->conn->fd = fd_raise(conn->fd);
	conn->fd = -1;
	return true;
}

void slot_take_back(struct slot *slot, struct conn *conn)
{
	if (slot->conn)
		*conn = *slot->conn;
	else
		conn->fd = -1;
	free(slot->conn);
	slot->conn = NULL;
}

static void session_over(const struct slot *slot, struct admit_ticket *ticket)
{
	struct service_state *state = slot->state;

	if (slot->peer)
		program_log_session_exit(state, slot->peer, slot->accepted_us);
	service_history_end(state, slot->accepted_us, 0);
	admit_release(&state->admit, ticket);
	service_state_slot_free(state);
}

/* What others are told may use the slot again. */
void slot_free(struct slot *slot)
{
	struct slot over = *slot;
	struct conn conn;

	table.counts[slot->kind]--;
	if (slot->owner && slot->kind != SLOT_SOCKET) {
		slot->owner->count--;
		table.retired--;
	}
	slot_take_back(slot, &conn);
	slot_tell(slot, NULL);
	slot->state = NULL;
	slot->peer = NULL;
	slot_push_free(slot);
	closer_close(&conn.fd);
	if (over.kind == SLOT_SESSION && over.state)
		session_over(&over, &over.ticket);
	if (over.kind == SLOT_HEADER)
		header_share_give(over.share);
	if (over.state)
		service_state_unref(over.state);
	free(over.peer);
}

void slot_tell(struct slot *slot, const struct service *service)
{
	const struct service *before = slot->told;

	if (service)
		config_ref(service->config);
	slot->told = service;
	if (before)
		config_unref(before->config);
}

void slot_each(const struct slot_owner *owner, void (*each)(struct slot *slot))
{
	for (uint32_t i = 0; i < table.used; i++)
		if (table.slots[i].kind != SLOT_FREE && table.slots[i].owner == owner)
			each(&table.slots[i]);
}

void slot_each_of_all(void (*each)(struct slot *slot, void *arg), void *arg)
{
	for (uint32_t i = 0; i < table.used; i++)
		if (table.slots[i].kind != SLOT_FREE)
			each(&table.slots[i], arg);
}

unsigned slot_count(void)
{
	return slot_count_of_all() - table.retired;
}

unsigned slot_count_of_all(void)
{
	return table.counts[SLOT_SESSION] + table.counts[SLOT_HEADER] + table.counts[SLOT_SAY] +
	       table.counts[SLOT_LINGER];
}

unsigned slot_count_of(enum slot_kind kind)
{
	return table.counts[kind];
}
