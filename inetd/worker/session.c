/* session: see session.h. Level-triggered, one read or write a wake-up: the kernel's ready list
 * deals the turns. Nothing is read from a client while something waits to be sent to it. */
#include "worker/session.h"

#include <errno.h>
#include <sys/cdefs.h>
#include <sys/epoll.h>
#include <sys/param.h>
#include <sys/socket.h>

#include "base/fdutil.h"
#include "base/sockopt.h"
#include "worker/link.h"
#include "worker/scratch.h"
#include "worker/transfer.h"

#define DRAIN_MS    3000        /* patience with a client after the last byte was sent */
#define DRAIN_BYTES (16U << 20) /* thrown away of one client at most */
#define FINISH_MS   10000       /* to get the last bytes sent */
#define NEVER_MS    UINT32_MAX

enum stage {
	STAGE_OPEN,   /* the protocol decides */
	STAGE_FINISH, /* sends its last bytes */
	STAGE_DRAIN,  /* shut down; the client's bytes are thrown away until its end */
};

static void session_ready(struct watch *watch, uint32_t events);
static void session_fired(struct timer *timer);
static void session_apply(struct session *s, enum step step);

static int compare_ids(const struct session *a, const struct session *b)
{
	return (a->id > b->id) - (a->id < b->id);
}

static RB_HEAD(session_tree, session) sessions = RB_INITIALIZER(&sessions);
RB_PROTOTYPE(session_tree, session, by_id, compare_ids)
RB_GENERATE(session_tree, session, by_id, compare_ids)
static size_t count;       /* sessions open */
static bool arming, fired; /* a timer for which there was no memory fires at once */

size_t session_count(void)
{
	return count;
}

static struct session *session_new(const struct worker_down *msg, int fd)
{
	struct session *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->id = msg->id;
	if (RB_INSERT(session_tree, &sessions, s)) { /* against the rules of the link */
		free(s);
		return NULL;
	}
	s->watch.ready = session_ready;
	s->watch.fd = fd;
	s->timer.fired = session_fired;
	s->idle_ms = msg->idle_ms;
	s->progress_ms = loop_now_ms();
	s->end_ms = msg->limit_ms ? loop_now_ms() + msg->limit_ms : 0;
	s->protocol = msg->verb == WORKER_SAY      ? &send_text_protocol
		      : msg->verb == WORKER_HEADER ? &header_protocol
						   : protocol_of(msg->builtin);
	s->group = msg->verb == WORKER_SAY ? 0 : msg->group;
	count++;
	scratch_tidy_later();
	return s;
}

static void session_end(struct session *s, bool done)
{
	loop_untimer(&s->timer);
	loop_unwatch(&s->watch);
	fd_close(&s->watch.fd);
	transfer_drop(s);
	if (done)
		link_done(s->id);
	RB_REMOVE(session_tree, &sessions, s);
	free(s);
	count--;
}

/* Ends a session whose client does not read what waits for it: the kernel is not to keep that. */
static void session_abort(struct session *s)
{
	struct linger reset = {.l_onoff = 1};

	if (s->events & EPOLLOUT)
		sockopt_set(s->watch.fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	session_end(s, true);
}

void session_drop(uint32_t id)
{
	struct session key = {.id = id}, *s = RB_FIND(session_tree, &sessions, &key);

	if (s)
		session_abort(s);
}

void session_end_all(uint32_t group)
{
	struct session *s, *next;

	RB_FOREACH_SAFE (s, session_tree, &sessions, next)
		if (group && s->group == group)
			session_abort(s);
}

static int session_arm(struct session *s, uint64_t ms)
{
	arming = true;
	fired = false;
	loop_timer(&s->timer, ms);
	arming = false;
	return fired ? -1 : 0;
}

/* Starts the timer for `ms` from now, or for the end of the session if that is earlier. */
static int session_arm_within(struct session *s, uint64_t ms)
{
	uint64_t now_ms = loop_now_ms();

	if (s->end_ms)
		ms = MIN(ms, s->end_ms - MIN(s->end_ms, now_ms));
	return session_arm(s, ms);
}

/* Ends the session `ms` from now, whatever it does. */
static int session_limit(struct session *s, uint32_t ms)
{
	s->deadline = true;
	return session_arm_within(s, ms);
}

/* The timer for a session that goes on: idleness, and its end. */
static int session_arm_next(struct session *s)
{
	uint64_t idle_ms = loop_now_ms() - s->progress_ms;

	return session_arm_within(s, s->idle_ms ? s->idle_ms - MIN(s->idle_ms, idle_ms) : NEVER_MS);
}

static void session_fired(struct timer *timer)
{
	struct session *s = __containerof(timer, struct session, timer);
	uint64_t now_ms = loop_now_ms();
	bool ended = s->end_ms && now_ms >= s->end_ms;
	bool idle = s->idle_ms && now_ms - s->progress_ms >= s->idle_ms;

	if (arming)
		fired = true;
	else if (ended && s->protocol->late)
		session_apply(s, s->protocol->late(s));
	else if (s->deadline || ended || idle || session_arm_next(s) < 0)
		session_abort(s);
}

/* Waits for events; output that waits comes first. */
static void session_wait(struct session *s, uint32_t events)
{
	if (s->out)
		events = EPOLLOUT;
	if (s->events != events && loop_watch(&s->watch, events) < 0) {
		session_end(s, true);
		return;
	}
	s->events = events;
	if ((s->idle_ms || s->end_ms) && !loop_timer_running(&s->timer) && session_arm_next(s) < 0)
		session_end(s, true);
}

/* A limit that came with a text is for nothing but the wait for the client's end. */
static uint32_t drain_ms(const struct session *s)
{
	return s->protocol == &send_text_protocol && s->end_ms ? NEVER_MS : DRAIN_MS;
}

/* A close with unread input resets the connection, and a reset can overtake what the client has
 * not read yet. So: close at once only if nothing was or is to come from the client. */
static void session_finish(struct session *s)
{
	ssize_t n;

	if (s->out) {
		if (s->stage == STAGE_OPEN && session_limit(s, FINISH_MS) < 0) {
			session_end(s, true);
			return;
		}
		s->stage = STAGE_FINISH;
		session_wait(s, EPOLLOUT);
		return;
	}
	if (s->patient)
		shutdown(s->watch.fd, SHUT_WR);
	n = transfer_recv(s, scratch_use(), TRANSFER_READ, MSG_TRUNC);
	if (n == 0 || (n < 0 && (errno != EAGAIN || !s->patient))) {
		session_end(s, true);
		return;
	}
	if (!s->patient)
		shutdown(s->watch.fd, SHUT_WR);
	s->stage = STAGE_DRAIN;
	s->drained += (uint32_t)MAX(n, 0);
	if (session_limit(s, drain_ms(s)) < 0)
		session_end(s, true);
	else
		session_wait(s, EPOLLIN);
}

static void session_drain(struct session *s)
{
	ssize_t n = transfer_recv(s, scratch_use(), TRANSFER_READ, MSG_TRUNC);

	s->drained += (uint32_t)MAX(n, 0);
	if (n == 0 || (n < 0 && errno != EAGAIN) || s->drained > DRAIN_BYTES)
		session_end(s, true);
}

static void session_apply(struct session *s, enum step step)
{
	switch (step) {
	case STEP_INPUT:
		session_wait(s, EPOLLIN);
		break;
	case STEP_NEWS:
		session_wait(s, EPOLLIN | EPOLLRDHUP | EPOLLET);
		break;
	case STEP_OUTPUT:
		session_wait(s, EPOLLOUT);
		break;
	case STEP_FINISH:
		session_finish(s);
		break;
	case STEP_CLOSE:
		session_end(s, true);
		break;
	case STEP_LEAVE:
		session_end(s, false);
		break;
	}
}

static void session_ready(struct watch *watch, uint32_t events)
{
	struct session *s = __containerof(watch, struct session, watch);

	if (s->out && transfer_flush(s) < 0)
		session_end(s, true);
	else if (s->out)
		return;
	else if (s->stage == STAGE_FINISH)
		session_finish(s);
	else if (s->stage == STAGE_DRAIN)
		session_drain(s);
	else
		session_apply(s, s->protocol->ready(s, events));
}

void session_start(const struct worker_down *msg, int fd)
{
	struct session *s = fd < 0 ? NULL : session_new(msg, fd);

	if (s && s->protocol && s->protocol->start) {
		session_apply(s, s->protocol->start(s, msg));
	} else if (s) {
		session_end(s, true);
	} else {
		fd_close(&fd);
		link_done(msg->id);
	}
}
