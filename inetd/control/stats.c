/* stats: see stats.h. */
#include "control/stats.h"

#include <inttypes.h>
#include <sys/param.h>

#include "base/log.h"
#include "run/listener.h"
#include "run/program.h"
#include "run/reconcile.h"
#include "run/resolve.h"
#include "run/worker_link.h"

#define COLUMNS      9
#define COLUMN_BYTES 160

struct row {
	char text[COLUMNS][COLUMN_BYTES];
};

enum { NAME, ENDPOINT, STATE, RUNNING, STARTED, REFUSED, FAILED, PROGRAM, WHERE };

static uint64_t refused(const struct gate *gate)
{
	uint64_t sum = 0;

	for (int i = 0; i < ADMIT_VERDICTS; i++)
		sum += gate->admit.stats.refused[i];
	return sum;
}

/* A field without blanks, so that a line can be split by a script. */
static void put(struct row *row, int column, const char *text)
{
	strlcpy(row->text[column], text, COLUMN_BYTES);
	for (char *p = log_mask(row->text[column]); *p; p++)
		if (*p == ' ')
			*p = '?';
}

static void put_count(struct row *row, int column, uint64_t count)
{
	snprintf(row->text[column], COLUMN_BYTES, "%" PRIu64, count);
}

static void put_service(struct row *row, const struct gate *gate)
{
	const struct service *service = gate->service;
	char text[COLUMN_BYTES];

	put(row, NAME, service->name);
	put_count(row, RUNNING, gate->admit.stats.running);
	put_count(row, STARTED, gate->admit.stats.started - gate->admit.stats.undone);
	put_count(row, REFUSED, refused(gate));
	put_count(row, FAILED, gate->failed);
	if (service->server)
		strlcpy(text, service->server, sizeof(text));
	else
		snprintf(text, sizeof(text), "internal:%s", builtin_name(service->builtin));
	put(row, PROGRAM, text);
	snprintf(text, sizeof(text), "%s:%u", service->where.file, service->where.line);
	put(row, WHERE, text);
}

/* What an error in its file has kept is marked. */
static void put_state(struct row *row, const struct gate *gate, const char *state)
{
	snprintf(row->text[STATE], COLUMN_BYTES, "%s%s", state,
		gate->config == reconcile_config() ? "" : ",kept");
}

typedef void row_fn(const struct row *row, void *arg);

static void each_listener(const struct gate *gate, struct row *row, row_fn *fn, void *arg)
{
	const struct listener *listener;
	char text[SOCKADDR_TEXT];

	TAILQ_FOREACH (listener, &gate->listeners, in_gate) {
		put(row, ENDPOINT, sockaddr_text(&listener->bound, text, sizeof(text)));
		put_state(row, gate, listener_state(listener));
		fn(row, arg);
	}
}

static void each_row(row_fn *fn, void *arg)
{
	const struct sockaddr_len *addrs;
	char text[COLUMN_BYTES];
	struct gate *gate;
	struct row row;

	TAILQ_FOREACH (gate, &gates, in_gates) {
		put_service(&row, gate);
		if (gate->service->mux) {
			put(&row, ENDPOINT, "tcpmux");
			put_state(&row, gate, hold_name(gate->holds));
			fn(&row, arg);
		}
		each_listener(gate, &row, fn, arg);
		for (size_t i = 0; i < gate->service->name_count; i++) {
			const struct bind_name *name = &gate->service->names[i];

			if (resolve_known(name->host, &addrs))
				continue;
			snprintf(text, sizeof(text), "%s:%u", name->host, name->port);
			put(&row, ENDPOINT, text);
			put_state(&row, gate, "lookup");
			fn(&row, arg);
		}
	}
}

struct table {
	FILE *out;
	int width[COLUMNS];
};

static void measure(const struct row *row, void *arg)
{
	struct table *table = arg;

	for (int i = 0; i < COLUMNS; i++)
		table->width[i] = MAX(table->width[i], (int)strlen(row->text[i]));
}

static void print(const struct row *row, void *arg)
{
	const struct table *table = arg;

	for (int i = 0; i < COLUMNS - 1; i++)
		fprintf(table->out, "%*s  ",
			i >= RUNNING && i <= FAILED ? table->width[i] : -table->width[i],
			row->text[i]);
	fprintf(table->out, "%s\n", row->text[COLUMNS - 1]);
}

void stats_list(FILE *out)
{
	static const struct row header = {{"NAME", "ENDPOINT", "STATE", "RUNNING", "STARTED",
		"REFUSED", "FAILED", "PROGRAM", "WHERE"}};
	struct table table = {.out = out};

	measure(&header, &table);
	each_row(measure, &table);
	print(&header, &table);
	each_row(print, &table);
}

void stats_log(void)
{
	struct gate *gate;
	unsigned services = 0;

	TAILQ_FOREACH (gate, &gates, in_gates) {
		const struct admit_stats *stats = &gate->admit.stats;

		services++;
		if (stats->started || refused(gate) || gate->failed || gate->holds)
			log_notice("%s: statistics service=%s state=%s running=%u peak=%u "
				   "started=%" PRIu64 " refused=%" PRIu64 " failed=%" PRIu64,
				gate->service->name, gate->service->name, hold_name(gate->holds),
				stats->running, stats->peak, stats->started - stats->undone,
				refused(gate), gate->failed);
	}
	log_notice("statistics services=%u programs=%u sessions=%u", services, program_count(),
		worker_sessions());
}
