/* agent-check: how well a service can take more connections, for a load balancer: one line, as the
 * agent-check of haproxy wants it ("up ready 75%", "down #...", "drain", "maint"), for one
 * connection of `nowait`. It asks the daemon over its control socket, so let it run as a user of
 * its own who has nothing but the group of that socket. haproxy(1), agent-check.
 *
 * Shown here: a state of the whole machine that is told in time, so that a balancer sends nobody to
 * where nobody can be served; and a file by which an administrator overrides what is measured. */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/record.h"
#include "common/io.h"
#include "common/options.h"
#include "protocol/ask.h"

#define LINE_BYTES 256
#define HANG_UP_MS 1000

static const struct options_known known = {
	.usage = "agent-check [-f file] [-s socket] [-t seconds] service",
	.letters = "f:s:t:",
	.least = 1,
	.most = 1};

/* Of all services that the name stands for. */
struct health {
	uint64_t running, limit; /* limit 0: some may run without one */
	bool unlimited, disabled, draining, seen;
	char problem[LINE_BYTES]; /* why one of them serves nobody; "" if all do */
};

/* The first line of the file, if it is one of the words that an administrator may set. */
static bool read_order(const char *path, char line[LINE_BYTES])
{
	static const char *const words[] = {"up", "ready", "drain", "maint", "down", "stopped"};
	FILE *file = path ? fopen(path, "re") : NULL;
	bool found = false;

	if (!file)
		return false;
	if (fgets(line, LINE_BYTES, file)) {
		line[strcspn(line, "\r\n")] = '\0';
		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
			found |= strcmp(line, words[i]) == 0;
	}
	if (!found) /* a file that cannot be understood must not take a host out of service */
		fprintf(stderr,
			"agent-check: %s: its first line is not up, ready, drain, maint, "
			"down or stopped\n",
			path);
	fclose(file);
	return found;
}

/* States in which connections are taken, or wait for a moment only. */
static bool is_serving(const char *state)
{
	static const char *const states[] = {"ready", "lent", "full", "rate", "load", "children"};

	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (!strcmp(state, states[i]))
			return true;
	return false;
}

static void add_service(struct health *health, const struct record *record)
{
	const char *state = record_get(record, "state"), *reason = record_get(record, "reason");
	uint64_t limit = record_get_number(record, "limit");

	health->seen = true;
	health->running += record_get_number(record, "running");
	health->limit += limit;
	health->unlimited |= !limit;
	if (!state || !strcmp(state, "disabled"))
		health->disabled = true;
	else if (!strcmp(state, "draining"))
		health->draining = true;
	else if (!is_serving(state))
		strlcpy(health->problem, reason ? reason : state, sizeof(health->problem));
}

/* False for what is not an answer. */
static bool read_answer(struct health *health, char *text)
{
	static struct record record;
	char *line;

	while ((line = strsep(&text, "\n"))) {
		if (!*line)
			continue;
		if (!record_parse(line, &record))
			return false;
		if (!strcmp(record.type, "service"))
			add_service(health, &record);
	}
	return true;
}

/* The share of its limit that is free; never 0, by which haproxy would take it for drained. */
static unsigned free_percent(const struct health *health)
{
	if (health->unlimited || health->running >= health->limit)
		return health->unlimited ? 100 : 1;
	return (unsigned)(1 + (health->limit - health->running) * 99 / health->limit);
}

static void judge(const struct health *health, char line[LINE_BYTES])
{
	if (!health->seen)
		strlcpy(line, "down #there is no such service", LINE_BYTES);
	else if (health->draining)
		strlcpy(line, "drain", LINE_BYTES);
	else if (health->disabled)
		strlcpy(line, "maint", LINE_BYTES);
	else if (*health->problem)
		snprintf(line, LINE_BYTES, "down #%.200s", health->problem);
	else
		snprintf(line, LINE_BYTES, "up ready %u%%", free_percent(health));
}

static void measure(const struct ask *daemon, const char *service, char line[LINE_BYTES])
{
	struct health health = {0};
	struct ask_answer answer;

	if (ask_daemon(daemon, "status", service, &answer) < 0)
		snprintf(line, LINE_BYTES, "down #inetd cannot be asked: %s", strerror(errno));
	else if (answer.status)
		snprintf(line, LINE_BYTES, "down #%.*s", (int)strcspn(answer.text, "\n"),
			answer.text);
	else if (!read_answer(&health, answer.text))
		strlcpy(line, "down #the answer of inetd is not understood", LINE_BYTES);
	else
		judge(&health, line);
	free(answer.text);
}

int main(int argc, char *argv[])
{
	struct ask daemon = {NULL, 0, 1 << 20};
	const char *file = NULL;
	char line[LINE_BYTES + 1] = "";
	int opt, limit = 2;

	while ((opt = options_next(&known, argc, argv)) != -1) {
		if (opt == 'f')
			file = optarg;
		else if (opt == 's')
			daemon.path = optarg;
		else
			limit = options_number(&known, 1, 3600);
	}
	daemon.limit_ms = io_limit_ms = limit * 1000;
	if (!read_order(file, line))
		measure(&daemon, argv[optind], line);
	strlcat(line, "\n", sizeof(line));
	if (io_write_all(STDOUT_FILENO, line, strlen(line)) < 0)
		return !io_peer_gone(errno);
	io_hang_up(STDOUT_FILENO, HANG_UP_MS);
	return 0;
}
