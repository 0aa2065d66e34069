/* stderr_log: see stderr_log.h. */
#include "run/program/stderr_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/param.h>
#include <unistd.h>

#include "base/bucket.h"
#include "base/container_of.h"
#include "base/fdutil.h"
#include "base/handover.h"
#include "base/large.h"
#include "base/log.h"
#include "base/patience.h"
#include "run/program/stderr_drain.h"
#include "run/service/kept.h"

#define LINE_BYTES 500 /* of a line; the rest of it is not logged */
#define TURN_BYTES 8192
#define WINDOW_MS  100
#define PIPE_BYTES 65536     /* of one pipe in a window */
#define ALL_BYTES  (1 << 20) /* of all pipes in a window */
#define OMITTED_MS 1000

#define WILL_END                                                                                   \
	"programs that write to a standard error that is logged will be ended by it (SIGPIPE)"

static const struct rate line_rate = {20, 1000, 100};

/* How much was read in the window that began at start_ms. */
struct window {
	uint64_t start_ms;
	size_t used;
};

struct stderr_log {
	struct watch watch;          /* watch.fd is the reading end; owned */
	struct drained drained;      /* has it too */
	struct service_state *state; /* counted */
	struct share_hold kept;
	struct timer pause; /* until the next window */
	struct window window;
	struct sockaddr_len peer;
	pid_t pid;
	bool cut; /* the line is longer than what is kept of it */
	unsigned len;
	char line[LINE_BYTES + 1];
	TAILQ_ENTRY(stderr_log) in_all;
};

static TAILQ_HEAD(errlogs, stderr_log) all = TAILQ_HEAD_INITIALIZER(all);
/* What a state remembers of the lines of its programs. */
struct stderr_rate {
	struct service_state
		*state; /* counted while the timer runs; else just where this belongs */
	struct bucket bucket;
	uint32_t omitted;   /* lines that were not logged since that was last logged */
	struct timer timer; /* runs while that has to be logged */
	TAILQ_ENTRY(stderr_rate) in_omitting;
};

static TAILQ_HEAD(rates, stderr_rate) omitting = TAILQ_HEAD_INITIALIZER(omitting);
static struct window window_of_all;

static void stderr_log_free(struct stderr_log *stderr_log)
{
	TAILQ_REMOVE(&all, stderr_log, in_all);
	loop_untimer(&stderr_log->pause);
	loop_unwatch(&stderr_log->watch);
	if (stderr_log->drained.fd >= 0)
		stderr_drain_remove(&stderr_log->drained);
	fd_close(&stderr_log->watch.fd);
	share_release(&stderr_log->kept);
	service_state_unref(stderr_log->state);
	free(stderr_log);
}

/* --- lines --- */

static void log_omitted(struct timer *timer)
{
	struct stderr_rate *rate = container_of(timer, struct stderr_rate, timer);
	const char *name = rate->state->service->name;

	log_event_to(service_state_log_file(rate->state), LOG_NOTICE,
		LOG_FIELDS({"service", name, false}),
		"%s: stderr: %u lines not logged, more than %u a second come", name, rate->omitted,
		line_rate.count);
	rate->omitted = 0;
	TAILQ_REMOVE(&omitting, rate, in_omitting);
	service_state_unref(rate->state);
}

static void omit_line(struct stderr_rate *rate)
{
	if (rate->omitted++)
		return;
	service_state_ref(rate->state);
	TAILQ_INSERT_TAIL(&omitting, rate, in_omitting);
	loop_timer(&rate->timer, OMITTED_MS);
}

/* NULL without memory. */
static struct stderr_rate *rate_of(struct service_state *state)
{
	if (!state->stderr_rate)
		state->stderr_rate = calloc(1, sizeof(*state->stderr_rate));
	if (state->stderr_rate) {
		state->stderr_rate->state = state;
		state->stderr_rate->timer.fired = log_omitted;
	}
	return state->stderr_rate;
}

static void log_line(struct stderr_log *stderr_log)
{
	struct stderr_rate *rate = rate_of(stderr_log->state);
	const char *name = stderr_log->state->service->name;
	char peer[SOCKADDR_TEXT], pid[12];

	if (!rate)
		return;
	if (bucket_wait_ms(&rate->bucket, &line_rate, loop_now_ms())) {
		omit_line(rate);
		return;
	}
	bucket_take(&rate->bucket, &line_rate);
	for (unsigned i = 0; i < stderr_log->len; i++) /* where a C string would end */
		if (!stderr_log->line[i])
			stderr_log->line[i] = '?';
	stderr_log->line[stderr_log->len] = 0;
	snprintf(pid, sizeof(pid), "%d", (int)stderr_log->pid);
	log_event_to(service_state_log_file(stderr_log->state), LOG_NOTICE,
		LOG_FIELDS({"service", name, false},
			{"peer", sockaddr_text(&stderr_log->peer, peer, sizeof(peer)), false},
			{"pid", pid, true}),
		"%s: stderr: %s%s", name, stderr_log->line, stderr_log->cut ? "..." : "");
}

static void line_ends(struct stderr_log *stderr_log)
{
	if (!stderr_log->cut && stderr_log->len && stderr_log->line[stderr_log->len - 1] == '\r')
		stderr_log->len--;
	if (stderr_log->len && service_state_shows(stderr_log->state, LOG_NOTICE))
		log_line(stderr_log);
	stderr_log->len = 0;
	stderr_log->cut = false;
}

static void append(struct stderr_log *stderr_log, const char *text, size_t len)
{
	size_t room = LINE_BYTES - stderr_log->len;

	if (len > room)
		stderr_log->cut = true;
	memcpy(stderr_log->line + stderr_log->len, text, MIN(len, room));
	stderr_log->len += (unsigned)MIN(len, room);
}

static void take_text(struct stderr_log *stderr_log, const char *text, size_t len)
{
	const char *end;

	while ((end = memchr(text, '\n', len))) {
		append(stderr_log, text, (size_t)(end - text));
		line_ends(stderr_log);
		len -= (size_t)(end + 1 - text);
		text = end + 1;
	}
	append(stderr_log, text, len);
}

/* --- reading --- */

/* Milliseconds until more may be read than the `most` bytes of a window; 0 = now. */
static uint64_t window_wait_ms(struct window *window, size_t most)
{
	uint64_t now_ms = loop_now_ms();

	if (now_ms - window->start_ms >= WINDOW_MS) {
		window->start_ms = now_ms;
		window->used = 0;
	}
	return window->used < most ? 0 : window->start_ms + WINDOW_MS - now_ms;
}

/* Returns what read(2) did. */
static ssize_t read_some(struct stderr_log *stderr_log)
{
	static char text[TURN_BYTES] LARGE;
	ssize_t len = read(stderr_log->watch.fd, text, sizeof(text));

	if (len > 0)
		take_text(stderr_log, text, (size_t)len);
	return len;
}

static void stderr_log_ready(struct watch *watch, uint32_t events)
{
	struct stderr_log *stderr_log = container_of(watch, struct stderr_log, watch);
	uint64_t own_ms = window_wait_ms(&stderr_log->window, PIPE_BYTES);
	uint64_t all_ms = window_wait_ms(&window_of_all, ALL_BYTES);
	ssize_t len;

	(void)events;
	if (own_ms || all_ms) {
		loop_unwatch(&stderr_log->watch);
		loop_timer(&stderr_log->pause, MAX(own_ms, all_ms));
		return;
	}
	len = read_some(stderr_log);
	if (len > 0) {
		stderr_log->window.used += (size_t)len;
		window_of_all.used += (size_t)len;
	} else if (!len || (errno != EAGAIN && errno != EINTR)) {
		line_ends(stderr_log);
		stderr_log_free(stderr_log);
	}
}

static void pause_over(struct timer *timer)
{
	struct stderr_log *stderr_log = container_of(timer, struct stderr_log, pause);

	if (loop_watch(&stderr_log->watch, EPOLLIN) < 0)
		loop_timer(&stderr_log->pause, WINDOW_MS);
}

/* --- start and end --- */

/* Who writes there is not to notice: others read it from now on. */
static void give_way(struct share_hold *hold)
{
	struct stderr_log *stderr_log = container_of(hold, struct stderr_log, kept);

	kept_log(stderr_log->state, "the errors of a program (stderr = log)", false);
	line_ends(stderr_log);
	if (stderr_drain_read(&stderr_log->drained) < 0)
		log_err(WILL_END);
	stderr_log_free(stderr_log);
}

/* Without a pipe. NULL with errno. */
static struct stderr_log *make(struct service_state *state, const struct conn *conn)
{
	const struct share_who who = kept_who(state, &conn->peer, conn->peer_uid);
	struct stderr_log *stderr_log = patience_calloc(1, sizeof(*stderr_log));

	if (!stderr_log)
		return NULL;
	stderr_log->kept.give_way = give_way;
	if (!kept_take(&stderr_log->kept, &who)) {
		free(stderr_log);
		errno = EMFILE;
		return NULL;
	}
	stderr_log->watch.fd = stderr_log->drained.fd = -1;
	stderr_log->watch.ready = stderr_log_ready;
	stderr_log->pause.fired = pause_over;
	stderr_log->state = service_state_ref(state);
	stderr_log->peer = conn->peer;
	TAILQ_INSERT_TAIL(&all, stderr_log, in_all);
	return stderr_log;
}

/* Reads from now on; -1 with errno, and both are gone then. */
static int listen_to(struct stderr_log *stderr_log, int fd)
{
	stderr_log->watch.fd = fd;
	if (fd_set_nonblock(fd, true) < 0 || loop_watch(&stderr_log->watch, EPOLLIN) < 0) {
		stderr_log_free(stderr_log);
		return -1;
	}
	stderr_log->drained.fd = fd;
	stderr_drain_add(&stderr_log->drained);
	return 0;
}

struct stderr_log *stderr_log_new(struct service_state *state, const struct conn *conn, int *fd)
{
	struct stderr_log *stderr_log = make(state, conn);
	int ends[2];

	if (!stderr_log)
		return NULL;
	if (pipe2(ends, O_CLOEXEC) < 0) {
		stderr_log_free(stderr_log);
		return NULL;
	}
	if (listen_to(stderr_log, fd_raise(ends[0])) < 0) {
		fd_close(&ends[1]);
		return NULL;
	}
	*fd = ends[1];
	return stderr_log;
}

void stderr_log_set_pid(struct stderr_log *stderr_log, pid_t pid)
{
	stderr_log->pid = pid;
}

void stderr_log_tell_omitted(void)
{
	struct stderr_rate *rate;

	while ((rate = TAILQ_FIRST(&omitting))) {
		loop_untimer(&rate->timer);
		log_omitted(&rate->timer);
	}
}

void stderr_log_put_all(FILE *out)
{
	const struct stderr_log *stderr_log;

	TAILQ_FOREACH (stderr_log, &all, in_all) {
		record_begin(out, "stderr");
		record_text(out, "service", stderr_log->state->service->label);
		record_number(out, "number", stderr_log->state->number);
		handover_put_fd(out, "fd", stderr_log->watch.fd);
		handover_put_address(out, "peer", &stderr_log->peer);
		record_number(out, "pid", (uint64_t)stderr_log->pid);
		record_number(out, "cut", stderr_log->cut);
		record_number(out, "held", stderr_log->drained.held);
		handover_put_bytes(out, "line", stderr_log->line, stderr_log->len);
		record_end(out);
	}
}

void stderr_log_resume(const struct record *record, struct service_state *state)
{
	struct conn conn = {.fd = handover_take_fd(record, "fd"), .peer_uid = (uid_t)-1};
	struct stderr_log *stderr_log;

	handover_get_address(record, "peer", &conn.peer);
	stderr_log = conn.fd < 0 ? NULL : make(state, &conn);
	if (!stderr_log) {
		fd_close(&conn.fd);
		return;
	}
	stderr_log->pid = (pid_t)record_get_number(record, "pid");
	stderr_log->cut = record_get_number(record, "cut");
	stderr_log->drained.held = record_get_number(record, "held");
	stderr_log->len =
		(unsigned)handover_get_bytes(record, "line", stderr_log->line, LINE_BYTES);
	listen_to(stderr_log, conn.fd);
}

/* Logs what the pipe holds. True if a process still has the other end. */
static bool read_rest(struct stderr_log *stderr_log)
{
	ssize_t len = 1;

	for (size_t i = 0; i < PIPE_BYTES / TURN_BYTES && len > 0; i++)
		len = read_some(stderr_log);
	line_ends(stderr_log);
	return len > 0 || (len < 0 && errno == EAGAIN);
}

void stderr_log_close(void)
{
	struct stderr_log *stderr_log;

	while ((stderr_log = TAILQ_FIRST(&all))) {
		if (read_rest(stderr_log) && stderr_drain_hold(&stderr_log->drained) < 0)
			log_err(WILL_END);
		stderr_log_free(stderr_log);
	}
	stderr_drain_leave();
	stderr_log_tell_omitted();
}
