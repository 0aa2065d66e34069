/* saved_service: see saved_service.h. */
#include "run/upgrade/saved_service.h"

#include <errno.h>
#include <sys/param.h>

#include "base/handover.h"
#include "base/handover_field.h"
#include "config/gone.h"
#include "config/text/map.h"
#include "run/service/service_history.h"
#include "run/upgrade/saved_bucket.h"
#include "run/upgrade/saved_list.h"

/* What is known of the service of a label. */
struct saved {
	const char *label; /* in the arena */
	uint32_t number;
	bool disabled;
	struct rate per_source;      /* that was in force */
	struct service_state *state; /* borrowed; NULL: the configuration does not have it */
	struct config *gone;         /* owned; of such a one */
	struct saved *next;
};

static struct {
	struct arena arena;
	struct map by_label, by_number;
	struct saved *list;
	struct saved *gone; /* for which a state is made, whoever has its label */
	bool failed;        /* there was no memory */
} saved;

static const struct handover_field rows[] = {
	HANDOVER_ROW(NUMBER, service_state, since_ms, "since"),
	HANDOVER_ROW(FLAG, service_state, starts_well, "starts_well"),
	HANDOVER_ROW(NUMBER, service_state, admit.stats.started, "started"),
	HANDOVER_ROW(NUMBER, service_state, admit.stats.ended, "ended"),
	HANDOVER_ROW(NUMBER, service_state, admit.stats.undone, "undone"),
	HANDOVER_ROW(NUMBER, service_state, admit.stats.peak, "peak"),
	HANDOVER_ROW(NUMBER, service_state, failed, "failed"),
	HANDOVER_ROW(NUMBER, service_state, failed_ms, "failed_at"),
	HANDOVER_ROW(NUMBER, service_state, worker_lost, "lost"),
};

static const struct handover_field history_rows[] = {
	HANDOVER_ROW_LIST(service_history, starts.counts, "starts"),
	HANDOVER_ROW(NUMBER, service_history, starts.second, "starts_second"),
	HANDOVER_ROW(NUMBER, service_history, started_ms, "last_start"),
	HANDOVER_ROW_LIST(service_history, durations.counts, "durations"),
	HANDOVER_ROW(NUMBER, service_history, durations.sum_us, "durations_sum"),
	HANDOVER_ROW_LIST(service_history, execs.counts, "execs"),
	HANDOVER_ROW(NUMBER, service_history, execs.sum_us, "execs_sum"),
	HANDOVER_ROW(NUMBER, service_history, from_spares, "from_spares"),
	HANDOVER_ROW(NUMBER, service_history, health.failed_errno, "failed_errno"),
	HANDOVER_ROW(NUMBER, service_history, health.status, "last_status"),
	HANDOVER_ROW(NUMBER, service_history, health.in_a_row, "in_a_row"),
};

/* --- writing --- */

/* 0 is what a field that is missing stands for. */
static void put(FILE *out, const char *name, uint64_t number)
{
	if (number)
		record_number(out, name, number);
}

static void put_refused(FILE *out, const struct admit_stats *stats)
{
	char name[64];

	for (int verdict = ADMIT_OK + 1; verdict < ADMIT_VERDICTS; verdict++)
		if (stats->refused[verdict]) {
			snprintf(name, sizeof(name), "refused_%s",
				verdict_key((enum verdict)verdict));
			put(out, name, stats->refused[verdict]);
		}
}

static void put_admit(FILE *out, const struct admit *admit)
{
	put_refused(out, &admit->stats);
	saved_rate_put(out, "rate", &admit->limits->rate);
	saved_rate_put(out, "per_source_rate", &admit->limits->per_source_rate);
	saved_bucket_put(out, &admit->bucket);
}

static void put_history(FILE *out, const struct service_history *history)
{
	if (!history)
		return;
	handover_put_rows(out, HANDOVER_ROWS(history_rows), history);
	record_text(out, "failed_step", history->health.failed_step);
}

/* For a service that the configuration will not have, but of which something runs. */
static void put_definition(FILE *out, const struct service *service)
{
	record_text(out, "name", service->name);
	record_text(out, "server", service->server);
	put(out, "builtin", service->builtin);
	put(out, "socktype", (uint64_t)service->socktype);
	put(out, "wait", service->wait);
	put(out, "max_time", service->policy->max_time_ms);
	put(out, "kill_after", service->policy->kill_after_ms);
	put(out, "events", service->policy->events);
	put(out, "log_level", (uint64_t)service->policy->log_level);
	put(out, "prefix4", service->policy->limits.prefix4);
	put(out, "prefix6", service->policy->limits.prefix6);
}

void saved_service_name(FILE *out, const struct service_state *state)
{
	record_text(out, "service", state->service->label);
	record_number(out, "number", state->number);
}

static void put_one(FILE *out, const struct service_state *state)
{
	record_begin(out, "service");
	saved_service_name(out, state);
	put(out, "gone", state->listed == STATE_DEPARTED);
	put(out, "disabled", (state->holds & HOLD_DISABLED) != 0);
	handover_put_rows(out, HANDOVER_ROWS(rows), state);
	put_admit(out, &state->admit);
	put(out, "backoff", state->backoff.delay_ms);
	if (state->holds & HOLD_BACKOFF)
		put(out, "backoff_until", state->backoff.timer.at_ms);
	put_history(out, state->observed);
	put_definition(out, state->service);
	record_end(out);
}

void saved_service_put_all(FILE *out)
{
	const struct service_state *state;

	TAILQ_FOREACH (state, &service_states, in_states)
		put_one(out, state);
	TAILQ_FOREACH (state, &service_states_departed, in_states)
		put_one(out, state);
}

/* --- before the configuration is applied --- */

static uint32_t get_u32(const struct record *record, const char *name)
{
	return (uint32_t)MIN(record_get_number(record, name), UINT32_MAX);
}

/* Of a label that several have, the one that is not gone is found by it. */
static bool add_to_maps(struct saved *one, bool gone)
{
	void **by_label = map_slot_borrow(&saved.by_label, one->label, strlen(one->label));
	void **by_number = map_slot_borrow(&saved.by_number, &one->number, sizeof(one->number));

	if (!by_label || !by_number)
		return false;
	if (!*by_label || !gone)
		*by_label = one;
	*by_number = one;
	return true;
}

static void remember(const struct record *record)
{
	const char *label = record_get(record, "service");
	struct saved *one = label ? arena_alloc(&saved.arena, sizeof(*one)) : NULL;

	if (one) {
		one->label = arena_strdup(&saved.arena, label);
		one->number = get_u32(record, "number");
		one->disabled = record_get_number(record, "disabled");
	}
	if (!one || !one->label || !add_to_maps(one, record_get_number(record, "gone"))) {
		saved.failed |= label != NULL;
		return;
	}
	one->next = saved.list;
	saved.list = one;
	service_state_reserve(one->number);
}

void saved_service_begin(void)
{
	arena_init(&saved.arena);
	map_init(&saved.by_label, &saved.arena);
	map_init(&saved.by_number, &saved.arena);
	handover_each("service", remember);
}

static struct saved *find(const char *label)
{
	return label ? map_get(&saved.by_label, label, strlen(label)) : NULL;
}

/* Releases before had no number in what is not of a service. */
static struct saved *find_named(const struct record *record)
{
	uint32_t number = get_u32(record, "number");
	struct saved *one = number ? map_get(&saved.by_number, &number, sizeof(number)) : NULL;

	return one ? one : find(record_get(record, "service"));
}

void saved_service_made(struct service_state *state)
{
	struct saved *one = saved.gone ? saved.gone : find(state->service->label);

	if (!one)
		return;
	one->state = state; /* one before was of a plan that there was no memory for */
	if (one->number)
		state->number = one->number;
	if (one->disabled)
		service_state_hold(state, HOLD_DISABLED);
}

/* --- afterwards --- */

static void get_refused(const struct record *record, struct admit *admit)
{
	static const char prefix[] = "refused_";
	size_t len = sizeof(prefix) - 1;

	for (size_t i = 0; i < record->count; i++) {
		const char *name = record->fields[i].name;

		for (int verdict = ADMIT_OK + 1;
			!strncmp(name, prefix, len) && verdict < ADMIT_VERDICTS; verdict++)
			if (!strcmp(name + len, verdict_key((enum verdict)verdict)))
				admit_refused_elsewhere(admit, (enum verdict)verdict,
					record_get_number(record, name));
	}
}

/* As if the state had been there, with the limits of then, and had got those of now. */
static void get_admit(const struct record *record, struct admit *admit)
{
	const struct limits *now = admit->limits;
	struct limits then = *now;

	get_refused(record, admit);
	then.rate = saved_rate_get(record, "rate");
	admit->limits = &then; /* cppcheck-suppress autoVariables ; until admit_update() */
	saved_bucket_get(record, &admit->bucket);
	admit_update(admit, now, loop_now_ms());
}

/* The step is one of few texts that are kept for ever. */
static const char *keep_text(const char *text)
{
	static struct map texts;
	static struct arena arena;
	void **slot;

	if (!text)
		return NULL;
	if (!texts.arena)
		map_init(&texts, &arena);
	slot = map_slot(&texts, text, strlen(text));
	if (slot && !*slot)
		*slot = arena_strdup(&arena, text);
	return slot && *slot ? *slot : "start";
}

static void get_history(const struct record *record, struct service_state *state)
{
	struct service_history *history;

	if (!record_get(record, "starts") || !(history = service_history_of(state)))
		return;
	handover_get_rows(record, HANDOVER_ROWS(history_rows), history);
	history->health.failed_step = keep_text(record_get(record, "failed_step"));
}

static struct service_state *state_of_gone(struct saved *one, const struct record *record)
{
	const char *name = record_get(record, "name");
	const struct policy policy = {
		.max_time_ms = get_u32(record, "max_time"),
		.kill_after_ms = get_u32(record, "kill_after"),
		.events = get_u32(record, "events"),
		.log_level = (int)record_get_number(record, "log_level"),
		.limits = {.instances = LIMIT_NONE,
			.per_source = LIMIT_NONE,
			.rate = {.count = LIMIT_NONE},
			.per_source_rate = {.count = LIMIT_NONE},
			.prefix4 = (unsigned)record_get_number(record, "prefix4"),
			.prefix6 = (unsigned)record_get_number(record, "prefix6")},
	};
	const struct service service = {
		.label = one->label,
		.name = name ? name : one->label,
		.server = record_get(record, "server"),
		.builtin = (enum builtin)record_get_number(record, "builtin"),
		.socktype = (int)record_get_number(record, "socktype"),
		.wait = record_get_number(record, "wait"),
		.policy = &policy,
	};
	struct service_state *state;

	one->gone = config_of_gone(&service);
	saved.gone = one;
	state = one->gone ? service_state_new(one->gone->services[0]) : NULL;
	saved.gone = NULL;
	if (state) /* saved_service_made() has seen it */
		service_state_activate(state, &service_states);
	return state;
}

static void get_one(const struct record *record)
{
	struct saved *one = find_named(record);
	struct service_state *state = one ? one->state : NULL;

	if (one && !state)
		state = state_of_gone(one, record);
	if (!state) {
		saved.failed = true;
		return;
	}
	one->per_source = saved_rate_get(record, "per_source_rate");
	get_admit(record, &state->admit);
	get_history(record, state);
	if (record_get(record, "backoff_until"))
		service_state_hold_backoff(state, get_u32(record, "backoff"),
			record_get_number(record, "backoff_until"));
	state->backoff.delay_ms = get_u32(record, "backoff");
	handover_get_rows(
		record, HANDOVER_ROWS(rows), state); /* the last, as a hold changes them */
}

int saved_service_get_all(void)
{
	handover_each("service", get_one);
	errno = ENOMEM;
	return saved.failed ? -1 : 0;
}

/* As a reload does with the rate of one source. */
void saved_service_rescale(void)
{
	for (const struct saved *one = saved.list; one; one = one->next) {
		const struct limits *now;
		struct limits then;

		if (!one->state)
			continue;
		now = one->state->admit.limits;
		then = *now;
		then.per_source_rate = one->per_source;
		one->state->admit.limits = &then;
		admit_update(&one->state->admit, now, loop_now_ms());
	}
}

struct service_state *saved_service_named(const struct record *record)
{
	struct saved *one = find_named(record);

	return one ? one->state : NULL;
}

unsigned saved_service_gone(void)
{
	unsigned count = 0;

	for (const struct saved *one = saved.list; one; one = one->next)
		count += one->gone != NULL;
	return count;
}

void saved_service_end(void)
{
	for (struct saved *one = saved.list; one; one = one->next) {
		if (!one->gone)
			continue;
		if (one->state) {
			service_state_depart(one->state, &service_states);
			service_state_unref(one->state);
		}
		config_unref(one->gone);
	}
	arena_free(&saved.arena);
	saved.by_label = saved.by_number = (struct map){0};
	saved.list = NULL;
}
