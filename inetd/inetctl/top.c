/* top: the services that are used most, updated regularly: on a terminal as a screen, else as one
 * table after the other, or as JSON. */
#include <getopt.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>
#include <unistd.h>

#include "base/monotonic.h"
#include "inetctl/snapshot.h"
#include "inetctl/table.h"
#include "inetctl/terminal.h"
#include "inetctl/text.h"

#define HEAD_LINES 3 /* above the line with the names of columns */
#define ORDERS     "crfn"

struct top {
	const struct ctl *ctl;
	int interval_ms;
	uint64_t rounds; /* 0 = until it is ended */
	bool goes_on;    /* with --json too: an interval was given */
	int order;       /* one of ORDERS */
	bool screen, json;
	struct snapshot now;
	char *complaint; /* owned; why the newest round has failed, NULL */
};

static void put_head(const struct top *top, FILE *out)
{
	static const char *const orders[] = {"connections/s", "running", "refused/s", "name"};
	const struct snapshot *now = &top->now;
	char span[TEXT_BYTES], started[TEXT_BYTES], refused[TEXT_BYTES];

	fputs("inetd ", out);
	text_put(out, now->version);
	fprintf(out,
		", process %s, up %s; services %" PRIu64 ", programs %" PRIu64 ", sessions %" PRIu64
		"; %" PRIu64 " KiB\n",
		now->pid, text_span(now->uptime, span), now->services, now->programs, now->sessions,
		now->memory_kib);
	fprintf(out,
		"%s connections/s, %s refused/s; in all %" PRIu64 " started, %" PRIu64
		" refused, %" PRIu64 " failed\n",
		text_tenths(now->started_rate, started), text_tenths(now->refused_rate, refused),
		now->started, now->refused, now->failed);
	if (top->complaint) /* its first line is the reason */
		fprintf(out, "%.*s\n", (int)strcspn(top->complaint, "\n"), top->complaint);
	else if (top->screen)
		fprintf(out, "by %s; keys: c connections, r running, f refused, n name, q quit\n",
			orders[strchr(ORDERS, top->order) - ORDERS]);
}

static void put_rows(const struct top *top, FILE *out, size_t most)
{
	static const char *const names[] = {"NAME", "STATE", ">CONN/S", ">REFUSED/S", ">RUNNING",
		">LIMIT", ">QUEUE", ">STARTED", ">REFUSED", ">FAILED"};
	struct table table;
	char text[TEXT_BYTES];

	table_begin(&table, names, sizeof(names) / sizeof(names[0]));
	for (size_t i = 0; i < MIN(top->now.count, most); i++) {
		const struct snapshot_row *row = &top->now.rows[i];

		table_add(&table, row->label);
		table_add(&table, row->state);
		table_add(&table, text_tenths(row->started_rate, text));
		table_add(&table, text_tenths(row->refused_rate, text));
		table_add_number(&table, row->running);
		if (row->limit)
			table_add_number(&table, row->limit);
		else
			table_add(&table, NULL);
		if (row->has_queue)
			table_add_number(&table, row->queue);
		else
			table_add(&table, NULL);
		table_add_number(&table, row->started);
		table_add_number(&table, row->refused);
		table_add_number(&table, row->failed);
	}
	table_end(&table, out);
}

/* Asks. What was there stays to be shown when nobody answers. Returns the exit code. */
static int poll_daemon(struct top *top)
{
	struct ctl ctl = *top->ctl;
	struct snapshot fresh = {0};
	size_t len = 0;
	int status;

	free(top->complaint);
	top->complaint = NULL;
	ctl.err = open_memstream(&top->complaint, &len);
	if (!ctl.err)
		return CTL_FAILED;
	status = snapshot_take(&ctl, &fresh, top->now.now_ms ? &top->now : NULL);
	fclose(ctl.err);
	if (status) {
		snapshot_free(&fresh);
		return status;
	}
	free(top->complaint);
	top->complaint = NULL;
	snapshot_free(&top->now);
	top->now = fresh;
	return 0;
}

static void draw(struct top *top)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	int columns, rows;

	if (!out)
		return;
	terminal_size(&columns, &rows);
	snapshot_sort(&top->now, top->order);
	put_head(top, out);
	put_rows(top, out, rows > HEAD_LINES + 1 ? (size_t)(rows - HEAD_LINES - 1) : 0);
	if (fclose(out) == 0)
		terminal_draw(text, HEAD_LINES);
	free(text);
}

/* Shows what there is until the next round is due. False when the user quits. */
static bool attend(struct top *top)
{
	int64_t due = (int64_t)monotonic_ms() + top->interval_ms, left;

	draw(top);
	while ((left = due - (int64_t)monotonic_ms()) > 0) {
		int key = terminal_wait((int)left);

		if (key == TERMINAL_TIMEOUT)
			continue;
		if (key == 'q' || key == 'Q')
			return false;
		if (key == ' ')
			return true;
		if (key < 128 && key && strchr(ORDERS, key))
			top->order = key;
		draw(top);
	}
	return true;
}

static int run_screen(struct top *top)
{
	if (terminal_open() < 0) {
		perror("inetctl: terminal");
		return CTL_FAILED;
	}
	for (uint64_t round = 1; attend(top) && round != top->rounds; round++)
		poll_daemon(top);
	terminal_close();
	return 0;
}

static void put_round(const struct top *top)
{
	if (top->json) {
		snapshot_json(&top->now, stdout);
		return;
	}
	put_head(top, stdout);
	put_rows(top, stdout, SIZE_MAX);
	putchar('\n');
}

static int run_plain(struct top *top)
{
	int status = 0;

	for (uint64_t round = 1; !status; round++) {
		snapshot_sort(&top->now, top->order);
		put_round(top);
		if (fflush(stdout) == EOF || round == top->rounds)
			break;
		poll(NULL, 0, top->interval_ms);
		status = poll_daemon(top);
	}
	return status;
}

static int usage(void)
{
	fputs("usage: inetctl top [--json] [-d seconds] [-n rounds] [-o c|r|f|n]\n"
	      "  -d seconds  between two rounds, 0.1 to 3600; default 2\n"
	      "  -n rounds   how many; without it until q or a signal\n"
	      "  -o order    by connections a second, running, refused a second, name\n"
	      "  --json      one round, without -d and -n; each is an array, on a line\n",
		stderr);
	return CTL_USAGE;
}

static int read_options(struct top *top)
{
	static const struct option options[] = {{"json", no_argument, NULL, 'j'}, {0}};
	int opt, count = 0;
	const char *bad = NULL;
	char *end;
	double seconds;

	while (top->ctl->argv[count])
		count++;
	optind = 0;
	/* The verb stands where getopt() expects a program. */
	while ((opt = getopt_long(count + 1, top->ctl->argv - 1, "d:n:o:", options, NULL)) != -1)
		switch (opt) {
		case 'd':
			seconds = strtod(optarg, &end);
			if (end == optarg || *end || !(seconds >= 0.1 && seconds <= 3600))
				return usage();
			top->interval_ms = (int)(seconds * 1000);
			top->goes_on = true;
			break;
		case 'n':
			top->rounds = (uint64_t)strtonum(optarg, 1, INT32_MAX, &bad);
			if (bad)
				return usage();
			break;
		case 'o':
			if (strlen(optarg) != 1 || !strchr(ORDERS, *optarg))
				return usage();
			top->order = (unsigned char)*optarg;
			break;
		case 'j':
			top->json = true;
			break;
		default:
			return usage();
		}
	if (top->json && !top->rounds && !top->goes_on)
		top->rounds = 1;
	return optind == count + 1 ? 0 : usage();
}

int ctl_top(const struct ctl *ctl)
{
	struct top top = {.ctl = ctl, .interval_ms = 2000, .order = 'c', .json = ctl->json};
	int status = read_options(&top);

	if (status)
		return status;
	top.screen = !top.json && isatty(STDOUT_FILENO);
	status = poll_daemon(&top);
	if (!status)
		status = top.screen ? run_screen(&top) : run_plain(&top);
	if (status && top.complaint)
		fputs(top.complaint, stderr);
	free(top.complaint);
	snapshot_free(&top.now);
	return status;
}
