/* worker_slots: see worker_slots.h. */
#include "run/worker/worker_slots.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/param.h>

#include "base/container_of.h"
#include "base/fdutil.h"
#include "base/patience.h"
#include "run/process/closer.h"
#include "run/program/program_log.h"
#include "run/service/kept.h"
#include "run/service/service_history.h"
#include "run/worker/header_share.h"
#include "run/worker/worker_queue.h"

#define INDEX_BITS 20 /* a million at once; 12 bits of reuse count */
#define INDEX_MASK ((1U << INDEX_BITS) - 1)
#define NO_SLOT    UINT32_MAX
#define BLOCK      64U /* slots are allocated in blocks, so that each stays where it is */
#define WORKER_OWN 32  /* descriptors of the worker that are no connections */

static struct {
	struct slot **blocks; /* owned, as each of them is */
	uint32_t used, room, first_free;
	unsigned counts[SLOT_KINDS];
	unsigned retired;    /* of them with retired workers, but for sockets */
	unsigned most;       /* descriptors of the worker for connections and sockets */
	struct share places; /* the part of them that is for connections */
} table = {.first_free = NO_SLOT};

void slot_open(void)
{
	rlim_t most = fd_limit().rlim_max;

	table.most = (unsigned)MIN(most > WORKER_OWN ? most - WORKER_OWN : 1, (rlim_t)INDEX_MASK);
	share_resize(&table.places, table.most);
}

unsigned slot_most(void)
{
	return table.most;
}

static struct slot *slot_at(uint32_t index)
{
	return &table.blocks[index / BLOCK][index % BLOCK];
}

static int add_block(void)
{
	struct slot *block = NULL, **blocks = NULL;

	if (table.room + BLOCK <= INDEX_MASK)
		block = patience_calloc(BLOCK, sizeof(*block));
	if (block)
		do
			blocks =
				reallocarray(table.blocks, table.room / BLOCK + 1, sizeof(*blocks));
		while (!blocks && patience_lasts());
	if (!blocks) {
		free(block);
		errno = ENOMEM;
		return -1;
	}
	table.blocks = blocks;
	table.blocks[table.room / BLOCK] = block;
	table.room += BLOCK;
	return 0;
}

/* A place that was never used. */
static struct slot *slot_add(void)
{
	struct slot *slot;

	if (table.used == table.room && add_block() < 0)
		return NULL;
	slot = slot_at(table.used);
	slot->id = table.used++;
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
	slot = slot_at(table.first_free);
	table.first_free = slot->next_free;
	return slot;
}

/* Datagram sockets are what the configuration asks for: connections have the rest. */
static void count(enum slot_kind kind, int by)
{
	unsigned sockets;

	table.counts[kind] += (unsigned)by;
	sockets = table.counts[SLOT_SOCKET];
	if (kind == SLOT_SOCKET)
		share_resize(&table.places, table.most > sockets ? table.most - sockets : 1);
}

/* The worker closes it before it takes the next message, and answers that it has. */
static void end_session(struct slot *slot)
{
	const struct worker_down message = {.verb = WORKER_DROP, .id = slot->id};

	if (queue_is_open())
		queue_send(&message, -1);
	if (slot->state)
		kept_log(slot->state, "a connection of a built-in service", false);
}

static void give_place(struct share_hold *hold)
{
	end_session(container_of(hold, struct slot, place));
}

static void give_kept(struct share_hold *hold)
{
	struct slot *slot = container_of(hold, struct slot, kept);

	closer_close(&slot->conn->fd);
	if (!slot->owner) /* else that worker ends it when its time is up */
		end_session(slot);
}

struct slot *slot_new(enum slot_kind kind, const struct share_who *who)
{
	struct slot *slot = slot_take();

	if (!slot)
		return NULL;
	*slot = (struct slot){.id = slot->id + (1U << INDEX_BITS), .kind = kind};
	slot->place.give_way = give_place;
	slot->kept.give_way = give_kept;
	count(kind, 1);
	if (!who || share_take(&table.places, &slot->place, who))
		return slot;
	slot_free(slot);
	errno = EMFILE;
	return NULL;
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
	slot->kept.give_way = give_kept;
	count(kind, 1);
	if (kind != SLOT_SOCKET) {
		owner->count++;
		table.retired++;
	}
	return slot;
}

struct slot *slot_find(uint32_t id, const struct slot_owner *owner)
{
	uint32_t index = id & INDEX_MASK;

	if (index >= table.used || slot_at(index)->kind == SLOT_FREE || slot_at(index)->id != id ||
		slot_at(index)->owner != owner)
		return NULL;
	return slot_at(index);
}

bool slot_keep(struct slot *slot, struct conn *conn, const struct share_who *who)
{
	if (!kept_take(&slot->kept, who)) {
		errno = EMFILE;
		return false;
	}
	slot->conn = patience_calloc(1, sizeof(*slot->conn));
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
	struct slot over;
	struct conn conn;

	share_release(&slot->place);
	share_release(&slot->kept);
	over = *slot;
	count(slot->kind, -1);
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
		if (slot_at(i)->kind != SLOT_FREE && slot_at(i)->owner == owner)
			each(slot_at(i));
}

void slot_each_of_all(void (*each)(struct slot *slot, void *arg), void *arg)
{
	for (uint32_t i = 0; i < table.used; i++)
		if (slot_at(i)->kind != SLOT_FREE)
			each(slot_at(i), arg);
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
