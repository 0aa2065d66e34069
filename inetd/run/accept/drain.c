/* drain: see drain.h. */
#include "run/accept/drain.h"

#include <errno.h>
#include <stdlib.h>

#include "base/fdutil.h"
#include "run/accept/accept.h"
#include "run/accept/dispatch.h"
#include "run/process/closer.h"

struct waiter {
	struct conn conn;            /* conn.fd is owned */
	struct service_state *state; /* counted */
	TAILQ_ENTRY(waiter) in_waiters;
};

static void serve_waiters(struct timer *timer);

static struct {
	TAILQ_HEAD(waiters, waiter) waiters; /* in the order of their arrival */
	struct timer timer;                  /* runs while one of them may have its turn */
} queue = {TAILQ_HEAD_INITIALIZER(queue.waiters), {.fired = serve_waiters}};

static void waiter_free(struct waiter *waiter)
{
	TAILQ_REMOVE(&queue.waiters, waiter, in_waiters);
	closer_hang_up(&waiter->conn.fd);
	service_state_unref(waiter->state);
	free(waiter);
}

static bool is_closed(const struct service_state *state)
{
	return state->listed == STATE_DEPARTED || (state->holds & HOLD_CLOSED);
}

static void serve(struct service_state *state, struct conn *conn)
{
	fd_set_nonblock(conn->fd, state->service->builtin != BUILTIN_NONE);
	dispatch_serve(state, conn);
}

static void serve_waiters(struct timer *timer)
{
	struct waiter *waiter, *next;

	(void)timer;
	TAILQ_FOREACH_SAFE (waiter, &queue.waiters, in_waiters, next) {
		if (is_closed(waiter->state)) {
			waiter_free(waiter);
		} else if (dispatch_may_accept(waiter->state)) {
			serve(waiter->state, &waiter->conn);
			waiter_free(waiter);
		}
	}
}

/* Without memory it is served at once, or refused. conn->fd is consumed. */
static void wait_for_turn(struct service_state *state, struct conn *conn)
{
	struct waiter *waiter = calloc(1, sizeof(*waiter));

	if (!waiter) {
		serve(state, conn);
		return;
	}
	waiter->conn = *conn;
	waiter->conn.fd = fd_raise(conn->fd);
	waiter->state = service_state_ref(state);
	TAILQ_INSERT_TAIL(&queue.waiters, waiter, in_waiters);
}

/* A connection from the queue of `from`: conn->fd is consumed. */
static void inherit(const struct listener *from, struct conn *conn)
{
	struct sockaddr_len local = {.len = sizeof(local.addr)};
	struct listener *heir = NULL;

	if (!getsockname(conn->fd, &local.addr.sa, &local.len)) {
		sockaddr_unmap(&local);
		heir = listener_heir(from, &local);
	}
	if (!heir || listener_lends(heir)) {
		closer_hang_up(&conn->fd);
		return;
	}
	accept_fill(conn, &heir->bound);
	if (dispatch_may_accept(heir->state))
		serve(heir->state, conn);
	else
		wait_for_turn(heir->state, conn);
}

void drain_socket(struct listener *listener)
{
	int backlog = listener->state->service->policy->socket.backlog;
	struct conn conn;

	for (int i = 0; i < backlog && listener->watch.fd >= 0; i++) {
		if (accept_one(listener, &conn) >= 0)
			inherit(listener, &conn);
		else if (errno)
			break;
	}
}

void drain_service_changed(struct service_state *state, enum service_change change)
{
	(void)state;
	(void)change;
	if (!TAILQ_EMPTY(&queue.waiters) && !loop_timer_running(&queue.timer))
		loop_timer(&queue.timer, 0);
}

void drain_close(void)
{
	struct waiter *waiter;

	while ((waiter = TAILQ_FIRST(&queue.waiters)))
		waiter_free(waiter);
	loop_untimer(&queue.timer);
}
