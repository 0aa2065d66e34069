/* spare: see spare.h. Each is started in its turn, when the last one has got to its exec, and used
 * from when it says that it waits. It may end at any time: then there are none for a while. */
#include "run/program/spare.h"

#include <stdlib.h>
#include <sys/param.h>

#include "base/container_of.h"
#include "base/fdutil.h"
#include "base/log.h"
#include "run/process/closer.h"
#include "run/program/memory.h"
#include "run/program/spare_files.h"
#include "run/program/spare_process.h"
#include "run/program/spare_turn.h"
#include "run/service/service_cage.h"
#include "run/service/service_history.h"

#define BACKOFF_FIRST_MS 1000
#define BACKOFF_MOST_MS  60000
#define MEMORY_MS        10000 /* how often it is looked whether it is short */
#define REFILL_MS        5     /* the answer comes first */

TAILQ_HEAD(spare_list, spare);

struct spare_pool {
	struct service_state *state;
	const struct service *service; /* of config: what they were started for */
	struct config *config;         /* counted */
	struct spare_list spares;      /* the oldest first */
	unsigned count, ready, wanted;
	bool looked_at;         /* its files are known and watched */
	bool unable;            /* its program cannot wait */
	struct timer timer;     /* something is to be done */
	struct spare_turn turn; /* to start one */
	struct timer idle;      /* nobody comes */
	struct backoff backoff; /* one has ended early */
	uint64_t taken_ms;      /* the last one */
};

static struct {
	bool (*allowed)(void);
	unsigned total;
	struct timer memory; /* runs while there may be any */
} spares;

static void log_about(const struct service_state *state, const char *text, const char *why)
{
	const char *name = state->service->name;

	if (service_state_shows(state, LOG_WARNING))
		log_event(LOG_WARNING, LOG_FIELDS({"service", name, false}), "%s: %s%s", name, text,
			why);
}

static void do_in(struct spare_pool *pool, uint64_t delay_ms)
{
	if (!loop_timer_running(&pool->timer))
		loop_timer(&pool->timer, delay_ms);
}

static void take_out(struct spare_pool *pool, struct spare *spare)
{
	TAILQ_REMOVE(&pool->spares, spare, in_pool);
	pool->count--;
	pool->ready -= spare->ready;
	spares.total--;
}

static void end(struct spare_pool *pool, struct spare *spare)
{
	take_out(pool, spare);
	spare_process_end(spare);
}

static void end_all(struct spare_pool *pool)
{
	struct spare *spare;

	while ((spare = TAILQ_FIRST(&pool->spares)))
		end(pool, spare);
}

static void gone(struct spare_pool *pool, struct spare *spare, const char *why)
{
	if (spare->child.pid > 0)
		take_out(pool, spare);
	if (backoff_start(&pool->backoff, BACKOFF_FIRST_MS, BACKOFF_MOST_MS))
		log_about(pool->state,
			"a spare program has ended before its connection came; others are "
			"tried after a pause, and connections have theirs started: ",
			why);
}

static void happened(struct spare *spare, enum spare_event event, const char *why)
{
	struct spare_pool *pool = spare->pool;

	if (event == SPARE_GONE)
		gone(pool, spare, why);
	else if (event == SPARE_READY)
		pool->ready++;
	else if (event == SPARE_UNFIT)
		end(pool, spare);
	do_in(pool, 0);
}

static void start(struct spare_pool *pool)
{
	struct spare *spare = spare_process_start(pool, pool->state);

	if (!spare)
		return;
	TAILQ_INSERT_TAIL(&pool->spares, spare, in_pool);
	pool->count++;
	spares.total++;
	if (!loop_timer_running(&spares.memory))
		loop_timer(&spares.memory, MEMORY_MS);
}

/* Of what may run of the service, which connections have first. */
static unsigned room_for(const struct spare_pool *pool)
{
	const struct admit *admit = &pool->state->admit;
	uint32_t most = admit->limits->instances, running = admit->stats.running;

	return MIN(pool->wanted, most > running ? most - running : 0);
}

static bool is_on_way(const struct spare_pool *pool)
{
	const struct spare *newest = TAILQ_LAST(&pool->spares, spare_list);

	return newest && newest->on_way;
}

static bool may_start(struct spare_pool *pool)
{
	return pool->looked_at && !pool->unable && !pool->state->holds && !is_on_way(pool) &&
	       !loop_timer_running(&pool->backoff.timer) && pool->count < room_for(pool) &&
	       spares.allowed() && !memory_is_short() && spare_turn_take(&pool->turn);
}

static void tend(struct spare_pool *pool)
{
	const struct prepared_cage *cage = service_cage_prepared(pool->state);
	struct spare *spare, *next;

	if (pool->state->holds & HOLD_CLOSED)
		end_all(pool);
	TAILQ_FOREACH_SAFE (spare, &pool->spares, in_pool, next)
		if (spare->cage != cage)
			end(pool, spare);
	while (pool->count > room_for(pool))
		end(pool, TAILQ_LAST(&pool->spares, spare_list));
	if (may_start(pool))
		start(pool);
	spare_turn_next();
}

static void timer_fired(struct timer *timer)
{
	tend(container_of(timer, struct spare_pool, timer));
}

static void backoff_over(struct timer *timer)
{
	tend(container_of(timer, struct spare_pool, backoff.timer));
}

static void nobody_comes(struct timer *timer)
{
	struct spare_pool *pool = container_of(timer, struct spare_pool, idle);
	uint64_t idle_ms = pool->service->policy->spares.idle_ms,
		 age_ms = loop_now_ms() - pool->taken_ms;

	if (age_ms < idle_ms) {
		loop_timer(timer, idle_ms - age_ms);
		return;
	}
	pool->wanted = 1;
	tend(pool);
}

/* It may have become short, or not be any more. */
static void look_at_memory(struct timer *timer)
{
	struct service_state *state;
	bool any = false;

	TAILQ_FOREACH (state, &service_states, in_states) {
		if (!state->spares)
			continue;
		any = true;
		if (memory_is_short())
			end_all(state->spares);
		do_in(state->spares, 0);
	}
	if (any)
		loop_timer(timer, MEMORY_MS);
}

/* --- what others call --- */

static void files_known(struct service_state *state, const char *why)
{
	struct spare_pool *pool = state->spares;

	if (!pool)
		return;
	pool->looked_at = true;
	pool->unable = why && !pool->service->policy->spares.ready;
	if (pool->unable) {
		end_all(pool);
		log_about(state, "each program is started when its connection comes: the program ",
			why);
	}
	do_in(pool, 0);
}

static void files_changed(struct service_state *state)
{
	state->spares->looked_at = false;
	end_all(state->spares);
}

void spare_init(const char *library, bool (*allowed)(void))
{
	spares.allowed = allowed;
	spares.memory.fired = look_at_memory;
	spare_start_init(library);
	spare_files_init(files_known, files_changed);
	spare_process_event = happened;
}

void spare_close(void)
{
	loop_untimer(&spares.memory);
	spare_files_close();
	spare_start_close();
	memory_close();
}

static struct spare_pool *pool_new(struct service_state *state)
{
	struct spare_pool *pool = calloc(1, sizeof(*pool));

	if (!pool)
		return NULL;
	*pool = (struct spare_pool){.state = state, .timer.fired = timer_fired};
	TAILQ_INIT(&pool->spares);
	pool->idle.fired = nobody_comes;
	pool->backoff.timer.fired = backoff_over;
	pool->turn.timer = &pool->timer;
	return pool;
}

void spare_follow(struct service_state *state)
{
	const struct service *service = state->service;
	struct spare_pool *pool = state->spares;
	struct config *before;

	if (!service->policy->spares.count) {
		spare_leave(state);
		return;
	}
	if (!pool)
		pool = state->spares = pool_new(state);
	if (!pool)
		return;
	/* A file that they write to may have another one in its place (logrotate(8)). */
	if (pool->service &&
		(!service_equal(pool->service, service) || service->policy->context.errors.path))
		end_all(pool);
	before = pool->config;
	pool->config = config_ref(state->config);
	config_unref(before);
	pool->service = service;
	pool->wanted = service->policy->spares.count;
	pool->looked_at = false;
	pool->taken_ms = loop_now_ms();
	backoff_reset(&pool->backoff);
	loop_timer(&pool->idle, service->policy->spares.idle_ms);
}

void spare_followed(void)
{
	const struct service_state *state;

	TAILQ_FOREACH (state, &service_states, in_states)
		if (state->spares) {
			spare_files_look();
			return;
		}
}

void spare_leave(struct service_state *state)
{
	struct spare_pool *pool = state->spares;

	if (!pool)
		return;
	end_all(pool);
	spare_turn_leave(&pool->turn);
	loop_untimer(&pool->timer);
	loop_untimer(&pool->idle);
	backoff_reset(&pool->backoff);
	config_unref(pool->config);
	free(pool);
	state->spares = NULL;
}

void spare_service_changed(struct service_state *state, enum service_change change)
{
	if (!state->spares)
		return;
	if (change == SERVICE_GONE)
		spare_leave(state);
	else if (change == SERVICE_HOLDS || change == SERVICE_SLOT_FREE)
		do_in(state->spares, 0);
}

void spare_replace(struct service_state *state)
{
	if (!state->spares)
		return;
	end_all(state->spares);
	do_in(state->spares, 0);
}

static pid_t take_ready(
	struct spare_pool *pool, const struct conn *conn, const struct errors *errors)
{
	const struct prepared_cage *cage = service_cage_prepared(pool->state);
	struct spare *spare;
	pid_t pid;

	TAILQ_FOREACH (spare, &pool->spares, in_pool) {
		if (!spare->ready || spare->cage != cage)
			continue;
		pid = spare->child.pid;
		take_out(pool, spare);
		if (spare_process_give(spare, conn, errors) == 0)
			return pid;
		spare_process_end(spare);
		return -1;
	}
	return -1;
}

pid_t spare_take(struct service_state *state, struct conn *conn, struct lingering_close *linger)
{
	struct spare_pool *pool = state->spares;
	struct errors errors;
	pid_t pid = -1;

	if (!pool)
		return -1;
	pool->wanted = pool->service->policy->spares.count;
	pool->taken_ms = loop_now_ms();
	if (!loop_timer_running(&pool->idle))
		loop_timer(&pool->idle, pool->service->policy->spares.idle_ms);
	do_in(pool, REFILL_MS);
	if (!pool->ready || child_stderr_for(state, conn, &errors) < 0 ||
		child_stderr_share(&errors) < 0)
		return -1;
	lingering_close_to_spare(linger);
	pid = take_ready(pool, conn, &errors);
	if (errors.log && pid > 0)
		stderr_log_set_pid(errors.log, pid);
	child_stderr_shared(&errors);
	if (pid < 0)
		return -1;
	closer_close_used(&conn->fd); /* it has it already */
	pool->backoff.delay_ms = 0;
	service_history_take_spare(state);
	return pid;
}

unsigned spare_count(const struct service_state *state)
{
	return state->spares ? state->spares->ready : 0;
}

unsigned spare_total(void)
{
	return spares.total;
}

void spare_sessions(
	const struct service_state *state, void (*each)(pid_t session, void *arg), void *arg)
{
	const struct spare *spare;

	if (!state->spares)
		return;
	TAILQ_FOREACH (spare, &state->spares->spares, in_pool)
		each(spare->child.pid, arg);
}
