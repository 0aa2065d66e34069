/* gate: see gate.h. */
#include "run/service/service_state.h"
#include "run/service/service_history.h"

#include <sys/param.h>

#include "base/log.h"
#include "run/accept/admission.h"
#include "run/service/listener.h"

#define BACKOFF_FIRST_MS  1000
#define BACKOFF_MOST_MS   60000
#define PAUSE_FIRST_MS    100
#define PAUSE_MOST_MS     5000
#define LOG_PERIOD_MS     10000
#define REACHED_PERIOD_MS 60000

struct gate_list gates = TAILQ_HEAD_INITIALIZER(gates);
void (*gate_slot_freed)(void);

#define GATE_OF(timer, member)                                                                     \
	((struct gate *)(void *)((char *)(timer)-offsetof(struct gate, member)))

static void backoff_over(struct timer *timer)
{
	gate_release(GATE_OF(timer, backoff.timer), HOLD_BACKOFF);
}

static void pause_over(struct timer *timer)
{
	gate_release(GATE_OF(timer, pause.timer), HOLD_FDS);
}

static void rate_over(struct timer *timer)
{
	gate_release(GATE_OF(timer, rate_timer), HOLD_RATE);
}

struct gate *gate_new(const struct service *service)
{
	static uint32_t number;
	struct gate *gate = calloc(1, sizeof(*gate));

	if (!gate)
		return NULL;
	gate->number = ++number;
	gate->refs = 1;
	gate->since_ms = loop_now_ms();
	gate->service = service;
	gate->config = config_ref(service->config);
	TAILQ_INIT(&gate->listeners);
	gate->backoff.timer.fired = backoff_over;
	gate->pause.timer.fired = pause_over;
	gate->rate_timer.fired = rate_over;
	admit_init(&gate->admit, &service->limits, loop_now_ms());
	admit_set_access(&gate->admit, &service->access);
	return gate;
}

struct gate *gate_ref(struct gate *gate)
{
	gate->refs++;
	return gate;
}

void gate_unref(struct gate *gate)
{
	if (--gate->refs)
		return;
	overload_forget(gate);
	loop_untimer(&gate->backoff.timer);
	loop_untimer(&gate->pause.timer);
	loop_untimer(&gate->rate_timer);
	admit_close(&gate->admit);
	free(gate->observed);
	config_unref(gate->config);
	free(gate);
}

void gate_assign(struct gate *gate, const struct service *service)
{
	struct config *old = gate->config;

	gate->config = config_ref(service->config);
	gate->service = service;
	config_unref(old);
	admit_update(&gate->admit, &service->limits, loop_now_ms());
	admit_set_access(&gate->admit, &service->access);
	loop_untimer(&gate->rate_timer);
	loop_untimer(&gate->backoff.timer);
	gate->backoff.delay_ms = 0;
	/* WORKER too: the service may be a program now, which no worker will ever release. */
	gate_release(gate, HOLD_FULL | HOLD_RATE | HOLD_NEVER | HOLD_BACKOFF | HOLD_WORKER);
	overload_assigned(gate);
}

static void update_listeners(struct gate *gate)
{
	struct listener *listener;

	TAILQ_FOREACH (listener, &gate->listeners, in_gate)
		listener_update(listener);
}

void gate_hold(struct gate *gate, enum hold reason)
{
	unsigned before = gate->holds;

	gate->holds |= reason;
	if (before != gate->holds)
		gate->since_ms = loop_now_ms();
	if (!before)
		update_listeners(gate);
}

void gate_release(struct gate *gate, enum hold reason)
{
	unsigned before = gate->holds;

	gate->holds &= ~(unsigned)reason;
	if (before != gate->holds)
		gate->since_ms = loop_now_ms();
	if (before && !gate->holds)
		update_listeners(gate);
}

static bool limit_allows(struct log_limit *limit, uint64_t period_ms, uint32_t *left_out)
{
	uint64_t now_ms = loop_now_ms();

	if (now_ms < limit->next_ms) {
		limit->left_out++;
		return false;
	}
	*left_out = limit->left_out;
	limit->left_out = 0;
	limit->next_ms = now_ms + period_ms;
	return true;
}

bool gate_shows(const struct gate *gate, int level)
{
	return level <= gate->service->log_level && log_shows(level);
}

bool log_limit_allows(struct log_limit *limit, uint32_t *left_out)
{
	return limit_allows(limit, LOG_PERIOD_MS, left_out);
}

char *log_limit_text(uint32_t left_out, char *buf, size_t size)
{
	buf[0] = 0;
	if (left_out)
		snprintf(buf, size, " (and %u more not logged)", left_out);
	return buf;
}

/* What is so, and that others wait for it: never for each of them. */
static void reached_text(const struct gate *gate, enum verdict verdict, char *text, size_t size)
{
	const struct limits *limits = &gate->admit.limits;
	static const char wait[] = "further connections wait";

	switch (verdict) {
	case ADMIT_FULL:
		snprintf(text, size, "%u are running, %s%s", limits->instances, wait,
			limits->instances_default
				? " (the default limit; raise it with 'instances' or -c)"
				: "");
		break;
	case ADMIT_RATE:
		snprintf(text, size, "over %u starts in %u s, %s", limits->rate.count,
			limits->rate.period_ms / 1000, wait);
		break;
	case ADMIT_LOAD:
		snprintf(text, size, "the load average has reached %u.%02u, %s",
			gate->service->max_load / 100, gate->service->max_load % 100, wait);
		break;
	case ADMIT_TOTAL:
		snprintf(text, size, "as many programs as 'children' allows are running, %s", wait);
		break;
	default:
		snprintf(text, size, "its limits allow nothing (%s is 0)",
			limits->instances ? "rate" : "instances");
	}
}

static void log_reached(struct gate *gate, enum verdict verdict)
{
	const char *name = gate->service->name;
	uint32_t left_out;
	char text[160];

	if (!gate_shows(gate, LOG_NOTICE) ||
		!limit_allows(&gate->reached, REACHED_PERIOD_MS, &left_out))
		return;
	reached_text(gate, verdict, text, sizeof(text));
	log_event(LOG_NOTICE, LOG_FIELDS({"service", name, false}), "%s: %s", name, text);
}

void gate_hold_verdict(struct gate *gate, enum verdict verdict, uint64_t wait_ms)
{
	log_reached(gate, verdict);
	switch (verdict) {
	case ADMIT_FULL:
		gate_hold(gate, HOLD_FULL);
		break;
	case ADMIT_RATE:
		loop_timer(&gate->rate_timer, wait_ms);
		gate_hold(gate, HOLD_RATE);
		break;
	case ADMIT_LOAD:
	case ADMIT_TOTAL:
		overload_hold(gate, verdict);
		break;
	default:
		gate_hold(gate, HOLD_NEVER);
		break;
	}
}

void gate_slot_free(struct gate *gate)
{
	if (gate->holds & HOLD_FULL)
		gate_release(gate, HOLD_FULL);
	else if (!gate->holds && gate->admit.stats.running + 1 == gate->admit.limits.instances)
		gate->since_ms = loop_now_ms(); /* it was full, though nobody has come */
	overload_slot_free();
	if (gate_slot_freed)
		gate_slot_freed();
}

/* Starts the next, longer delay. True for the first in a row. */
static bool backoff_start(struct backoff *backoff, uint32_t first_ms, uint32_t most_ms)
{
	bool first = !backoff->delay_ms;

	backoff->delay_ms = first ? first_ms : MIN(backoff->delay_ms * 2, most_ms);
	loop_timer(&backoff->timer, backoff->delay_ms);
	return first;
}

bool gate_failed(struct gate *gate)
{
	gate->failed_ms = loop_now_ms();
	if (gate->holds & HOLD_BACKOFF) /* it was on its way when another failed */
		return false;
	gate_hold(gate, HOLD_BACKOFF);
	return backoff_start(&gate->backoff, BACKOFF_FIRST_MS, BACKOFF_MOST_MS);
}

void gate_works(struct gate *gate, uint64_t started_ms)
{
	if (!gate->backoff.delay_ms || started_ms <= gate->failed_ms)
		return;
	gate->backoff.delay_ms = 0;
	if (gate_shows(gate, LOG_NOTICE))
		log_event(LOG_NOTICE, LOG_FIELDS({"service", gate->service->name, false}),
			"%s: works again", gate->service->name);
}

bool gate_pause(struct gate *gate)
{
	gate_hold(gate, HOLD_FDS);
	return backoff_start(&gate->pause, PAUSE_FIRST_MS, PAUSE_MOST_MS);
}

void gate_resume(struct gate *gate)
{
	gate->pause.delay_ms = 0;
}

unsigned gate_shown(const struct gate *gate)
{
	const struct limits *limits = &gate->admit.limits;
	bool full = limits->instances && gate->admit.stats.running >= limits->instances &&
		    gate->service->overload == OVERLOAD_QUEUE;

	return gate->holds | (full ? HOLD_FULL : 0);
}

const char *hold_name(unsigned holds)
{
	static const struct {
		unsigned bit;
		const char *name;
	} names[] = {{HOLD_DRAIN, "draining"}, {HOLD_OFF, "disabled"}, {HOLD_SOCKET, "bind"},
		{HOLD_LENT, "lent"}, {HOLD_WORKER, "worker"}, {HOLD_BACKOFF, "backoff"},
		{HOLD_NEVER, "never"}, {HOLD_FULL, "full"}, {HOLD_RATE, "rate"},
		{HOLD_LOAD, "load"}, {HOLD_TOTAL, "children"}, {HOLD_FDS, "descriptors"}};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (holds & names[i].bit)
			return names[i].name;
	return "ready";
}
