/* snapshot_json: a snapshot for programs; see snapshot.h. */
#include <inttypes.h>

#include "base/json.h"
#include "inetctl/snapshot.h"

static void put_tenths(struct json *json, const char *name, uint64_t tenths)
{
	json_name(json, name);
	fprintf(json->out, "%" PRIu64 ".%u", tenths / 10, (unsigned)(tenths % 10));
}

static void put_daemon(FILE *out, const struct snapshot *now)
{
	struct json json;

	json_open(&json, out);
	json_text(&json, "record", "daemon");
	json_text(&json, "version", now->version);
	json_raw(&json, "pid", now->pid);
	json_number(&json, "uptime", now->uptime);
	json_number(&json, "services", now->services);
	json_number(&json, "programs", now->programs);
	json_number(&json, "sessions", now->sessions);
	json_number(&json, "memory_kib", now->memory_kib);
	json_number(&json, "started", now->started);
	json_number(&json, "refused", now->refused);
	json_number(&json, "failed", now->failed);
	put_tenths(&json, "started_rate", now->started_rate);
	put_tenths(&json, "refused_rate", now->refused_rate);
	json_close(&json);
}

static void put_row(FILE *out, const struct snapshot_row *row)
{
	struct json json;

	json_open(&json, out);
	json_text(&json, "record", "service");
	json_text(&json, "label", row->label);
	json_text(&json, "state", row->state);
	json_number(&json, "running", row->running);
	json_number(&json, "limit", row->limit);
	if (row->has_queue)
		json_number(&json, "queue", row->queue);
	json_number(&json, "started", row->started);
	json_number(&json, "refused", row->refused);
	json_number(&json, "failed", row->failed);
	put_tenths(&json, "started_rate", row->started_rate);
	put_tenths(&json, "refused_rate", row->refused_rate);
	json_close(&json);
}

void snapshot_json(const struct snapshot *snapshot, FILE *out)
{
	putc('[', out);
	put_daemon(out, snapshot);
	for (size_t i = 0; i < snapshot->count; i++) {
		fputs(", ", out);
		put_row(out, &snapshot->rows[i]);
	}
	fputs("]\n", out);
}
