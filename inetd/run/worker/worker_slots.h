/* worker_slots: what the worker holds for us, by the id that names it in messages. */
#ifndef RUN_WORKER_SLOTS_H
#define RUN_WORKER_SLOTS_H

#include "admit/share.h"
#include "run/program/plan.h"
#include "run/service/listener.h"
#include "run/service/service_state.h"

/* HEADER: a proxy is to say whose it is; SAY: a refusal with words; LINGER: what a program has left
 * unread. */
enum slot_kind {
	SLOT_FREE,
	SLOT_SESSION,
	SLOT_HEADER,
	SLOT_SAY,
	SLOT_LINGER,
	SLOT_SOCKET,
	SLOT_KINDS
};

/* Whose they are: of a retired worker (worker_retired.h). NULL: of the one that serves. */
struct slot_owner {
	unsigned count; /* of them, but for sockets */
	bool foreign;   /* it speaks another WORKER_VERSION */
};

struct slot {
	uint32_t id; /* place in the table, and a count that tells a reuse from what was before */
	enum slot_kind kind;
	uint64_t accepted_us; /* of a session: loop_clock_us() */
	struct conn *conn;    /* kept of HEADER and tcpmux, which go on from here; owned; or NULL */
	struct share_hold kept;  /* that descriptor */
	struct share_hold place; /* of the worker's descriptors: of all but SOCKETs */
	uint32_t next_free;
	struct service_state *state; /* SESSION, HEADER; SOCKET of a retired worker: counted */
	struct admit_ticket ticket;  /* SESSION */
	struct sockaddr_len *peer;   /* of a SESSION whose end is to be logged; owned */
	unsigned share;              /* HEADER: header_share_take() */
	struct listener *listener;   /* SOCKET: borrowed; NULL: a retired worker has it */
	struct slot_owner *owner;    /* borrowed */
	const struct service *told;  /* SOCKET: what the worker knows; its config is counted */
};

/* How many descriptors the worker may have, from the limit on them; before the first slot. */
void slot_open(void);

/* That number, with those of datagram sockets. */
unsigned slot_most(void);

/* A free slot of that kind for `who` (NULL for a SOCKET, which is nobody's), at the same place
 * until it is freed. The worker's descriptors are shared (admit/share.h): where all are in use,
 * whoever has most loses one. NULL with errno ENOMEM, or EMFILE where this one cannot be had. */
struct slot *slot_new(enum slot_kind kind, const struct share_who *who);

/* One that a retired worker knows by that id; ids come in the order of slot_each(). NULL without
 * memory, or for an id that cannot be. */
struct slot *slot_resume(enum slot_kind kind, uint32_t id, struct slot_owner *owner);

/* The slot that this id of that worker means now, or NULL: an id of the past, or nonsense. */
struct slot *slot_find(uint32_t id, const struct slot_owner *owner);

/* Keeps a copy of a connection of `who`, whose descriptor goes with it, and is -1 when it had to
 * give way (service/kept.h). Returns false with errno ENOMEM or EMFILE: it stays the caller's. */
bool slot_keep(struct slot *slot, struct conn *conn, const struct share_who *who);

/* Gives the connection that is kept back to the caller: conn->fd -1 where there is none. */
void slot_take_back(struct slot *slot, struct conn *conn);

/* Gives back what the slot holds: its ticket, its state, its connection, which is closed. */
void slot_free(struct slot *slot);

/* Remembers what the worker was told of a socket; keeps that generation. NULL: nothing. */
void slot_tell(struct slot *slot, const struct service *service);

/* Calls `each` for every slot in use, of one owner or of all, in the order of their places. */
void slot_each(const struct slot_owner *owner, void (*each)(struct slot *slot));
void slot_each_of_all(void (*each)(struct slot *slot, void *arg), void *arg);

/* Everything under way (not sockets) with the worker that serves, and with all of them; and what is
 * of one kind. */
unsigned slot_count(void);
unsigned slot_count_of_all(void);
unsigned slot_count_of(enum slot_kind kind);

#endif
