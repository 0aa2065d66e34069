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
#define OMITTED_MS 1000

#define WILL_END                                                                                   \
	"programs that write to a standard error that is logged will be ended by it (SIGPIPE)"

static const struct rate line_rate = {20, 1000, 100};

struct stderr_log {
	struct drained *drained;     /* who reads it; owned */
	struct service_state *state; /* counted */
	struct share_hold kept;
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

static void stderr_log_free(struct stderr_log *stderr_log)
{
	TAILQ_REMOVE(&all, stderr_log, in_all);
	if (stderr_log->drained)
		stderr_drain_remove(stderr_log->drained);
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

static void take_text(void *of, const char *text, size_t len)
{
	struct stderr_log *stderr_log = of;
	const char *end;

	while ((end = memchr(text, '\n', len))) {
		append(stderr_log, text, (size_t)(end - text));
		line_ends(stderr_log);
		len -= (size_t)(end + 1 - text);
		text = end + 1;
	}
	append(stderr_log, text, len);
}

/* --- start and end --- */

static void ended(void *of)
{
	line_ends(of);
	stderr_log_free(of);
}

static void locked(void *of)
{
	const struct stderr_log *stderr_log = of;
	const char *name = stderr_log->state->service->name;
	char pid[12];
	uint32_t omitted;

	if (!service_state_shows(stderr_log->state, LOG_WARNING) ||
		!service_state_may_log(stderr_log->state, LOG_UNOPENED, &omitted))
		return;
	snprintf(pid, sizeof(pid), "%d", (int)stderr_log->pid);
	log_event(LOG_WARNING, LOG_FIELDS({"service", name, false}, {"pid", pid, true}),
		"%s: stderr: a program keeps its standard error locked; what this service writes "
		"there is not read until it lets go",
		name);
}

static const struct drained_calls calls = {take_text, ended, locked};

/* Who writes there is not to notice: others read it from now on. */
static void give_way(struct share_hold *hold)
{
	struct stderr_log *stderr_log = container_of(hold, struct stderr_log, kept);

	kept_log(stderr_log->state, "the errors of a program (stderr = log)", false);
	line_ends(stderr_log);
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
	stderr_log->state = service_state_ref(state);
	stderr_log->peer = conn->peer;
	TAILQ_INSERT_TAIL(&all, stderr_log, in_all);
	return stderr_log;
}

/* Read from now on; -1 with errno, and both are gone then. */
static int listen_to(struct stderr_log *stderr_log, int fd, bool held)
{
	if (fd_set_nonblock(fd, true) < 0)
		fd_close(&fd);
	else
		stderr_log->drained = stderr_drain_add(fd, stderr_log->state->number, held);
	if (!stderr_log->drained) {
		stderr_log_free(stderr_log);
		return -1;
	}
	stderr_drain_tell(stderr_log->drained, &calls, stderr_log);
	return 0;
}

struct stderr_log *stderr_log_new(struct service_state *state, const struct conn *conn, int *fd)
{
	struct stderr_log *stderr_log = make(state, conn);
	int ends[2];

	if (!stderr_log)
		return NULL;
	stderr_drain_prepare();
	if (pipe2(ends, O_CLOEXEC) < 0) {
		stderr_log_free(stderr_log);
		return NULL;
	}
	if (listen_to(stderr_log, fd_raise(ends[0]), false) < 0) {
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

int stderr_log_share(struct stderr_log *stderr_log, int fd)
{
	return stderr_drain_share(stderr_log->drained, fd);
}

void stderr_log_shared(struct stderr_log *stderr_log)
{
	stderr_drain_shared(stderr_log->drained);
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
		handover_put_fd(out, "fd", stderr_drain_fd(stderr_log->drained));
		handover_put_address(out, "peer", &stderr_log->peer);
		record_number(out, "pid", (uint64_t)stderr_log->pid);
		record_number(out, "cut", stderr_log->cut);
		record_number(out, "read", stderr_drain_is_held(stderr_log->drained));
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
	stderr_log->len =
		(unsigned)handover_get_bytes(record, "line", stderr_log->line, LINE_BYTES);
	listen_to(stderr_log, conn.fd, record_get_number(record, "read"));
}

void stderr_log_close(void)
{
	struct stderr_log *stderr_log;

	if (stderr_drain_flush() < 0)
		log_err(WILL_END);
	while ((stderr_log = TAILQ_FIRST(&all)))
		ended(stderr_log);
	stderr_drain_leave();
	stderr_log_tell_omitted();
}
