/* status_one: see status_one.h. */
#include "inetctl/status_one.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "inetctl/answer.h"
#include "inetctl/table.h"
#include "inetctl/text.h"

/* Endpoints follow their service: their table is written when the next service begins. */
struct page {
	struct table endpoints;
	bool begun;
};

static void put_line(const char *name, const char *text)
{
	if (!text || !*text)
		return;
	printf("  %-15s ", name);
	text_put(stdout, text);
	putchar('\n');
}

static void put_number(const char *name, uint64_t number)
{
	printf("  %-15s %" PRIu64 "\n", name, number);
}

static void put_state(const struct record *record)
{
	uint64_t since = record_get_number(record, "since");
	char date[TEXT_BYTES], span[TEXT_BYTES], text[3 * TEXT_BYTES];
	const char *state = record_get(record, "state");

	snprintf(text, sizeof(text), "%s since %s (%s)", state ? state : "?",
		text_date((uint64_t)time(NULL) - since, date), text_span(since, span));
	put_line("state", text);
	put_line("reason", record_get(record, "reason"));
	if (record_get_number(record, "kept"))
		put_line("kept", "an error in its file has kept it as it was; see inetctl check");
}

static void put_definition(const struct record *record)
{
	const char *type = record_get(record, "type"), *protocol = record_get(record, "protocol");
	char text[3 * TEXT_BYTES];

	put_line("program", record_get(record, "program"));
	put_line("user", record_get(record, "user"));
	snprintf(text, sizeof(text), "%s %s, %s", type ? type : "?", protocol ? protocol : "?",
		record_get_number(record, "wait") ? "the socket is lent" : "one by one");
	put_line("serves", text);
	put_line("rpc", record_get(record, "rpc"));
	put_line("where", record_get(record, "where"));
}

/* Of a service that has them: "2; 17 connections found one". */
static void put_spares(const struct record *record)
{
	uint64_t ready = record_get_number(record, "spares"),
		 taken = record_get_number(record, "started_ready");
	char text[TEXT_BYTES];

	if (!ready && !taken)
		return;
	snprintf(text, sizeof(text), "%" PRIu64 " ready; %" PRIu64 " connection%s found one", ready,
		taken, taken == 1 ? "" : "s");
	put_line("spares", text);
}

/* Of a daemon that is started on demand: "running, started again 3 times". */
static void put_daemon(const struct record *record)
{
	const char *how = record_get(record, "daemon");
	uint64_t again = record_get_number(record, "daemon_restarts");
	char text[TEXT_BYTES];

	if (!how)
		return;
	snprintf(text, sizeof(text), "%s, started again %" PRIu64 " time%s", how, again,
		again == 1 ? "" : "s");
	put_line("daemon", again ? text : how);
}

/* "3 of 20, peak 7"; how many starts there were, and what became of them. */
static void put_counts(const struct record *record)
{
	static const char *const names[] = {
		"started", "ended", "failed", "undone", "lost", "refused"};
	uint64_t limit = record_get_number(record, "limit");
	char text[3 * TEXT_BYTES], most[TEXT_BYTES] = "";

	if (limit)
		snprintf(most, sizeof(most), " of %" PRIu64, limit);
	snprintf(text, sizeof(text), "%" PRIu64 "%s, peak %" PRIu64,
		record_get_number(record, "running"), most, record_get_number(record, "peak"));
	fputs("\nCounts\n", stdout);
	put_line("running", text);
	put_spares(record);
	put_daemon(record);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		put_number(names[i], record_get_number(record, names[i]));
}

static const char *reason_of(const struct record_field *field)
{
	static const char prefix[] = "refused_";

	if (!field->number || strncmp(field->name, prefix, sizeof(prefix) - 1) != 0)
		return NULL;
	return field->name + sizeof(prefix) - 1;
}

static int by_count(const void *a, const void *b)
{
	uint64_t one = strtoull((*(const struct record_field *const *)a)->text, NULL, 10);
	uint64_t other = strtoull((*(const struct record_field *const *)b)->text, NULL, 10);

	return (one < other) - (one > other);
}

/* The most frequent first. */
static void put_refusals(const struct record *record)
{
	const struct record_field *reasons[RECORD_FIELDS];
	size_t count = 0;

	for (size_t i = 0; i < record->count; i++)
		if (reason_of(&record->fields[i]))
			reasons[count++] = &record->fields[i];
	if (!count)
		return;
	qsort(reasons, count, sizeof(*reasons), by_count);
	fputs("\nRefused for\n", stdout);
	for (size_t i = 0; i < count; i++)
		put_line(reason_of(reasons[i]), reasons[i]->text);
}

static void put_history(const struct record *record)
{
	const char *counts = record_get(record, "history");
	uint64_t sum = 0, most = 0;

	while (counts && *counts) {
		char *end;
		uint64_t count = strtoull(counts, &end, 10);

		sum += count;
		most = count > most ? count : most;
		counts = *end ? end + 1 : end;
	}
	fputs("\nLast minute\n", stdout);
	put_number("started", sum);
	put_number("in one second", most);
}

static void end_page(struct page *page)
{
	if (!page->begun)
		return;
	fputs("\nEndpoints\n", stdout);
	table_end(&page->endpoints, stdout);
}

static void begin_page(struct page *page, const struct record *record)
{
	static const char *const names[] = {"ADDRESS", "STATE", ">QUEUE", ">LIMIT"};

	end_page(page);
	if (page->begun)
		putchar('\n');
	text_put(stdout, record_get(record, "label"));
	putchar('\n');
	put_state(record);
	put_definition(record);
	put_counts(record);
	put_refusals(record);
	put_history(record);
	table_begin(&page->endpoints, names, sizeof(names) / sizeof(names[0]));
	page->endpoints.indent = 2;
	page->begun = true;
}

static void add_endpoint(struct page *page, const struct record *record)
{
	table_add(&page->endpoints, record_get(record, "address"));
	table_add(&page->endpoints, record_get(record, "state"));
	table_add(&page->endpoints, record_get(record, "queue"));
	table_add(&page->endpoints, record_get(record, "queue_limit"));
}

static void put_configuration(const struct record *record)
{
	if (!record_get_number(record, "errors"))
		return;
	fputs("\nConfiguration\n", stdout);
	put_line("errors", record_get(record, "errors"));
	put_line("first error", record_get(record, "first_error"));
}

static void put_machine(const struct record *record)
{
	fputs("\nMachine, since inetd was started\n", stdout);
	put_line("overflows", record_get(record, "listen_overflows"));
	put_line("drops", record_get(record, "listen_drops"));
	put_line("somaxconn", record_get(record, "somaxconn"));
	put_line("advice", record_get(record, "advice"));
}

static void page_record(const struct record *record, void *arg)
{
	struct page *page = arg;

	if (!strcmp(record->type, "service")) {
		begin_page(page, record);
	} else if (!strcmp(record->type, "endpoint") && page->begun) {
		add_endpoint(page, record);
	} else if (!strcmp(record->type, "configuration")) {
		end_page(page);
		page->begun = false;
		put_configuration(record);
	} else if (!strcmp(record->type, "machine")) {
		put_machine(record);
	}
}

int status_one(const struct ctl *ctl)
{
	struct page page = {0};
	int status = answer_each(ctl, page_record, &page);

	end_page(&page);
	return status;
}
