/* report: see report.h. */
#include "control/report.h"

#include <netinet/tcp.h>
#include <string.h>
#include <sys/param.h>
#include <sys/socket.h>

#include "base/record.h"
#include "run/program/program.h"
#include "run/reload/reconcile.h"
#include "run/reload/resolve.h"
#include "run/service/listener.h"
#include "run/service/service_history.h"

#define TEXT_BYTES 600

uint64_t report_refused(const struct service_state *state)
{
	uint64_t sum = 0;

	for (int i = 0; i < ADMIT_VERDICTS; i++)
		sum += state->admit.stats.refused[i];
	return sum;
}

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

static void put_refusals(FILE *out, const struct service_state *state)
{
	const uint64_t *refused = state->admit.stats.refused;
	char name[48];

	record_number(out, "refused", report_refused(state));
	for (int i = ADMIT_OK + 1; i < ADMIT_VERDICTS; i++) {
		if (!refused[i])
			continue;
		snprintf(name, sizeof(name), "refused_%s", verdict_key((enum verdict)i));
		record_number(out, name, refused[i]);
	}
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
	record_text(out, "type", type_name(service));
	record_text(out, "user", service->identity.user);
	record_number(out, "wait", service->wait);
	record_number(out, "kept", state->config != reconcile_config());
	record_number(out, "enabled", !(state->holds & HOLD_CLOSED));
}

static void put_counts(FILE *out, const struct service_state *state)
{
	const struct admit_stats *stats = &state->admit.stats;
	uint32_t limit = state->admit.limits.instances;

	record_number(out, "running", stats->running);
	record_number(out, "peak", stats->peak);
	record_number(out, "limit", limit == LIMIT_NONE ? 0 : limit);
	record_number(out, "started", stats->started - stats->undone);
	record_number(out, "ended", stats->ended);
	record_number(out, "undone", stats->undone);
	record_number(out, "failed", state->failed);
	record_number(out, "lost", state->worker_lost);
	put_refusals(out, state);
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

static void put_endpoint(
	FILE *out, const struct service_state *state, const char *address, const char *state_name)
{
	record_begin(out, "endpoint");
	record_text(out, "service", state->service->label);
	record_text(out, "address", address);
	record_text(out, "state", state_name);
}

static void put_endpoints(FILE *out, const struct service_state *state, bool full)
{
	const struct listener *listener;
	const struct sockaddr_len *addrs;
	struct report_queue queue;
	char text[TEXT_BYTES];

	if (state->service->mux) {
		put_endpoint(out, state, "tcpmux", hold_name(service_state_shown(state)));
		record_end(out);
	}
	TAILQ_FOREACH (listener, &state->listeners, in_state) {
		put_endpoint(out, state, sockaddr_text(&listener->bound, text, sizeof(text)),
			listener_state(listener));
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

void report_service(FILE *out, const struct service_state *state, bool full)
{
	uint64_t since_ms;
	unsigned holds = report_holds(state, &since_ms);
	const struct reason *reason = reason_of_hold(holds);

	record_begin(out, "service");
	put_definition(out, state);
	record_text(out, "state", hold_name(holds));
	record_number(out, "since", (loop_now_ms() - since_ms) / 1000);
	record_text(out, "reason", reason ? reason->held : NULL);
	put_counts(out, state);
	if (full)
		put_history(out, state);
	record_end(out);
	put_endpoints(out, state, full);
}

/* What report_programs() wants of child_find(). */
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
