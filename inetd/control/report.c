/* report: see report.h. */
#include "control/report.h"

#include <netinet/tcp.h>
#include <string.h>
#include <sys/param.h>
#include <sys/socket.h>

#include "base/log_line.h"
#include "base/record.h"
#include "control/configure.h"
#include "control/figures.h"
#include "control/machine.h"
#include "run/program/lent.h"
#include "run/program/program.h"
#include "run/reload/reconcile.h"
#include "run/reload/resolve.h"
#include "run/service/listener.h"
#include "run/service/service_history.h"
#include "run/worker/worker_process.h"

#define TEXT_BYTES 600

unsigned report_holds(const struct service_state *state, uint64_t *since_ms)
{
	const unsigned shown = service_state_shown(state);
	const struct listener *listener;

	*since_ms = state->since_ms;
	if (state->observed && !(state->holds & ~(unsigned)HOLD_FULL) && (shown & HOLD_FULL))
		*since_ms = state->observed->started_ms; /* which took the last place */
	if (state->holds)
		return shown;
	TAILQ_FOREACH (listener, &state->listeners, in_state)
		if (listener->holds) {
			*since_ms = MAX(state->since_ms, listener->since_ms);
			return listener->holds;
		}
	if (shown)
		return shown;
	TAILQ_FOREACH (listener, &state->listeners, in_state)
		*since_ms = MAX(*since_ms, listener->since_ms);
	return 0;
}

static void put_figure(FILE *out, const struct figure *figure, uint64_t value)
{
	record_number(out, figure->name, value == FIGURE_UNLIMITED ? 0 : value);
}

static void put_counts(FILE *out, const struct service_state *state)
{
	const uint64_t *refused = state->admit.stats.refused;
	char name[48];

	for (const struct figure *figure = figures_of_service; figure->name; figure++)
		put_figure(out, figure, figure->of_service(state));
	for (int i = ADMIT_OK + 1; i < ADMIT_VERDICTS; i++) {
		if (!refused[i])
			continue;
		snprintf(name, sizeof(name), "refused_%s", verdict_key((enum verdict)i));
		record_number(out, name, refused[i]);
	}
}

static void put_figures(FILE *out, const struct figure *figures)
{
	for (const struct figure *figure = figures; figure->name; figure++)
		put_figure(out, figure, figure->of_daemon());
}

static void put_history(FILE *out, const struct service_state *state)
{
	uint16_t counts[HISTORY_SECONDS] = {0};
	char text[HISTORY_SECONDS * 6] = "";
	size_t len = 0;

	if (state->observed)
		history_read(&state->observed->starts, loop_now_ms(), counts);
	for (int i = 0; i < HISTORY_SECONDS; i++)
		len += (size_t)snprintf(
			text + len, sizeof(text) - len, i ? ",%u" : "%u", counts[i]);
	record_numbers(out, "history", text);
}

static const char *type_name(const struct service *service)
{
	switch (service->socktype) {
	case SOCK_STREAM:
		return "stream";
	case SOCK_DGRAM:
		return "dgram";
	case SOCK_SEQPACKET:
		return "seqpacket";
	default:
		return "other";
	}
}

static const char *daemon_text(const struct service_state *state)
{
	if (!state->admit.stats.running)
		return "stopped";
	return lent_is_served(state) ? "running" : "starting";
}

static void put_definition(FILE *out, const struct service_state *state)
{
	const struct service *service = state->service;
	char text[TEXT_BYTES];

	record_text(out, "name", service->name);
	record_text(out, "label", service->label);
	if (service->server)
		strlcpy(text, service->server, sizeof(text));
	else
		snprintf(text, sizeof(text), "internal:%s", builtin_name(service->builtin));
	record_text(out, "program", text);
	snprintf(text, sizeof(text), "%s:%u", service->where.file, service->where.line);
	record_text(out, "where", text);
	record_text(out, "protocol", service->protocol);
	record_text(out, "rpc", service->rpc);
	record_text(out, "type", type_name(service));
	if (service->builtin != BUILTIN_NONE) /* which does not run as the user of its entry */
		snprintf(text, sizeof(text), "uid %u", (unsigned)worker_process_uid());
	record_text(out, "user",
		service->builtin != BUILTIN_NONE ? text : service->policy->identity.user);
	record_number(out, "wait", service->wait);
	if (service_is_proxied(service))
		record_text(out, "daemon", daemon_text(state));
	record_number(out, "kept", state->config != reconcile_config());
	record_number(out, "enabled", !(state->holds & HOLD_CLOSED));
}

bool report_queue(const struct listener *listener, struct report_queue *queue)
{
	struct tcp_info info = {0};
	socklen_t len = sizeof(info);

	if (listener->watch.fd < 0 || listener->endpoint.protocol != IPPROTO_TCP ||
		getsockopt(listener->watch.fd, IPPROTO_TCP, TCP_INFO, &info, &len) < 0)
		return false;
	*queue = (struct report_queue){info.tcpi_unacked, info.tcpi_sacked};
	return true;
}

/* The state of a socket that would be ready, but for its service. */
static const char *shown(const char *name, bool failing)
{
	return failing && !strcmp(name, "ready") ? "failing" : name;
}

static void put_endpoint(
	FILE *out, const struct service_state *state, const char *address, const char *state_name)
{
	record_begin(out, "endpoint");
	record_text(out, "service", state->service->label);
	record_text(out, "address", address);
	record_text(out, "state", state_name);
}

static void put_endpoints(FILE *out, const struct service_state *state, bool full, bool failing)
{
	struct sockaddr_len bound;
	const struct listener *listener;
	const struct sockaddr_len *addrs;
	struct report_queue queue;
	char text[TEXT_BYTES];

	if (state->service->mux) {
		put_endpoint(out, state, "tcpmux",
			shown(hold_name(service_state_shown(state)), failing));
		record_end(out);
	}
	TAILQ_FOREACH (listener, &state->listeners, in_state) {
		bound = listener_bound(listener);
		put_endpoint(out, state, sockaddr_text(&bound, text, sizeof(text)),
			shown(listener_state(listener), failing));
		if (full && report_queue(listener, &queue)) {
			record_number(out, "queue", queue.length);
			record_number(out, "queue_limit", queue.limit);
		}
		record_end(out);
	}
	for (size_t i = 0; i < state->service->name_count; i++) {
		const struct bind_name *name = &state->service->names[i];

		if (resolve_known(name->host, &addrs))
			continue;
		snprintf(text, sizeof(text), "%s:%u", name->host, name->port);
		put_endpoint(out, state, text, "lookup");
		record_end(out);
	}
}

/* What keeps its sockets from being opened. */
static int socket_error(const struct service_state *state)
{
	const struct listener *listener;

	TAILQ_FOREACH (listener, &state->listeners, in_state)
		if ((listener->holds & HOLD_SOCKET) && listener->err)
			return listener->err;
	return 0;
}

/* Its state in one word, and why that is so. */
static void put_state(
	FILE *out, const struct service_state *state, unsigned holds, const char *problem)
{
	const struct reason *reason = reason_of_hold(holds);
	const char *missing = resolve_missing(state->service);
	const char *name = reason    ? reason->state
			   : missing ? "lookup"
			   : problem ? "failing"
				     : "ready";
	char text[TEXT_BYTES];

	if (reason && reason->hold == HOLD_SOCKET && socket_error(state))
		snprintf(text, sizeof(text), "%s: %s", reason->held, strerror(socket_error(state)));
	else if (reason && reason->hold == HOLD_BACKOFF && problem)
		snprintf(text, sizeof(text), "%s; will retry after a pause", problem);
	else if (!reason && missing)
		snprintf(text, sizeof(text), "the name '%s' cannot be looked up; will retry",
			missing);
	else
		strlcpy(text, reason ? reason->held : problem ? problem : "", sizeof(text));
	record_text(out, "state", name);
	record_text(out, "reason", *text ? text : NULL);
	record_text(out, "problem", problem);
}

void report_service(FILE *out, const struct service_state *state, bool full)
{
	char text[SERVICE_HEALTH_TEXT];
	const char *problem = program_problem(state, text, sizeof(text));
	uint64_t since_ms;
	unsigned holds = report_holds(state, &since_ms);

	record_begin(out, "service");
	put_definition(out, state);
	put_state(out, state, holds, problem);
	record_number(out, "since", (loop_now_ms() - since_ms) / 1000);
	put_counts(out, state);
	if (full)
		put_history(out, state);
	record_end(out);
	put_endpoints(out, state, full, problem != NULL);
}

/* The argument of put_program(). */
struct wanted {
	FILE *out;
	const struct service_state *state; /* NULL: all */
};

static bool put_program(const struct child *child, const void *arg)
{
	const struct wanted *wanted = arg;
	const struct program *program = program_of(child);
	char text[SOCKADDR_TEXT];
	FILE *out = wanted->out;

	if (!program || (wanted->state && program->state != wanted->state))
		return false;
	record_begin(out, "program");
	record_text(out, "service", program->state->service->label);
	record_number(out, "pid", (uint64_t)child->pid);
	if (program->peer.len)
		record_text(out, "peer", sockaddr_text(&program->peer, text, sizeof(text)));
	if (program->local.len)
		record_text(out, "local", sockaddr_text(&program->local, text, sizeof(text)));
	record_number(out, "age_ms", loop_now_ms() - program->started_ms);
	record_number(out, "lent", program->lends);
	record_number(out, "overtime", program->overdue);
	record_end(out);
	return false;
}

void report_programs(FILE *out, const struct service_state *state)
{
	const struct wanted wanted = {out, state};
	const struct service_state *one;

	child_find(put_program, &wanted);
	TAILQ_FOREACH (one, &service_states, in_states) {
		if ((state && one != state) || one->service->builtin == BUILTIN_NONE ||
			!one->admit.stats.running)
			continue;
		record_begin(out, "session");
		record_text(out, "service", one->service->label);
		record_number(out, "count", one->admit.stats.running);
		record_end(out);
	}
}

void report_machine(FILE *out)
{
	struct machine_losses losses = machine_losses();

	record_begin(out, "machine");
	put_figures(out, figures_of_machine);
	if (losses.overflows)
		record_text(out, "advice",
			"accept queues have overflowed: raise backlog (-q) and "
			"net.core.somaxconn, or instances if the services are full");
	else if (losses.drops)
		record_text(out, "advice",
			"connections were dropped before they could be accepted: look for a lack "
			"of memory, and at net.ipv4.tcp_max_syn_backlog");
	record_end(out);
}

void report_configuration(FILE *out)
{
	const struct diag *diag = &reconcile_config()->diag;
	const struct diag_item *item = diag->first;
	char text[TEXT_BYTES];

	record_begin(out, "configuration");
	record_number(out, "errors", configure_counts().config_errors);
	while (item && item->severity != DIAG_ERROR)
		item = item->next;
	if (item) {
		diag_format(item, text, sizeof(text));
		record_text(out, "first_error", text);
	}
	record_end(out);
}

void report_daemon(FILE *out)
{
	record_begin(out, "daemon");
	record_text(out, "version", INETD_VERSION);
	put_figures(out, figures_of_daemon);
	record_text(out, "log_level", log_level_name(log_level()));
	record_end(out);
}
