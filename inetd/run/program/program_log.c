/* program_log: see program_log.h. */
#include "run/program/program_log.h"

#include "base/decimal.h"
#include "base/log.h"

/* The values of the fields that all lines about a program have. */
struct about {
	const char *name;
	char peer[SOCKADDR_TEXT];
	char pid[DECIMAL_BYTES];
};

static void about(struct about *about, const struct program *program)
{
	about->name = program->state->service->name;
	sockaddr_text(&program->peer, about->peer, sizeof(about->peer));
	decimal_text((uint64_t)program->child.pid, about->pid);
}

#define ABOUT(about)                                                                               \
	{"service", (about).name, false}, {"peer", (about).peer, false},                           \
	{                                                                                          \
		"pid", (about).pid, true                                                           \
	}

static bool is_wanted(const struct service_state *state, unsigned event)
{
	return (state->service->policy->events & event) && service_state_shows(state, LOG_INFO);
}

void program_log_start(const struct program *program)
{
	struct about of;

	if (!is_wanted(program->state, EVENT_START))
		return;
	about(&of, program);
	log_event_to(service_state_log_file(program->state), LOG_INFO, LOG_FIELDS(ABOUT(of)),
		"%s: started", of.name);
}

/* To the nearest. */
static uint64_t milliseconds(struct timeval tv)
{
	return (uint64_t)tv.tv_sec * 1000 + ((uint64_t)tv.tv_usec + 500) / 1000;
}

/* What a program took, as text. */
struct usage_text {
	char duration[DECIMAL_SECONDS_BYTES], user[DECIMAL_SECONDS_BYTES],
		system[DECIMAL_SECONDS_BYTES], peak_kib[DECIMAL_BYTES];
};

static void usage_text(
	struct usage_text *of, const struct program *program, const struct rusage *usage)
{
	decimal_seconds(loop_now_ms() - program->started_ms, of->duration);
	decimal_seconds(milliseconds(usage->ru_utime), of->user);
	decimal_seconds(milliseconds(usage->ru_stime), of->system);
	decimal_text((uint64_t)usage->ru_maxrss, of->peak_kib);
}

void program_log_exit(const struct program *program, int status, const struct rusage *usage)
{
	const char *reason = program->stopped ? "stop" : program->overdue ? "max_time" : NULL;
	char text[64];
	struct usage_text took;
	struct about of;

	if (!is_wanted(program->state, EVENT_EXIT))
		return;
	about(&of, program);
	usage_text(&took, program, usage);
	log_event_to(service_state_log_file(program->state), LOG_INFO,
		LOG_FIELDS(ABOUT(of), {"duration", took.duration, true}, {"user", took.user, true},
			{"system", took.system, true}, {"peak_kib", took.peak_kib, true},
			{reason ? "reason" : NULL, reason, false}),
		"%s: ended with %s", of.name, child_status_text(status, text, sizeof(text)));
}

void program_log_overdue(const struct program *program)
{
	struct service_state *state = program->state;
	char more[LOG_LIMIT_TEXT];
	struct about of;
	uint32_t omitted;

	if (!service_state_shows(state, LOG_NOTICE) ||
		!service_state_may_log(state, LOG_OVERDUE, &omitted))
		return;
	about(&of, program);
	log_event_to(service_state_log_file(state), LOG_NOTICE,
		LOG_FIELDS(ABOUT(of), {"reason", "max_time", false}),
		"%s: has run for %.1f s, more than max_time: told to end%s", of.name,
		(double)(loop_now_ms() - program->started_ms) / 1000,
		log_limit_text(omitted, more, sizeof(more)));
}

struct sockaddr_len *program_log_session_start(
	const struct service_state *state, const struct sockaddr_len *peer)
{
	const char *name = state->service->name;
	struct sockaddr_len *kept = NULL;
	char text[SOCKADDR_TEXT];

	if (is_wanted(state, EVENT_START))
		log_event_to(service_state_log_file(state), LOG_INFO,
			LOG_FIELDS({"service", name, false},
				{"peer", sockaddr_text(peer, text, sizeof(text)), false}),
			"%s: session started", name);
	if (is_wanted(state, EVENT_EXIT))
		kept = malloc(sizeof(*kept));
	if (kept)
		*kept = *peer;
	return kept;
}

void program_log_session_exit(
	const struct service_state *state, const struct sockaddr_len *peer, uint64_t accepted_us)
{
	const char *name = state->service->name;
	char text[SOCKADDR_TEXT], duration[DECIMAL_SECONDS_BYTES];

	if (!is_wanted(state, EVENT_EXIT))
		return;
	decimal_seconds((loop_clock_us() - accepted_us + 500) / 1000, duration);
	log_event_to(service_state_log_file(state), LOG_INFO,
		LOG_FIELDS({"service", name, false},
			{"peer", sockaddr_text(peer, text, sizeof(text)), false},
			{"duration", duration, true}),
		"%s: session ended", name);
}
