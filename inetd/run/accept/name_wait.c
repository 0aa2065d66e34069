/* name_wait: see name_wait.h. */
#include "run/accept/name_wait.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/queue.h>

#include "base/container_of.h"
#include "base/fdutil.h"
#include "run/accept/client_name.h"
#include "run/process/closer.h"
#include "run/service/kept.h"

struct waiter {
	struct service_state *state; /* counted */
	struct admit_ticket ticket;
	struct share_hold kept;
	struct conn conn;         /* .fd is owned; -1: it has given way, and waits no more */
	struct sockaddr_len addr; /* of the client, without its port */
	TAILQ_ENTRY(waiter) in_waiting;
};

static TAILQ_HEAD(waiter_list, waiter) waiting = TAILQ_HEAD_INITIALIZER(waiting);
static void (*serve)(struct service_state *state, struct conn *conn);

static void resume(struct waiter *waiter)
{
	struct service_state *state = waiter->state;

	admit_undo(&state->admit, &waiter->ticket);
	service_state_slot_free(state);
	share_release(&waiter->kept);
	if (waiter->conn.fd >= 0)
		serve(state, &waiter->conn);
	service_state_unref(state);
	free(waiter);
}

/* It is closed now; the rest is done when the name is known, as it may be on its way already. */
static void give_way(struct share_hold *hold)
{
	struct waiter *waiter = container_of(hold, struct waiter, kept);

	closer_hang_up(&waiter->conn.fd);
	admit_refused(&waiter->state->admit, ADMIT_SHARE);
	kept_log(waiter->state, "a connection whose client's name is looked up", false);
}

static void found(const struct sockaddr_len *addr)
{
	struct waiter_list ready = TAILQ_HEAD_INITIALIZER(ready);
	struct waiter *waiter, *next;

	TAILQ_FOREACH_SAFE (waiter, &waiting, in_waiting, next) {
		if (sockaddr_compare(&waiter->addr, addr) != 0)
			continue;
		TAILQ_REMOVE(&waiting, waiter, in_waiting);
		TAILQ_INSERT_TAIL(&ready, waiter, in_waiting);
	}
	while ((waiter = TAILQ_FIRST(&ready))) {
		TAILQ_REMOVE(&ready, waiter, in_waiting);
		resume(waiter);
	}
}

void name_wait_open(void (*again)(struct service_state *state, struct conn *conn))
{
	serve = again;
	client_name_found = found;
}

int name_wait(struct service_state *state, struct conn *conn, struct admit_ticket *ticket)
{
	const struct share_who who = kept_who(state, &conn->peer, conn->peer_uid);
	struct waiter *waiter = calloc(1, sizeof(*waiter));

	if (!waiter)
		return -1;
	waiter->kept.give_way = give_way;
	if (!kept_take(&waiter->kept, &who)) {
		free(waiter);
		return -1;
	}
	waiter->state = service_state_ref(state);
	waiter->ticket = *ticket;
	waiter->conn = *conn;
	waiter->conn.fd = fd_raise(conn->fd);
	waiter->addr = conn->peer;
	sockaddr_unmap(&waiter->addr);
	sockaddr_set_port(&waiter->addr.addr, 0);
	TAILQ_INSERT_TAIL(&waiting, waiter, in_waiting);
	if (client_name_ask(&conn->peer) == 0) { /* the waiter may be gone already */
		*ticket = (struct admit_ticket){0};
		conn->fd = -1;
		return 0;
	}
	TAILQ_REMOVE(&waiting, waiter, in_waiting);
	conn->fd = waiter->conn.fd;
	share_release(&waiter->kept);
	service_state_unref(state);
	free(waiter);
	return -1;
}

void name_wait_each(
	void (*each)(const struct service_state *state, const struct conn *conn, void *arg),
	void *arg)
{
	struct waiter *waiter;

	TAILQ_FOREACH (waiter, &waiting, in_waiting)
		if (waiter->conn.fd >= 0)
			each(waiter->state, &waiter->conn, arg);
}
