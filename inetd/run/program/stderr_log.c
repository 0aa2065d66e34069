/* errlog: see errlog.h. */
#include "run/program/stderr_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/param.h>
#include <unistd.h>

#include "base/fdutil.h"
#include "base/log.h"
#include "run/program/stderr_drain.h"
#include "run/service/service_state.h"

#define LINE_BYTES  500 /* of a line; the rest of it is left out */
#define TURN_BYTES  8192
#define WINDOW_MS   100
#define PIPE_BYTES  65536     /* of one pipe in a window */
#define ALL_BYTES   (1 << 20) /* of all pipes in a window */
#define LEFT_OUT_MS 1000

static const struct rate line_rate = {20, 1000, 100};

/* How much was read in the window that began at start_ms. */
struct window {
	uint64_t start_ms;
	size_t used;
};

struct errlog {
	struct watch watch; /* watch.fd is the reading end; owned */
	struct gate *gate;  /* counted */
	struct timer pause; /* until the next window */
	struct window window;
	struct sockaddr_len peer;
	pid_t pid;
	bool cut; /* the line is longer than what is kept of it */
	unsigned len;
	char line[LINE_BYTES + 1];
	TAILQ_ENTRY(errlog) in_all;
};

static TAILQ_HEAD(errlogs, errlog) all = TAILQ_HEAD_INITIALIZER(all);
static TAILQ_HEAD(late_rates, errlog_rate) late = TAILQ_HEAD_INITIALIZER(late);
static struct window window_of_all;

static void errlog_free(struct errlog *errlog)
{
	TAILQ_REMOVE(&all, errlog, in_all);
	loop_untimer(&errlog->pause);
	loop_unwatch(&errlog->watch);
	fd_close(&errlog->watch.fd);
	gate_unref(errlog->gate);
	free(errlog);
}

/* --- lines --- */

static void say_left_out(struct timer *timer)
{
	struct errlog_rate *rate =
		(struct errlog_rate *)(void *)((char *)timer - offsetof(struct errlog_rate, timer));
	struct gate *gate = (struct gate *)(void *)((char *)rate - offsetof(struct gate, errlog));
	const char *name = gate->service->name;

	log_event(LOG_NOTICE, LOG_FIELDS({"service", name, false}),
		"%s: stderr: %u lines left out, more than %u a second come", name, rate->left_out,
		line_rate.count);
	rate->left_out = 0;
	TAILQ_REMOVE(&late, rate, in_late);
	gate_unref(gate);
}

static void leave_out(struct gate *gate)
{
	struct errlog_rate *rate = &gate->errlog;

	if (rate->left_out++)
		return;
	gate_ref(gate);
	TAILQ_INSERT_TAIL(&late, rate, in_late);
	rate->timer.fired = say_left_out;
	loop_timer(&rate->timer, LEFT_OUT_MS);
}

static void log_line(struct errlog *errlog)
{
	struct gate *gate = errlog->gate;
	const char *name = gate->service->name;
	char peer[SOCKADDR_TEXT], pid[12];

	if (bucket_wait_ms(&gate->errlog.bucket, &line_rate, loop_now_ms())) {
		leave_out(gate);
		return;
	}
	bucket_take(&gate->errlog.bucket, &line_rate);
	for (unsigned i = 0; i < errlog->len; i++) /* where a C string would end */
		if (!errlog->line[i])
			errlog->line[i] = '?';
	errlog->line[errlog->len] = 0;
	snprintf(pid, sizeof(pid), "%d", (int)errlog->pid);
	log_event(LOG_NOTICE,
		LOG_FIELDS({"service", name, false},
			{"peer", sockaddr_text(&errlog->peer, peer, sizeof(peer)), false},
			{"pid", pid, true}),
		"%s: stderr: %s%s", name, errlog->line, errlog->cut ? "..." : "");
}

static void line_ends(struct errlog *errlog)
{
	if (!errlog->cut && errlog->len && errlog->line[errlog->len - 1] == '\r')
		errlog->len--;
	if (errlog->len && gate_shows(errlog->gate, LOG_NOTICE))
		log_line(errlog);
	errlog->len = 0;
	errlog->cut = false;
}

static void append(struct errlog *errlog, const char *text, size_t len)
{
	size_t room = LINE_BYTES - errlog->len;

	if (len > room)
		errlog->cut = true;
	memcpy(errlog->line + errlog->len, text, MIN(len, room));
	errlog->len += (unsigned)MIN(len, room);
}

static void take_text(struct errlog *errlog, const char *text, size_t len)
{
	const char *end;

	while ((end = memchr(text, '\n', len))) {
		append(errlog, text, (size_t)(end - text));
		line_ends(errlog);
		len -= (size_t)(end + 1 - text);
		text = end + 1;
	}
	append(errlog, text, len);
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
static ssize_t read_some(struct errlog *errlog)
{
	static char text[TURN_BYTES];
	ssize_t len = read(errlog->watch.fd, text, sizeof(text));

	if (len > 0)
		take_text(errlog, text, (size_t)len);
	return len;
}

static void errlog_ready(struct watch *watch, uint32_t events)
{
	struct errlog *errlog = (struct errlog *)(void *)watch;
	uint64_t own_ms = window_wait_ms(&errlog->window, PIPE_BYTES);
	uint64_t all_ms = window_wait_ms(&window_of_all, ALL_BYTES);
	ssize_t len;

	(void)events;
	if (own_ms || all_ms) {
		loop_unwatch(&errlog->watch);
		loop_timer(&errlog->pause, MAX(own_ms, all_ms));
		return;
	}
	len = read_some(errlog);
	if (len > 0) {
		errlog->window.used += (size_t)len;
		window_of_all.used += (size_t)len;
	} else if (!len || (errno != EAGAIN && errno != EINTR)) {
		line_ends(errlog);
		errlog_free(errlog);
	}
}

static void pause_over(struct timer *timer)
{
	struct errlog *errlog =
		(struct errlog *)(void *)((char *)timer - offsetof(struct errlog, pause));

	if (loop_watch(&errlog->watch, EPOLLIN) < 0)
		loop_timer(&errlog->pause, WINDOW_MS);
}

/* --- start and end --- */

struct errlog *errlog_new(struct gate *gate, const struct sockaddr_len *peer, int *fd)
{
	struct errlog *errlog = calloc(1, sizeof(*errlog));
	int ends[2];

	if (!errlog)
		return NULL;
	if (pipe2(ends, O_CLOEXEC) < 0) {
		free(errlog);
		return NULL;
	}
	errlog->watch.fd = fd_raise(ends[0]);
	errlog->watch.ready = errlog_ready;
	errlog->pause.fired = pause_over;
	errlog->gate = gate_ref(gate);
	errlog->peer = *peer;
	TAILQ_INSERT_TAIL(&all, errlog, in_all);
	if (fd_set_nonblock(errlog->watch.fd, true) < 0 ||
		loop_watch(&errlog->watch, EPOLLIN) < 0) {
		fd_close(&ends[1]);
		errlog_free(errlog);
		return NULL;
	}
	*fd = ends[1];
	return errlog;
}

void errlog_set_pid(struct errlog *errlog, pid_t pid)
{
	errlog->pid = pid;
}

/* Logs what is there. True if somebody still has the other end. */
static bool read_rest(struct errlog *errlog)
{
	ssize_t len = 1;

	for (size_t i = 0; i < PIPE_BYTES / TURN_BYTES && len > 0; i++)
		len = read_some(errlog);
	line_ends(errlog);
	return len > 0 || (len < 0 && errno == EAGAIN);
}

static void leave(int *fds, size_t count)
{
	if (count && leftover_read(fds, count) < 0)
		log_err("programs that complain from now on are ended by it");
}

void errlog_close(void)
{
	struct errlog *errlog;
	struct errlog_rate *rate;
	size_t count = 0;
	int *fds;

	TAILQ_FOREACH (errlog, &all, in_all)
		count++;
	fds = calloc(count + 1, sizeof(*fds));
	count = 0;
	TAILQ_FOREACH (errlog, &all, in_all)
		if (read_rest(errlog) && fds)
			fds[count++] = errlog->watch.fd;
	leave(fds, count);
	free(fds);
	while ((errlog = TAILQ_FIRST(&all)))
		errlog_free(errlog);
	while ((rate = TAILQ_FIRST(&late))) {
		loop_untimer(&rate->timer);
		say_left_out(&rate->timer);
	}
}
