/* admin_verbs: see admin_verbs.h. */
#include "control/admin_verbs.h"

#include <sys/param.h>

#include "base/decimal.h"
#include "base/log.h"
#include "config/keys/key.h"
#include "config/text/number.h"
#include "control/configure.h"
#include "control/notify.h"
#include "control/service_match.h"
#include "control/upgrade.h"
#include "run/program/program.h"
#include "run/reload/disable.h"
#include "run/worker/worker_link.h"

void (*admin_drained)(void);

static bool draining;
static unsigned found; /* by the verb that is running: programs, or sockets that failed to open */

static void report_done(FILE *out, const struct service_state *state, const char *what)
{
	const struct service *service = state->service;

	fprintf(out, "%s: %s\n", service->label, what);
	log_event(LOG_NOTICE, LOG_FIELDS({"service", service->name, false}), "%s: %s by inetctl",
		service->name, what);
}

/* --- one service --- */

static void enable_service(FILE *out, struct service_state *state)
{
	unsigned closed;

	if (!(state->holds & HOLD_DISABLED)) {
		fprintf(out, "%s: it is enabled already\n", state->service->label);
		return;
	}
	closed = disable_end(state);
	found += closed;
	report_done(out, state, "enabled");
	if (closed)
		fprintf(out, "%s: %u of its sockets cannot be opened now (will retry)\n",
			state->service->label, closed);
}

static void close_service(FILE *out, struct service_state *state)
{
	unsigned ended, left;
	char what[96] = "disabled";

	if (state->holds & HOLD_DISABLED) {
		fprintf(out, "%s: it is disabled already\n", state->service->label);
		return;
	}
	ended = disable_service(state);
	if (ended)
		snprintf(what, sizeof(what), "disabled, TERM sent to %u program%s with its socket",
			ended, decimal_plural(ended));
	report_done(out, state, what);
	left = state->admit.stats.running - MIN(ended, state->admit.stats.running);
	if (left)
		fprintf(out, "%s: %u still run%s; inetctl stop ends them\n", state->service->label,
			left, left == 1 ? "s" : "");
}

static void stop_service(FILE *out, struct service_state *state)
{
	unsigned programs, sessions;
	char what[96];

	disable_service(state);
	disable_running(state, &programs, &sessions);
	snprintf(what, sizeof(what), "disabled, TERM sent to %u program%s, %u session%s closed",
		programs, decimal_plural(programs), sessions, decimal_plural(sessions));
	report_done(out, state, what);
}

/* True, after a message, when the daemon is draining: nothing can be opened or closed then. */
static bool is_late(FILE *out)
{
	if (draining)
		fprintf(out, "the daemon is draining: all services are closed for good\n");
	return draining;
}

int admin_enable(FILE *out, const char *arg)
{
	int status;

	if (is_late(out))
		return CONFIGURE_FAILED;
	found = 0;
	status = service_match_each(out, arg, enable_service);
	return status || !found ? status : CONFIGURE_FAILED;
}

int admin_disable(FILE *out, const char *arg)
{
	return is_late(out) ? CONFIGURE_FAILED : service_match_each(out, arg, close_service);
}

int admin_stop(FILE *out, const char *arg)
{
	return service_match_each(out, arg, stop_service);
}

/* --- the daemon --- */

static void drain_over(void)
{
	log_notice("drained: no program or session runs any more; the daemon ends");
	admin_drained();
}

static void drain_late(struct timer *timer)
{
	(void)timer;
	log_notice("draining: the time is over: %u program%s and %u session%s told to end",
		program_count(), decimal_plural(program_count()), worker_sessions(),
		decimal_plural(worker_sessions()));
	disable_all_end();
}

/* "90", "90s", "10min", "1h": milliseconds; 0 for none; -1 for anything else. */
static int64_t parse_limit(const char *text)
{
	static const struct {
		const char *unit;
		int64_t ms;
	} units[] = {{"", 1000}, {"s", 1000}, {"min", 60000}, {"h", 3600000}};
	const char *unit;
	int64_t value;

	if (!text || !*text)
		return 0;
	if (number_scan(text, 10, &value, &unit) != NUMBER_OK || value < 1 || value > 1000000)
		return -1;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (!strcmp(unit, units[i].unit))
			return value * units[i].ms;
	return -1;
}

int admin_drain(FILE *out, const char *arg)
{
	static struct timer limit = {.fired = drain_late};
	int64_t limit_ms = parse_limit(arg);

	if (limit_ms < 0) {
		fprintf(out, "'");
		service_match_print(out, arg);
		fprintf(out, "' is not a time such as 90s, 10min or 1h\n");
		return CONFIGURE_FAILED;
	}
	if (limit_ms)
		loop_timer(&limit, (uint64_t)limit_ms);
	if (!draining) {
		configure_stop();
		upgrade_stop();
		notify_stopping();
		log_notice("draining: %u program%s and %u session%s still run", program_count(),
			decimal_plural(program_count()), worker_sessions(),
			decimal_plural(worker_sessions()));
		draining = true;
		disable_all(notify_draining, drain_over);
	}
	fprintf(out, "draining: %u program%s and %u session%s still run\n", program_count(),
		decimal_plural(program_count()), worker_sessions(),
		decimal_plural(worker_sessions()));
	return 0;
}

/* --- programs --- */

static void ask_to_end(FILE *out, struct service_state *state)
{
	unsigned count = program_end(state, PROGRAM_ASK);
	char what[64];

	found += count;
	if (!count)
		return;
	snprintf(what, sizeof(what), "TERM sent to %u program%s", count, decimal_plural(count));
	report_done(out, state, what);
}

static int kill_called(FILE *out, const char *name)
{
	int status;

	found = 0;
	status = service_match_each(out, name, ask_to_end);
	if (!status && !found) {
		fprintf(out, "no program of '");
		service_match_print(out, name);
		fprintf(out, "' runs; inetctl connections shows what does\n");
		return CONFIGURE_FAILED;
	}
	return status;
}

static int kill_one(FILE *out, const struct program *program)
{
	char what[64];

	program_terminate(program);
	snprintf(what, sizeof(what), "TERM sent to process %d", (int)program->child.pid);
	report_done(out, program->state, what);
	return 0;
}

int admin_kill(FILE *out, const char *arg)
{
	const char *error = NULL;
	pid_t pid = (pid_t)strtonum(arg, 1, INT32_MAX, &error);
	const struct program *program = error ? NULL : program_find(pid);

	if (error || (!program && service_match_exists(arg)))
		return kill_called(out, arg);
	if (program && service_match_exists(arg)) {
		fprintf(out,
			"%d is both a process and a service: for the service give %d/tcp, or an "
			"address in front\n",
			(int)pid, (int)pid);
		return CONFIGURE_FAILED;
	}
	if (program)
		return kill_one(out, program);
	fprintf(out,
		"process %d is not a program of a service; inetctl connections shows which "
		"are\n",
		(int)pid);
	return CONFIGURE_FAILED;
}

/* --- sources, and the log --- */

int admin_unblock(FILE *out, const char *arg)
{
	char text[NETWORK_TEXT];
	struct network network;
	enum network_error error = network_parse(arg, &network);
	struct service_state *state;
	unsigned sources = 0, services = 0;

	if (error != NETWORK_OK && error != NETWORK_STRAY) {
		fprintf(out, "'");
		service_match_print(out, arg);
		fprintf(out, "' is not an address or network such as 192.0.2.1 or 2001:db8::/32\n");
		return CONFIGURE_FAILED;
	}
	network_text(&network, text, sizeof(text));
	TAILQ_FOREACH (state, &service_states, in_states) {
		unsigned count = admit_unblock(&state->admit, &network);

		sources += count;
		services += count > 0;
		if (count)
			fprintf(out, "%s: %u source%s unblocked\n", state->service->label, count,
				decimal_plural(count));
	}
	if (!sources)
		fprintf(out, "no service has blocked %s\n", text);
	else
		log_notice("unblocked %s by inetctl: %u source%s of %u service%s", text, sources,
			decimal_plural(sources), services, decimal_plural(services));
	return 0;
}

int admin_log_level(FILE *out, const char *arg)
{
	const struct key_word *word = key_table[KEY_LOG_LEVEL].words;

	while (word->word && strcmp(word->word, arg) != 0)
		word++;
	if (!word->word) {
		fprintf(out, "'");
		service_match_print(out, arg);
		fprintf(out, "' is not a level; the levels are");
		for (word = key_table[KEY_LOG_LEVEL].words; word->word; word++)
			fprintf(out, " %s", word->word);
		fprintf(out, "\n");
		return CONFIGURE_FAILED;
	}
	/* Logged at both levels, the old and the new. */
	log_set_level(MAX(word->value, log_level()));
	log_notice("log level %s by inetctl, until a reload", word->word);
	log_set_level(word->value);
	fprintf(out, "log level %s, until a reload\n", word->word);
	return 0;
}
