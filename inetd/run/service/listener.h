/* listener: one open (or wanted) socket. It is kept over reloads as long as its endpoint is asked
 * for. Owns the descriptor; whether epoll watches it is decided in listener_update() alone. */
#ifndef RUN_LISTENER_H
#define RUN_LISTENER_H

#include <stdbool.h>
#include <sys/queue.h>
#include <sys/stat.h>
#include <sys/tree.h>

#include "base/backoff.h"
#include "run/service/service_state.h"
#include "run/service/socket_filter.h"

struct listener {
	struct watch watch;          /* watch.fd is the socket; -1 when there is none; owned */
	struct endpoint endpoint;    /* as asked for: the identity; a unix address is owned */
	struct sockaddr_len *bound;  /* owned; NULL: as asked for, or not open */
	unsigned holds;              /* HOLD_... bits of its own */
	int err;                     /* errno of the last bind, 0 = bound */
	uint64_t since_ms;           /* when the holds last changed */
	struct service_state *state; /* counted; NULL until a reload has given it one */
	struct backoff retry;        /* of bind, or of watching */
	const char *step;            /* the system call that failed then */
	struct portowner *owner;     /* owned; while another process has the address; or NULL */
	union {
		struct { /* while it is open, of a unix path that this socket made */
			dev_t dev;
			ino_t ino;
		};
		TAILQ_ENTRY(listener) in_wait; /* while it waits to be opened, in waits_in */
	};
	int64_t worker_id;           /* of a datagram socket that the worker has; -1 = none */
	struct lent_socket *lent;    /* owned; while a program has it (program/lent.h) */
	struct socket_filter filter; /* of the open socket */
	bool planned;                /* a plan of a reload has it (reload/reload_plan.h) */
	bool fresh;                  /* made for that plan, which owns it */
	bool retired;        /* no configuration wants it any more: it is about to be closed */
	bool was_lent;       /* a program has had the open socket, and may have passed it on */
	bool unsettled;      /* what was to be set could not be (suspect_socket.h): again before it
				is lent */
	bool stale;          /* it is to be replaced as soon as no program has it */
	unsigned idle_wakes; /* in a row, of a socket that was lent: ready, but nothing is there */
	int accepts;         /* tried in the turn below */
	uint64_t lent_inode; /* of a socket that was closed and programs may have still; 0 = none
				(program/lent_holders.h) */
	struct lent_doubt *doubt; /* owned; NULL unless programs leave what waits there */
	uint64_t turn;            /* of the loop, in which it was last read from */
	RB_ENTRY(listener) by_endpoint;
	TAILQ_ENTRY(listener) in_state;
	struct listener_list *waits_in; /* of listener_wait.c; NULL: none */
};

TAILQ_HEAD(listener_list, listener);

RB_HEAD(listener_tree, listener);
extern struct listener_tree listeners;

/* Called when a listener can be read; set by main to dispatch. */
extern void (*listener_ready)(struct listener *listener);

/* Called when a socket was opened, and before one is closed; set by main (the worker needs to
 * know of its datagram sockets). */
extern void (*listener_opened)(struct listener *listener);
extern void (*listener_closing)(struct listener *listener);

/* A listener without a socket, in no tree and of no service. NULL with errno ENOMEM. */
struct listener *listener_new(const struct endpoint *endpoint);

/* Closes what is open (a unix path is unlinked if it is still the one made here) and frees. */
void listener_free(struct listener *listener);

/* Where it is, with the real port; where it is to be, while it is not open. */
struct sockaddr_len listener_bound(const struct listener *listener);

/* Puts it into `listeners`, the map by endpoint (which no other there may have), and finds there,
 * or in another tree. */
void listener_insert(struct listener *listener);
struct listener *listener_find(const struct endpoint *endpoint);
struct listener *listener_find_in(struct listener_tree *tree, const struct endpoint *endpoint);

/* Makes it the last socket of that service; of another one before, or of none. */
void listener_set_state(struct listener *listener, struct service_state *state);

/* Tries to open it now (socket_open()). Where only a socket of our own is in the way (`*` and one
 * address of the same port, old and new at a reload or both at once), SO_REUSEPORT lets the two
 * stand side by side. On failure ->err and ->step say why, it is logged, and the next try comes by
 * itself: 1 s doubling to 60 s, or as listener_wait.h has it. Returns 0 or -1 with errno;
 * ECANCELED, and nothing is tried, while its service is shut (HOLD_CLOSED). */
int listener_open(struct listener *listener);

/* The open listener that connections to `local` (NULL: any) reach once this one, which is retired,
 * is closed: of the same type and port, and of that address or all. NULL if there is none. */
struct listener *listener_heir(const struct listener *listener, const struct sockaddr_len *local);

/* Sets SO_REUSEPORT of every open socket of ours that is in the way of this one: on its port, for
 * the same address or any. Returns how many there are. */
unsigned listener_share_port(const struct listener *with, int on);

/* Puts the options of its service on an open socket again: buffers, backlog, mode, owner. */
void listener_apply(struct listener *listener);

/* Closes the socket only; the listener stays wanted. */
void listener_close(struct listener *listener);

/* The same, but it is gone for every process that may have a copy, and a new one is opened. What
 * waits there is lost. For a socket that was lent, before we read or accept from it ourselves: who
 * has a copy can make that wait. `why` is logged: what is wrong with it; NULL where that is told
 * elsewhere, or nothing is. */
void listener_replace(struct listener *listener, const char *why);

/* Watches the socket while no hold is set, neither its own nor one of its service. Interest of
 * epoll changes here alone. */
void listener_update(struct listener *listener);

/* The same for all sockets of a service whose holds have changed. */
void listener_update_all(struct service_state *state);

void listener_hold(struct listener *listener, enum hold reason);
void listener_release(struct listener *listener, enum hold reason);

/* True if the socket itself is given to a program (wait, or datagrams). */
bool listener_lends(const struct listener *listener);

/* What state it is in, for people: hold_name() of both. */
const char *listener_state(const struct listener *listener);

RB_PROTOTYPE(listener_tree, listener, by_endpoint, listener_compare)

#endif
