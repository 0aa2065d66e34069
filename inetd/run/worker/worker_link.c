/* worker_link: see worker_link.h. */
#include "run/worker/worker_link.h"

#include <errno.h>
#include <sys/param.h>

#include "base/backoff.h"
#include "base/fdutil.h"
#include "base/log.h"
#include "run/process/closer.h"
#include "run/process/worker_uid.h"
#include "run/worker/header_share.h"
#include "run/worker/worker_answer.h"
#include "run/worker/worker_mux.h"
#include "run/worker/worker_ping.h"
#include "run/worker/worker_process.h"
#include "run/worker/worker_queue.h"
#include "run/worker/worker_retired.h"
#include "run/worker/worker_slots.h"
#include "run/worker/worker_socket.h"

#define RESTART_FIRST_MS 1000
#define RESTART_MOST_MS  60000
#define WELL_MS          60000 /* a worker that lived so long is restarted at once */

static void restart(struct timer *timer);
static void link_ready(int link_fd);
static void worker_ended(pid_t pid, const char *how);
static void worker_silent(void);
static void ask_for_word(void);
static bool is_busy(void);

static struct {
	bool wanted;
	uint64_t started_ms;
	unsigned deaths;
	struct backoff restart;
	unsigned sessions_lost; /* since it was last said: the link may end before the process */
} worker = {.restart = {.timer = {.fired = restart}}};

void worker_init(const char *path, const struct worker_calls *calls)
{
	worker_answer_init(calls);
	header_share_open();
	slot_open();
	worker_process_init(path, worker_ended);
	worker_ping_init(ask_for_word, is_busy, worker_silent);
}

pid_t worker_pid(void)
{
	return worker_process_pid();
}

void worker_put(FILE *out)
{
	record_number(out, "worker_restarts", worker.deaths);
	worker_uid_put(out);
}

void worker_resume(const struct record *record)
{
	worker.deaths = (unsigned)record_get_number(record, "worker_restarts");
	worker_uid_resume(record);
}

bool worker_is_quiet(void)
{
	return !queue_is_open() || queue_is_clear();
}

unsigned worker_restarts(void)
{
	return worker.deaths;
}

unsigned worker_sessions(void)
{
	return slot_count_of_all();
}

static void release_states(void)
{
	struct service_state *state;

	TAILQ_FOREACH (state, &service_states, in_states)
		service_state_release(state, HOLD_WORKER);
}

/* --- start and end --- */

static void forget(struct slot *slot)
{
	if (slot->kind == SLOT_SOCKET)
		slot->listener->worker_id = -1;
	worker_answer_lost(slot);
}

/* The link is gone, and with it everything the worker had. */
static void lost(void)
{
	queue_close();
	worker_mux_forget();
	worker_ping_stop();
	worker.sessions_lost += slot_count();
	slot_each(NULL, forget);
}

static void restart_later(void)
{
	if (!worker.wanted || loop_timer_running(&worker.restart.timer))
		return;
	if (loop_now_ms() - worker.started_ms >= WELL_MS) {
		backoff_reset(&worker.restart);
		loop_timer(&worker.restart.timer, 0);
	} else {
		backoff_start(&worker.restart, RESTART_FIRST_MS, RESTART_MOST_MS);
	}
}

static void log_end(pid_t pid, const char *how)
{
	log_errx("worker: %s, %u sessions with it%s pid=%d", how, worker.sessions_lost,
		worker.wanted ? "; starting another" : "", (int)pid);
	worker.sessions_lost = 0;
}

static void worker_ended(pid_t pid, const char *how)
{
	bool expected = !queue_is_open() && !worker.wanted;
	char text[80];

	lost();
	if (how && !expected) {
		worker.deaths++;
		snprintf(text, sizeof(text), "ended with %s", how);
		log_end(pid, text);
	}
	worker.sessions_lost = 0;
	restart_later();
}

static bool is_busy(void)
{
	return slot_count() > 0;
}

static void ask_for_word(void)
{
	const struct worker_down message = {.verb = WORKER_PING};

	queue_send(&message, -1);
}

/* It hangs in a system call, and may do so for ever: another takes its place. */
static void worker_silent(void)
{
	pid_t pid = worker_process_pid();
	char text[80];

	worker_process_kill(true);
	lost();
	worker.deaths++;
	snprintf(text, sizeof(text), "has not answered for %d s", WORKER_PING_MS / 1000);
	log_end(pid, text);
	restart_later();
}

static bool start(void)
{
	int link_fd = worker_process_start();

	worker.started_ms = loop_now_ms();
	if (link_fd >= 0 && queue_open(link_fd, link_ready, release_states) < 0)
		log_err("worker: cannot watch its link"); /* it sees the end and exits */
	return link_fd >= 0;
}

static void worker_start(void)
{
	if (!worker_process_may_start() || !start()) {
		restart_later();
		return;
	}
	worker_ping_watch();
	worker_sync_all();
	worker_mux_send(release_states);
}

static void restart(struct timer *timer)
{
	(void)timer;
	if (worker.wanted && !worker_process_pid())
		worker_start();
}

static void stop_serving(void)
{
	worker.wanted = false;
	loop_untimer(&worker.restart.timer);
	worker_sync_stop();
	lost(); /* the worker exits when its link closes */
}

void worker_stop(void)
{
	worker_retired_stop();
	stop_serving();
}

static void let_go(void)
{
	if (!worker.wanted && queue_is_open() && !slot_count())
		stop_serving();
}

void worker_want(bool wanted)
{
	worker.wanted = wanted;
	if (!wanted) {
		worker_retired_finish();
		let_go();
	} else if (queue_is_open()) {
		worker_mux_send(release_states);
	} else if (!worker_process_pid() && !loop_timer_running(&worker.restart.timer)) {
		backoff_reset(&worker.restart);
		worker_start();
	} else {
		restart_later(); /* the one before is still going */
	}
}

/* --- receiving --- */

static void heard(void *arg, uint32_t verb)
{
	(void)arg;
	worker_ping_heard();
	if (verb == WORKER_READY) /* those before it are not needed for datagrams any more */
		worker_retired_finish();
}

static bool is_open(void *arg)
{
	(void)arg;
	return queue_is_open();
}

static void link_ready(int link_fd)
{
	static const struct worker_listener listener = {heard, is_open, NULL};

	if (!worker_answer_read(link_fd, NULL, &listener) && queue_is_open()) {
		worker_process_kill(false); /* it cannot serve without a link */
		lost();
	}
	let_go();
}

/* --- what services ask of it --- */

void worker_names(void)
{
	if (queue_is_open())
		worker_mux_send(release_states);
}

bool worker_needed(const struct service *service)
{
	const struct policy *policy = service->policy;

	return service->builtin != BUILTIN_NONE || service_has_proxies(service) ||
	       policy->messages.busy.text || policy->messages.banner_fail.text ||
	       policy->lingering_ms;
}
