/* status: how the services are: a line for each, then why some are held, what the machine lacks and
 * whether the daemon has kept everybody waiting. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "inetctl/answer.h"
#include "inetctl/status_one.h"
#include "inetctl/table.h"
#include "inetctl/text.h"

#define LONG_TURN_US 500000 /* of the event loop, from which on it is told */

/* The line of a service is complete when its endpoints have been seen. */
struct overview {
	struct table table;
	bool begun, has_queue;
	uint64_t queue;
	FILE *notes;
};

static void end_line(struct overview *overview)
{
	if (!overview->begun)
		return;
	if (overview->has_queue)
		table_add_number(&overview->table, overview->queue);
	else
		table_add(&overview->table, NULL);
	overview->begun = false;
}

static void begin_line(struct overview *overview, const struct record *record)
{
	static const char *const numbers[] = {"started", "refused", "failed"};
	struct table *table = &overview->table;
	const char *state = record_get(record, "state");
	char text[TEXT_BYTES];

	end_line(overview);
	snprintf(text, sizeof(text), "%s%s", state ? state : "?",
		record_get_number(record, "kept") ? ",kept" : "");
	table_add(table, record_get(record, "label"));
	table_add(table, text);
	table_add(table, text_span(record_get_number(record, "since"), text));
	table_add(table, record_get(record, "running"));
	table_add(table, record_get_number(record, "limit") ? record_get(record, "limit") : NULL);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		table_add(table, record_get(record, numbers[i]));
	overview->begun = true;
	overview->has_queue = false;
	overview->queue = 0;
}

/* One more line below the table, if there is a text. */
static void note(struct overview *overview, const char *name, const char *text)
{
	if (!text)
		return;
	text_put(overview->notes, name);
	fputs(": ", overview->notes);
	text_put(overview->notes, text);
	putc('\n', overview->notes);
}

static void note_errors(struct overview *overview, const struct record *record)
{
	uint64_t errors = record_get_number(record, "errors");
	const char *first = record_get(record, "first_error");
	char name[TEXT_BYTES];

	if (!errors)
		return;
	snprintf(name, sizeof(name), "configuration: %" PRIu64 " error%s", errors,
		errors == 1 ? "" : "s, the first");
	note(overview, name, first ? first : "inetctl check shows them");
}

/* Nobody was served in the meantime. */
static void note_turn(struct overview *overview, const struct record *record)
{
	uint64_t longest_us = record_get_number(record, "longest_turn_us");
	uint64_t recent_us = record_get_number(record, "recent_turn_us");
	char text[128], longest[TEXT_BYTES], recent[TEXT_BYTES];

	if (longest_us < LONG_TURN_US)
		return;
	snprintf(text, sizeof(text),
		"its longest turn took %s s, in the last minutes %s s: nobody was served meanwhile",
		text_seconds(longest_us / 1000, longest), text_seconds(recent_us / 1000, recent));
	note(overview, "daemon", text);
}

static void overview_record(const struct record *record, void *arg)
{
	struct overview *overview = arg;

	if (!strcmp(record->type, "service")) {
		begin_line(overview, record);
		note(overview, record_get(record, "label"), record_get(record, "reason"));
	} else if (!strcmp(record->type, "endpoint")) {
		overview->has_queue |= record_get(record, "queue") != NULL;
		overview->queue += record_get_number(record, "queue");
	} else if (!strcmp(record->type, "configuration")) {
		note_errors(overview, record);
	} else if (!strcmp(record->type, "machine")) {
		note(overview, "machine", record_get(record, "advice"));
	} else if (!strcmp(record->type, "daemon")) {
		note_turn(overview, record);
	}
}

static int overview_print(const struct ctl *ctl)
{
	static const char *const names[] = {"NAME", "STATE", "SINCE", ">RUNNING", ">LIMIT",
		">STARTED", ">REFUSED", ">FAILED", ">QUEUE"};
	struct overview overview = {0};
	char *notes = NULL;
	size_t len = 0;
	int status;

	overview.notes = open_memstream(&notes, &len);
	if (!overview.notes) {
		perror("inetctl");
		return CTL_FAILED;
	}
	table_begin(&overview.table, names, sizeof(names) / sizeof(names[0]));
	status = answer_each(ctl, overview_record, &overview);
	end_line(&overview);
	if (fclose(overview.notes) == EOF)
		status = CTL_FAILED;
	if (!status) {
		table_end(&overview.table, stdout);
		printf("%s%s", *notes ? "\n" : "", notes);
	}
	free(notes);
	return status;
}

int ctl_status(const struct ctl *ctl)
{
	if (ctl->json)
		return answer_json(ctl);
	return ctl->arg ? status_one(ctl) : overview_print(ctl);
}
