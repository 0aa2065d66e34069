/* snapshot_json: a snapshot for programs; see snapshot.h. */
#include <inttypes.h>

#include "base/json.h"
#include "inetctl/snapshot.h"

static void put_text(FILE *out, const char *name, const char *text)
{
	fprintf(out, ", \"%s\": ", name);
	json_string(out, text);
}

static void put_number(FILE *out, const char *name, uint64_t number)
{
	fprintf(out, ", \"%s\": %" PRIu64, name, number);
}

static void put_tenths(FILE *out, const char *name, uint64_t tenths)
{
	fprintf(out, ", \"%s\": %" PRIu64 ".%u", name, tenths / 10, (unsigned)(tenths % 10));
}

static void put_daemon(FILE *out, const struct snapshot *now)
{
	fputs("{\"record\": \"daemon\"", out);
	put_text(out, "version", now->version);
	put_number(out, "pid", strtoull(now->pid, NULL, 10));
	put_number(out, "uptime", now->uptime);
	put_number(out, "services", now->services);
	put_number(out, "programs", now->programs);
	put_number(out, "sessions", now->sessions);
	put_number(out, "memory_kib", now->memory_kib);
	put_number(out, "started", now->started);
	put_number(out, "refused", now->refused);
	put_number(out, "failed", now->failed);
	put_tenths(out, "started_rate", now->started_rate);
	put_tenths(out, "refused_rate", now->refused_rate);
	putc('}', out);
}

static void put_row(FILE *out, const struct snapshot_row *row)
{
	fputs(", {\"record\": \"service\"", out);
	put_text(out, "label", row->label);
	put_text(out, "state", row->state);
	put_number(out, "running", row->running);
	put_number(out, "limit", row->limit);
	if (row->has_queue)
		put_number(out, "queue", row->queue);
	put_number(out, "started", row->started);
	put_number(out, "refused", row->refused);
	put_number(out, "failed", row->failed);
	put_tenths(out, "started_rate", row->started_rate);
	put_tenths(out, "refused_rate", row->refused_rate);
	putc('}', out);
}

void snapshot_json(const struct snapshot *snapshot, FILE *out)
{
	putc('[', out);
	put_daemon(out, snapshot);
	for (size_t i = 0; i < snapshot->count; i++)
		put_row(out, &snapshot->rows[i]);
	fputs("]\n", out);
}
