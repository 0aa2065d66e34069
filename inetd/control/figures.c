/* figures: see figures.h. */
#include "control/figures.h"

#include <unistd.h>

#include "base/log.h"
#include "base/slice.h"
#include "control/configure.h"
#include "control/machine.h"
#include "run/accept/delayed_close.h"
#include "run/program/lent.h"
#include "run/program/program.h"
#include "run/program/spare.h"
#include "run/reload/resolve.h"
#include "run/service/listener.h"
#include "run/service/service_health.h"
#include "run/service/service_history.h"
#include "run/worker/worker_link.h"

/* --- of a service --- */

static uint64_t running(const struct service_state *state)
{
	return state->admit.stats.running;
}

static uint64_t peak(const struct service_state *state)
{
	return state->admit.stats.peak;
}

static uint64_t limit(const struct service_state *state)
{
	uint32_t instances = state->admit.limits->instances;

	return instances == LIMIT_NONE ? FIGURE_UNLIMITED : instances;
}

static uint64_t started(const struct service_state *state)
{
	return state->admit.stats.started - state->admit.stats.undone;
}

static uint64_t daemon_restarts(const struct service_state *state)
{
	uint64_t starts = started(state);

	return service_is_proxied(state->service) && starts ? starts - 1 : 0;
}

static uint64_t daemon_up(const struct service_state *state)
{
	return service_is_proxied(state->service) && lent_is_served(state);
}

static uint64_t ended(const struct service_state *state)
{
	return state->admit.stats.ended;
}

static uint64_t undone(const struct service_state *state)
{
	return state->admit.stats.undone;
}

static uint64_t failed(const struct service_state *state)
{
	return state->failed;
}

static uint64_t lost(const struct service_state *state)
{
	return state->worker_lost;
}

static uint64_t refused(const struct service_state *state)
{
	uint64_t sum = 0;

	for (int i = 0; i < ADMIT_VERDICTS; i++)
		sum += state->admit.stats.refused[i];
	return sum;
}

static uint64_t spares(const struct service_state *state)
{
	return spare_count(state);
}

static uint64_t failing(const struct service_state *state)
{
	char text[SERVICE_HEALTH_TEXT];

	return program_problem(state, text, sizeof(text)) != NULL;
}

static uint64_t started_ready(const struct service_state *state)
{
	return state->observed ? state->observed->from_spares : 0;
}

static uint64_t ready(const struct service_state *state)
{
	const struct listener *listener;

	if (service_state_shown(state) || program_start_failed(state) ||
		service_health_unusable(state) || resolve_missing(state->service))
		return 0;
	TAILQ_FOREACH (listener, &state->listeners, in_state)
		if (listener->holds & HOLD_SOCKET)
			return 0;
	return 1;
}

const struct figure figures_of_service[] = {
	{"ready", "service_ready", "1 if it takes connections and its program could be started.",
		.of_service = ready},
	{"failing", "service_failing",
		"1 if its program cannot be started, or its programs fail one after the other.",
		.of_service = failing},
	{"running", "service_running", "Programs or sessions that run.", .logged = true,
		.of_service = running},
	{"peak", "service_running_peak", "The most that ran at once.", .logged = true,
		.of_service = peak},
	{"limit", "service_running_limit", "How many may run at once.", .of_service = limit},
	{"spares", "service_spares", "Programs that stand ready for a connection.",
		.of_service = spares},
	{"started_ready", "service_started_ready",
		"Connections whose program stood ready when they came.", .counter = true,
		.of_service = started_ready},
	{"daemon_up", "service_daemon_up", "1 if a daemon on demand has started.",
		.of_service = daemon_up},
	{"daemon_restarts", "service_daemon_restarts",
		"Starts of a daemon on demand after its first one.", .counter = true,
		.of_service = daemon_restarts},
	{"started", "service_started", "Programs or sessions that were started.", .counter = true,
		.logged = true, .of_service = started},
	{"ended", .of_service = ended},
	{"undone", .of_service = undone},
	{"refused", .logged = true, .of_service = refused}, /* metrics have it by reason */
	{"failed", "service_failed", "Programs that could not be started.", .counter = true,
		.logged = true, .of_service = failed},
	{"lost", "service_lost", "Sessions that ended because their process did.", .counter = true,
		.of_service = lost},
	{0},
};

/* --- of the daemon --- */

static uint64_t sum_of(uint64_t (*value)(const struct service_state *state))
{
	const struct service_state *state;
	uint64_t sum = 0;

	TAILQ_FOREACH (state, &service_states, in_states) {
		slice_breathe();
		sum += value(state);
	}
	return sum;
}

static uint64_t one(const struct service_state *state)
{
	(void)state;
	return 1;
}

static uint64_t all_services(void)
{
	return sum_of(one);
}

static uint64_t all_started(void)
{
	return sum_of(started);
}

static uint64_t all_refused(void)
{
	return sum_of(refused);
}

static uint64_t all_failed(void)
{
	return sum_of(failed);
}

static uint64_t pid(void)
{
	return (uint64_t)getpid();
}

static uint64_t generation(void)
{
	return configure_counts().generation;
}

static uint64_t reloads(void)
{
	return configure_counts().reloads;
}

static uint64_t reload_errors(void)
{
	return configure_counts().errors;
}

static uint64_t upgrades(void)
{
	return configure_counts().upgrades;
}

static uint64_t config_errors(void)
{
	return configure_counts().config_errors;
}

static uint64_t longest_turn(void)
{
	return loop_turns().longest_us;
}

static uint64_t recent_turn(void)
{
	return loop_turns().recent_us;
}

static uint64_t programs(void)
{
	return program_count();
}

static uint64_t sessions(void)
{
	return worker_sessions();
}

static uint64_t worker_process(void)
{
	return (uint64_t)worker_pid();
}

static uint64_t restarts(void)
{
	return worker_restarts();
}

const struct figure figures_of_daemon[] = {
	{"pid", .of_daemon = pid},
	{"uptime", "uptime_seconds", "Time since the daemon was started.",
		.of_daemon = machine_uptime},
	{"generation", .of_daemon = generation},
	{"reloads", "reloads", "Times the configuration was read again.", .counter = true,
		.of_daemon = reloads},
	{"reload_errors", "reload_errors", "Reloads with errors in the configuration.",
		.counter = true, .of_daemon = reload_errors},
	{"upgrades", "upgrades", "Times another program has taken the daemon's place.",
		.counter = true, .of_daemon = upgrades},
	{"services", "services", "Services that are configured.", .logged = true,
		.of_daemon = all_services},
	{"started", .of_daemon = all_started},
	{"refused", .of_daemon = all_refused},
	{"failed", .of_daemon = all_failed},
	{"programs", "programs", "Programs that run.", .logged = true, .of_daemon = programs},
	{"sessions", "sessions", "Sessions of built-in services.", .logged = true,
		.of_daemon = sessions},
	{"config_errors", "config_errors", "Errors in the configuration that was read last.",
		.logged = true, .of_daemon = config_errors},
	{"worker_pid", .of_daemon = worker_process},
	{"worker_restarts", "worker_restarts",
		"Times the process of the built-in services has ended unexpectedly.",
		.counter = true, .of_daemon = restarts},
	{"descriptors", "open_descriptors", "Descriptors the daemon has open.",
		.of_daemon = machine_descriptors},
	{"memory_kib", "private_memory_bytes", "Memory that only the daemon uses.",
		.unit = FIGURE_KIB, .of_daemon = machine_private_kib},
	{"longest_turn_us", "longest_turn_seconds",
		"The longest time the daemon has looked after one batch of events.",
		.unit = FIGURE_US, .of_daemon = longest_turn},
	{"recent_turn_us", "recent_turn_seconds", "The same of the last minute or two.",
		.unit = FIGURE_US, .of_daemon = recent_turn},
	{"refused_late", "refused_late", "Refused connections of a flood, closed late.",
		.counter = true, .of_daemon = delayed_close_count},
	{"log_lost", "log_lines_lost", "Log lines that could not be delivered.", .counter = true,
		.of_daemon = log_lost},
	{0},
};

/* --- of the machine --- */

static uint64_t overflows(void)
{
	return machine_losses().overflows;
}

static uint64_t drops(void)
{
	return machine_losses().drops;
}

const struct figure figures_of_machine[] = {
	{"listen_overflows", "listen_overflows",
		"Connections to this machine lost to a full accept queue.", .counter = true,
		.of_daemon = overflows},
	{"listen_drops", "listen_drops",
		"Connections to this machine lost before accept, for any reason.", .counter = true,
		.of_daemon = drops},
	{"somaxconn", .of_daemon = machine_somaxconn},
	{0},
};
