/* stats: see stats.h. */
#include "control/stats.h"

#include "base/decimal.h"
#include "base/log.h"
#include "control/figures.h"
#include "control/report.h"

#define FIELDS_MOST 16

/* The fields of a line that are figures, after those it has already. */
struct fields {
	struct log_field list[FIELDS_MOST + 1];
	char texts[FIELDS_MOST][DECIMAL_BYTES];
	size_t count;
};

static void add(struct fields *fields, const struct figure *figure, uint64_t value)
{
	if (!figure->logged || fields->count == FIELDS_MOST)
		return;
	fields->list[fields->count] = (struct log_field){
		figure->name, decimal_text(value, fields->texts[fields->count]), true};
	fields->count++;
}

static void log_state(const struct service_state *state)
{
	const char *name = state->service->name;
	uint64_t since_ms;
	struct fields fields = {
		.list = {{"service", name, false},
			{"state", hold_name(report_holds(state, &since_ms)), false}},
		.count = 2};

	for (const struct figure *figure = figures_of_service; figure->name; figure++)
		add(&fields, figure, figure->of_service(state));
	log_event(LOG_NOTICE, fields.list, "%s: statistics", name);
}

static bool is_used(const struct service_state *state)
{
	for (const struct figure *figure = figures_of_service; figure->name; figure++)
		if (figure->logged && figure->of_service(state))
			return true;
	return state->holds;
}

void stats_log(void)
{
	const struct service_state *state;
	struct fields fields = {.count = 0};

	TAILQ_FOREACH (state, &service_states, in_states)
		if (is_used(state))
			log_state(state);
	for (const struct figure *figure = figures_of_daemon; figure->name; figure++)
		add(&fields, figure, figure->of_daemon());
	log_event(LOG_NOTICE, fields.list, "statistics");
}
