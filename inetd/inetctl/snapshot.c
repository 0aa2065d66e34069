/* snapshot: see snapshot.h. */
#include "inetctl/snapshot.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "base/monotonic.h"
#include "inetctl/answer.h"

#define HISTORY_MOST 10 /* seconds that stand for a snapshot before the first */

/* The sum of the last numbers of a list with commas. */
static uint64_t newest(const char *history)
{
	const char *c = history + strlen(history);
	uint64_t sum = 0;

	for (int i = 0; i < HISTORY_MOST && c > history; i++) {
		do
			c--;
		while (c > history && c[-1] != ',');
		sum += strtoull(c, NULL, 10);
		if (c > history)
			c--;
	}
	return sum;
}

static char *key_of(const struct record *record)
{
	const char *label = record_get(record, "label"), *type = record_get(record, "type");
	const char *where = record_get(record, "where");
	char *key;

	if (asprintf(&key, "%s %s %s", label ? label : "", type ? type : "", where ? where : "") <
		0)
		err(1, "snapshot");
	return key;
}

static void add_service(struct snapshot *snapshot, const struct record *record)
{
	const char *label = record_get(record, "label"), *state = record_get(record, "state");
	const char *history = record_get(record, "history");
	struct snapshot_row *row;

	if (snapshot->count == snapshot->room) {
		snapshot->room = snapshot->room ? snapshot->room * 2 : 64;
		snapshot->rows =
			reallocarray(snapshot->rows, snapshot->room, sizeof(*snapshot->rows));
		if (!snapshot->rows)
			err(1, "snapshot");
	}
	row = &snapshot->rows[snapshot->count++];
	*row = (struct snapshot_row){
		.key = key_of(record),
		.label = strdup(label ? label : "?"),
		.started = record_get_number(record, "started"),
		.refused = record_get_number(record, "refused"),
		.failed = record_get_number(record, "failed"),
		.running = record_get_number(record, "running"),
		.limit = record_get_number(record, "limit"),
		/* In ten seconds: tenths in one. */
		.started_rate = history ? newest(history) : 0,
	};
	if (!row->label)
		err(1, "snapshot");
	strlcpy(row->state, state ? state : "?", sizeof(row->state));
}

static void take_service(const struct record *record, void *arg)
{
	struct snapshot *snapshot = arg;
	struct snapshot_row *row;

	if (!strcmp(record->type, "service"))
		add_service(snapshot, record);
	if (strcmp(record->type, "endpoint") != 0 || !snapshot->count)
		return;
	row = &snapshot->rows[snapshot->count - 1];
	row->has_queue |= record_get(record, "queue") != NULL;
	row->queue += record_get_number(record, "queue");
}

static void take_daemon(const struct record *record, void *arg)
{
	struct snapshot *snapshot = arg;
	const char *version = record_get(record, "version"), *pid = record_get(record, "pid");

	strlcpy(snapshot->version, version ? version : "?", sizeof(snapshot->version));
	strlcpy(snapshot->pid, pid ? pid : "0", sizeof(snapshot->pid));
	snapshot->uptime = record_get_number(record, "uptime");
	snapshot->services = record_get_number(record, "services");
	snapshot->programs = record_get_number(record, "programs");
	snapshot->sessions = record_get_number(record, "sessions");
	snapshot->memory_kib = record_get_number(record, "memory_kib");
	snapshot->started = record_get_number(record, "started");
	snapshot->refused = record_get_number(record, "refused");
	snapshot->failed = record_get_number(record, "failed");
}

static int by_key(const void *a, const void *b)
{
	const struct snapshot_row *one = a, *other = b;

	return strcmp(one->key, other->key);
}

/* A counter that is smaller than before has started from 0 again. */
static uint64_t rate(uint64_t now, uint64_t before, uint64_t ms)
{
	return (now < before ? now : now - before) * 10000 / (ms ? ms : 1);
}

static void set_rates(struct snapshot *snapshot, struct snapshot *before)
{
	uint64_t ms = snapshot->now_ms - before->now_ms;

	if (before->count)
		qsort(before->rows, before->count, sizeof(*before->rows), by_key);
	for (size_t i = 0; i < snapshot->count; i++) {
		struct snapshot_row *row = &snapshot->rows[i];
		const struct snapshot_row *old = before->count
							 ? bsearch(row, before->rows, before->count,
								   sizeof(*before->rows), by_key)
							 : NULL;

		row->started_rate = rate(row->started, old ? old->started : 0, ms);
		row->refused_rate = rate(row->refused, old ? old->refused : 0, ms);
	}
}

int snapshot_take(const struct ctl *ctl, struct snapshot *snapshot, struct snapshot *before)
{
	struct ctl request = *ctl;
	int status;

	request.arg = NULL;
	request.verb = "stats";
	status = answer_each(&request, take_daemon, snapshot);
	if (status)
		return status;
	request.verb = "status";
	status = answer_each(&request, take_service, snapshot);
	snapshot->now_ms = monotonic_ms();
	if (status)
		return status;
	if (before)
		set_rates(snapshot, before);
	for (size_t i = 0; i < snapshot->count; i++) {
		snapshot->started_rate += snapshot->rows[i].started_rate;
		snapshot->refused_rate += snapshot->rows[i].refused_rate;
	}
	return 0;
}

void snapshot_free(struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->count; i++) {
		free(snapshot->rows[i].key);
		free(snapshot->rows[i].label);
	}
	free(snapshot->rows);
	*snapshot = (struct snapshot){0};
}

static int most_first(uint64_t one, uint64_t other)
{
	return (one < other) - (one > other);
}

static int by_name(const void *a, const void *b)
{
	const struct snapshot_row *one = a, *other = b;
	int order = strcmp(one->label, other->label);

	return order ? order : strcmp(one->key, other->key);
}

static int by_started(const void *a, const void *b)
{
	const struct snapshot_row *one = a, *other = b;
	int order = most_first(one->started_rate, other->started_rate);

	if (!order)
		order = most_first(one->running, other->running);
	return order ? order : by_name(a, b);
}

static int by_running(const void *a, const void *b)
{
	const struct snapshot_row *one = a, *other = b;
	int order = most_first(one->running, other->running);

	return order ? order : by_started(a, b);
}

static int by_refused(const void *a, const void *b)
{
	const struct snapshot_row *one = a, *other = b;
	int order = most_first(one->refused_rate, other->refused_rate);

	if (!order)
		order = most_first(one->refused, other->refused);
	return order ? order : by_started(a, b);
}

void snapshot_sort(struct snapshot *snapshot, int order)
{
	if (snapshot->count)
		qsort(snapshot->rows, snapshot->count, sizeof(*snapshot->rows),
			order == 'n'   ? by_name
			: order == 'r' ? by_running
			: order == 'f' ? by_refused
				       : by_started);
}
