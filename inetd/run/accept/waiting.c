/* waiting: see waiting.h. */
#include "run/accept/waiting.h"

#include <stdlib.h>

#include "base/container_of.h"
#include "base/fdutil.h"
#include "base/patience.h"
#include "run/accept/admission.h"
#include "run/accept/dispatch.h"
#include "run/accept/refuse.h"
#include "run/process/closer.h"
#include "run/service/kept.h"

struct waiter {
	struct conn conn; /* conn.fd is owned; -1: it has given way */
	struct share_hold kept;
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
	share_release(&waiter->kept);
	service_state_unref(waiter->state);
	free(waiter);
}

static bool is_closed(const struct service_state *state)
{
	return state->listed == STATE_DEPARTED || (state->holds & HOLD_DISABLED);
}

static void serve(struct service_state *state, struct conn *conn)
{
	fd_set_nonblock(conn->fd, state->service->builtin != BUILTIN_NONE);
	dispatch_serve(state, conn);
}

static void serve_waiter(struct waiter *waiter)
{
	serve(waiter->state, &waiter->conn);
	waiter_free(waiter);
}

static void serve_waiters(struct timer *timer)
{
	struct waiter *waiter, *next;

	(void)timer;
	TAILQ_FOREACH_SAFE (waiter, &queue.waiters, in_waiters, next)
		if (waiter->conn.fd < 0 || is_closed(waiter->state))
			waiter_free(waiter);
		else if (dispatch_may_accept(waiter->state))
			serve_waiter(waiter);
}

static void take_turn(struct service_state *state)
{
	struct waiter *waiter;

	TAILQ_FOREACH (waiter, &queue.waiters, in_waiters)
		if (waiter->state == state && waiter->conn.fd >= 0 && dispatch_may_accept(state)) {
			serve_waiter(waiter);
			return;
		}
	dispatch_turn(state);
}

void waiting_open(void)
{
	admission_turn = take_turn;
}

/* The rest is done when nobody goes through the queue. */
static void give_way(struct share_hold *hold)
{
	struct waiter *waiter = container_of(hold, struct waiter, kept);

	closer_hang_up(&waiter->conn.fd);
	admit_refused(&waiter->state->admit, ADMIT_SHARE);
	kept_log(waiter->state, "a connection that waits for its turn", false);
	loop_timer(&queue.timer, 0);
}

/* Where none may be kept it is served at once, or refused. */
static void wait_for_turn(struct service_state *state, struct conn *conn)
{
	const struct share_who who = kept_who(state, &conn->peer, conn->peer_uid);
	struct waiter *waiter = patience_calloc(1, sizeof(*waiter));

	if (waiter)
		waiter->kept.give_way = give_way;
	if (!waiter || !kept_take(&waiter->kept, &who)) {
		free(waiter);
		serve(state, conn);
		return;
	}
	waiter->conn = *conn;
	waiter->conn.fd = fd_raise(conn->fd);
	waiter->state = service_state_ref(state);
	TAILQ_INSERT_TAIL(&queue.waiters, waiter, in_waiters);
}

void waiting_serve(struct service_state *state, struct conn *conn)
{
	if (is_closed(state))
		closer_hang_up(&conn->fd);
	else if (dispatch_may_accept(state))
		serve(state, conn);
	else
		wait_for_turn(state, conn);
}

void waiting_headed(struct service_state *state, struct conn *conn, const char *wrong)
{
	if (wrong)
		refuse_header(state, conn, wrong);
	else
		waiting_serve(state, conn);
}

void waiting_service_changed(struct service_state *state, enum service_change change)
{
	(void)state;
	(void)change;
	if (!TAILQ_EMPTY(&queue.waiters) && !loop_timer_running(&queue.timer))
		loop_timer(&queue.timer, 0);
}

void waiting_each(
	void (*each)(const struct service_state *state, const struct conn *conn, void *arg),
	void *arg)
{
	const struct waiter *waiter;

	TAILQ_FOREACH (waiter, &queue.waiters, in_waiters)
		each(waiter->state, &waiter->conn, arg);
}

void waiting_resume(struct service_state *state, struct conn *conn)
{
	wait_for_turn(state, conn);
	loop_timer(&queue.timer, 0);
}

void waiting_again(struct service_state *state, struct conn *conn)
{
	if (is_closed(state))
		closer_hang_up(&conn->fd);
	else
		waiting_resume(state, conn);
}

bool waiting_is_empty(void)
{
	return TAILQ_EMPTY(&queue.waiters);
}

void waiting_close(void)
{
	struct waiter *waiter;

	while ((waiter = TAILQ_FIRST(&queue.waiters)))
		waiter_free(waiter);
	loop_untimer(&queue.timer);
}
