/* pool_manager: see pool_manager.h. All decisions are made from what is seen on the board, anew
 * after each wake-up, whatever its reason was. */
#include "common/pool_manager.h"

#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/param.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/monotonic.h"
#include "common/io.h"

#define SHRINK_MS   1000
#define DELAY_MS    100 /* the first one; doubled while starts fail */
#define DELAY_MAX   10000
#define SHORT_OF_MS 100 /* without descriptors or memory */

enum phase {
	SERVING,
	LEAVING,  /* nobody calls: all have been asked to leave */
	STOPPING, /* we have been asked to end */
	KILLING   /* and those who still serve have been ended */
};

struct manager {
	struct pool *pool;
	const struct pool_limits *limits;
	int signal_fd;
	enum phase phase;
	uint64_t now_ms;
	uint64_t active_ms; /* when something was last being served, or we began */
	uint64_t start_ms;  /* nobody is started before */
	uint64_t failed_ms; /* the last start that failed, and the delay after it */
	unsigned delay_ms;
	uint64_t shrink_ms; /* when to look for surplus again */
	unsigned idle_then; /* how many were idle at the last look */
	uint64_t listen_ms; /* nothing is accepted before (--pass) */
	uint64_t kill_ms;   /* STOPPING: the end of all patience; KILLING: when to try again */
};

static void stop_pool(struct manager *m)
{
	if (m->phase >= STOPPING)
		return;
	m->phase = STOPPING;
	m->kill_ms = m->now_ms + (uint64_t)m->limits->grace_ms;
	pool_dismiss(m->pool, UINT_MAX);
}

/* What somebody has died without taking is under way too. */
static void end_rest(struct manager *m)
{
	if (m->phase == STOPPING && m->now_ms < m->kill_ms)
		pool_serve_held(m->pool);
	if (m->now_ms < m->kill_ms)
		return;
	m->phase = KILLING;
	pool_kill(m->pool);
	m->kill_ms = m->now_ms + SHRINK_MS; /* they are as good as dead */
}

static void handle_signals(struct manager *m)
{
	struct signalfd_siginfo info;

	while (read(m->signal_fd, &info, sizeof(info)) == sizeof(info))
		if (info.ssi_signo != SIGCHLD)
			stop_pool(m);
}

/* Twice as long as last time, where that was not long ago. */
static void back_off(struct manager *m)
{
	bool again = m->delay_ms && m->now_ms - m->failed_ms < m->delay_ms + DELAY_MAX;

	m->delay_ms = again ? MIN(2 * m->delay_ms, DELAY_MAX) : DELAY_MS;
	m->failed_ms = m->now_ms;
	m->start_ms = m->now_ms + m->delay_ms;
}

static bool wants_more(const struct manager *m)
{
	unsigned size = pool_size(m->pool), idle = pool_idle(m->pool);

	return size < m->pool->max && (idle == 0 || idle + pool_busy(m->pool) < m->limits->min);
}

static void grow_pool(struct manager *m)
{
	while (m->now_ms >= m->start_ms && wants_more(m))
		if (pool_start(m->pool) < 0)
			back_off(m);
}

/* Half of those that were idle at two looks, but one, may go. */
static void shrink(struct manager *m)
{
	unsigned size = pool_size(m->pool), idle = pool_idle(m->pool), surplus;

	if (m->now_ms < m->shrink_ms)
		return;
	surplus = MIN(idle, m->idle_then);
	surplus = surplus > 1 ? surplus / 2 : 0;
	if (size > m->limits->min)
		pool_dismiss(m->pool, MIN(surplus, size - m->limits->min));
	m->idle_then = pool_idle(m->pool);
	m->shrink_ms = m->now_ms + SHRINK_MS;
}

/* Sees when something was last being served, and from that whether to leave or, where a connection
 * came at the last moment, to stay. */
static void look_around(struct manager *m)
{
	uint64_t changed_ms = pool_changed_ms(m->pool);
	bool active = pool_busy(m->pool) > 0 || m->pool->held_count > 0;

	if (m->phase == LEAVING) {
		active = active || changed_ms > m->active_ms ||
			 (pool_size(m->pool) == 0 && io_wait(m->pool->listener, POLLIN, 0) > 0);
		if (!active)
			return;
		m->phase = SERVING;
	}
	m->active_ms = active ? m->now_ms : MAX(m->active_ms, changed_ms);
	if (m->now_ms >= m->active_ms + (uint64_t)m->limits->idle_ms) {
		m->phase = LEAVING;
		pool_dismiss(m->pool, UINT_MAX);
	}
}

static void serve_pool(struct manager *m)
{
	look_around(m);
	if (m->phase != SERVING)
		return;
	grow_pool(m);
	shrink(m);
	if (m->pool->pass && m->now_ms >= m->listen_ms && pool_pass(m->pool) < 0)
		m->listen_ms = m->now_ms + SHORT_OF_MS;
}

/* When to look again though nothing happens: milliseconds from now. */
static int until_next(const struct manager *m)
{
	uint64_t next_ms = m->active_ms + (uint64_t)m->limits->idle_ms;

	if (m->phase >= STOPPING)
		next_ms = m->kill_ms;
	if (m->phase == LEAVING)
		return -1;
	if (m->phase == SERVING && pool_size(m->pool) > m->limits->min)
		next_ms = MIN(next_ms, m->shrink_ms);
	if (m->phase == SERVING && wants_more(m))
		next_ms = MIN(next_ms, m->start_ms);
	if (m->now_ms < m->listen_ms)
		next_ms = MIN(next_ms, m->listen_ms);
	return next_ms > m->now_ms ? (int)(next_ms - m->now_ms) : 0;
}

/* Until somebody dies, pokes or signals, or a connection is there for somebody idle. */
static void wait_for_news(struct manager *m)
{
	struct pollfd fds[] = {{.fd = m->signal_fd, .events = POLLIN},
		{.fd = m->pool->poke_fd, .events = POLLIN}, {.fd = m->pool->listener}};
	eventfd_t pokes;

	/* Whoever becomes idle after we have counted pokes us. */
	atomic_store(&m->pool->board->hungry, true);
	if (m->pool->pass && pool_idle(m->pool) > 0) {
		atomic_store(&m->pool->board->hungry, false);
		if (m->now_ms >= m->listen_ms && m->phase == SERVING)
			fds[2].events = POLLIN;
	}
	if (poll(fds, 3, until_next(m)) > 0) {
		eventfd_read(m->pool->poke_fd, &pokes);
		if (fds[2].revents & ~POLLIN)
			stop_pool(m); /* shut down by somebody: it is of no use any more */
	}
	m->now_ms = monotonic_ms();
}

int pool_manage(struct pool *pool, const struct pool_limits *limits)
{
	struct manager m = {.pool = pool, .limits = limits, .now_ms = monotonic_ms()};
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGCHLD);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	m.signal_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	if (m.signal_fd < 0)
		return -1;
	m.active_ms = m.now_ms;
	do {
		handle_signals(&m);
		if (pool_reap(pool) > 0)
			back_off(&m);
		if (m.phase < STOPPING)
			serve_pool(&m);
		else
			end_rest(&m);
		if (m.phase == SERVING || pool_size(pool) > 0)
			wait_for_news(&m);
	} while (m.phase == SERVING || pool_size(pool) > 0);
	close(m.signal_fd);
	return 0;
}
