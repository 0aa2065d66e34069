/* session: see session.h. Level-triggered, one read or write a wake-up: the kernel's ready list
 * deals the turns. Nothing is read from a client while something waits to be sent to it. */
#include "worker/session.h"

#include <errno.h>
#include <sys/cdefs.h>
#include <sys/epoll.h>
#include <sys/param.h>
#include <sys/socket.h>

#include "base/fdutil.h"
#include "worker/link.h"
#include "worker/scratch.h"

#define OUT_TOTAL (8U << 20) /* bytes kept for all clients; reads get smaller as it fills */
#define OUT_SHARE 16         /* of what is left, the part that one read may fill: a 16th... */
#define OUT_LEAST 2048U      /* ...but so many bytes in any case */
#define DRAIN_MS  3000       /* patience with a client after the last byte was sent */
#define FINISH_MS 10000      /* to get the last bytes sent */
#define NEVER_MS  UINT32_MAX

enum stage {
	STAGE_OPEN,   /* the protocol decides */
	STAGE_FINISH, /* sends its last bytes */
	STAGE_DRAIN,  /* shut down; the client's bytes are thrown away until its end */
};

static void session_ready(struct watch *watch, uint32_t events);
static void session_fired(struct timer *timer);

static LIST_HEAD(session_list, session) sessions = LIST_HEAD_INITIALIZER(sessions);
static size_t count;       /* sessions open */
static size_t kept_bytes;  /* in all `out` */
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
	s->watch.ready = session_ready;
	s->watch.fd = fd;
	s->timer.fired = session_fired;
	s->id = msg->id;
	s->idle_ms = msg->idle_ms;
	s->progress_ms = loop_now_ms();
	s->end_ms = msg->limit_ms ? loop_now_ms() + msg->limit_ms : 0;
	s->protocol = msg->verb == WORKER_SAY ? &send_text_protocol : protocol_of(msg->builtin);
	s->group = msg->verb == WORKER_SAY ? 0 : msg->group;
	LIST_INSERT_HEAD(&sessions, s, in_sessions);
	count++;
	scratch_tidy_later();
	return s;
}

static void session_keep(struct session *s, char *out, uint32_t len)
{
	kept_bytes = kept_bytes - s->out_len + len;
	s->out = out;
	s->out_at = 0;
	s->out_len = len;
}

static void session_end(struct session *s, bool done)
{
	loop_untimer(&s->timer);
	loop_unwatch(&s->watch);
	fd_close(&s->watch.fd);
	free(s->out);
	session_keep(s, NULL, 0);
	if (done)
		link_done(s->id);
	LIST_REMOVE(s, in_sessions);
	free(s);
	count--;
}

/* Ends a session whose client does not take what waits for it: the kernel shall not keep it. */
static void session_abort(struct session *s)
{
	struct linger reset = {.l_onoff = 1};

	if (s->events & EPOLLOUT)
		setsockopt(s->watch.fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	session_end(s, true);
}

void session_end_all(uint32_t group)
{
	struct session *s, *next;

	LIST_FOREACH_SAFE (s, &sessions, in_sessions, next)
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

int session_limit(struct session *s, uint32_t ms)
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
	else if (s->deadline || ended || idle || session_arm_next(s) < 0)
		session_abort(s);
}

void session_moved(struct session *s)
{
	s->progress_ms = loop_now_ms();
}

ssize_t session_recv(struct session *s, void *data, size_t size, int flags)
{
	ssize_t n = recv(s->watch.fd, data, size, flags | MSG_DONTWAIT);

	if (n > 0)
		session_moved(s);
	return n;
}

size_t session_room(void)
{
	size_t left = OUT_TOTAL - MIN(kept_bytes, OUT_TOTAL);

	return MAX(OUT_LEAST, MIN(left / OUT_SHARE, SESSION_READ));
}

ssize_t session_sendv(struct session *s, struct iovec *iov, size_t pieces)
{
	struct msghdr msg = {.msg_iov = iov, .msg_iovlen = pieces};
	ssize_t n = sendmsg(s->watch.fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n > 0)
		session_moved(s);
	return n < 0 && (errno == EAGAIN || errno == ENOBUFS) ? 0 : n;
}

/* The same for one piece. */
static ssize_t session_write(struct session *s, const void *data, size_t len)
{
	ssize_t n = send(s->watch.fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n > 0)
		session_moved(s);
	return n < 0 && (errno == EAGAIN || errno == ENOBUFS) ? 0 : n;
}

int session_send(struct session *s, const void *data, size_t len)
{
	ssize_t n = session_write(s, data, len);
	char *rest;

	if (n < 0)
		return -1;
	len -= (size_t)n;
	if (!len)
		return 0;
	rest = malloc(len);
	if (!rest)
		return -1;
	memcpy(rest, (const char *)data + n, len);
	session_keep(s, rest, (uint32_t)len);
	return 0;
}

/* Sends what waits. Returns 0 also when some is left, or -1 if the connection broke. */
static int session_flush(struct session *s)
{
	ssize_t n = session_write(s, s->out + s->out_at, s->out_len - s->out_at);

	if (n < 0)
		return -1;
	s->out_at += (uint32_t)n;
	if (s->out_at == s->out_len) {
		free(s->out);
		session_keep(s, NULL, 0);
	}
	return 0;
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
	n = session_recv(s, scratch_use(), SESSION_READ, MSG_TRUNC);
	if (n == 0 || (n < 0 && (errno != EAGAIN || !s->patient))) {
		session_end(s, true);
		return;
	}
	if (!s->patient)
		shutdown(s->watch.fd, SHUT_WR);
	s->stage = STAGE_DRAIN;
	if (session_limit(s, DRAIN_MS) < 0)
		session_end(s, true);
	else
		session_wait(s, EPOLLIN);
}

static void session_drain(struct session *s)
{
	ssize_t n = session_recv(s, scratch_use(), SESSION_READ, MSG_TRUNC);

	if (n == 0 || (n < 0 && errno != EAGAIN))
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

	if (s->out && session_flush(s) < 0)
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
