/* event: see event.h. */
#include "run/event.h"

#include "base/log.h"

/* The values of the fields that all lines about a program have. */
struct about {
	const char *name;
	char peer[SOCKADDR_TEXT];
	char pid[12];
};

static void about(struct about *about, const struct program *program)
{
	about->name = program->gate->service->name;
	sockaddr_text(&program->peer, about->peer, sizeof(about->peer));
	snprintf(about->pid, sizeof(about->pid), "%d", (int)program->child.pid);
}

#define ABOUT(about)                                                                               \
	{"service", (about).name, false}, {"peer", (about).peer, false},                           \
	{                                                                                          \
		"pid", (about).pid, true                                                           \
	}

static bool is_wanted(const struct program *program, unsigned event, int level)
{
	return (program->gate->service->events & event) && gate_shows(program->gate, level);
}

void event_start(const struct program *program)
{
	struct about of;

	if (!is_wanted(program, EVENT_START, LOG_INFO))
		return;
	about(&of, program);
	log_event(LOG_INFO, LOG_FIELDS(ABOUT(of)), "%s: started", of.name);
}

static double seconds(struct timeval tv)
{
	return (double)tv.tv_sec + (double)tv.tv_usec / 1e6;
}

/* Three numbers of seconds, as text. */
struct times {
	char duration[24], user[24], system[24];
};

static void times_text(
	struct times *times, const struct program *program, const struct rusage *usage)
{
	snprintf(times->duration, sizeof(times->duration), "%.3f",
		(double)(loop_now_ms() - program->started_ms) / 1000);
	snprintf(times->user, sizeof(times->user), "%.3f", seconds(usage->ru_utime));
	snprintf(times->system, sizeof(times->system), "%.3f", seconds(usage->ru_stime));
}

void event_exit(const struct program *program, int status, const struct rusage *usage)
{
	const char *reason = program->stopped ? "stop" : program->overdue ? "max_time" : NULL;
	char text[64], peak[24];
	struct times times = {"", "", ""};
	struct about of;

	if (!is_wanted(program, EVENT_EXIT, LOG_INFO))
		return;
	about(&of, program);
	times_text(&times, program, usage);
	snprintf(peak, sizeof(peak), "%ld", usage->ru_maxrss);
	log_event(LOG_INFO,
		LOG_FIELDS(ABOUT(of), {"duration", times.duration, true},
			{"user", times.user, true}, {"system", times.system, true},
			{"peak_kib", peak, true}, {reason ? "reason" : NULL, reason, false}),
		"%s: ended with %s", of.name, child_status_text(status, text, sizeof(text)));
}

void event_overdue(const struct program *program)
{
	struct gate *gate = program->gate;
	char more[48] = "";
	struct about of;
	uint32_t left_out;

	if (!gate_shows(gate, LOG_NOTICE) || !log_limit_allows(&gate->overdue, &left_out))
		return;
	about(&of, program);
	if (left_out)
		snprintf(more, sizeof(more), " (and %u more not logged)", left_out);
	log_event(LOG_NOTICE, LOG_FIELDS(ABOUT(of), {"reason", "max_time", false}),
		"%s: has run for %.1f s, more than max_time: told to end%s", of.name,
		(double)(loop_now_ms() - program->started_ms) / 1000, more);
}
