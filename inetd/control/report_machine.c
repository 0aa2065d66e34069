/* report_machine: the machine and the daemon as records (report.h). */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log_line.h"
#include "base/record.h"
#include "control/configure.h"
#include "control/report.h"
#include "run/accept/delayed_close.h"
#include "run/program/program.h"
#include "run/worker/worker_link.h"

#define LINE_BYTES 8192

static struct {
	struct report_losses losses;
	uint64_t now_ms;
} at_start;

/* The value below a word of a header line, both as netstat has them. */
static uint64_t below(const char *header, const char *values, const char *word)
{
	char names[LINE_BYTES], numbers[LINE_BYTES], *name_rest = names, *number_rest = numbers;
	const char *name, *number;

	strlcpy(names, header, sizeof(names));
	strlcpy(numbers, values, sizeof(numbers));
	while ((name = strsep(&name_rest, " \n")) && (number = strsep(&number_rest, " \n")))
		if (!strcmp(name, word))
			return strtoull(number, NULL, 10);
	return 0;
}

static struct report_losses read_losses(void)
{
	char header[LINE_BYTES], values[LINE_BYTES];
	struct report_losses losses = {0};
	FILE *in = fopen("/proc/net/netstat", "re");

	while (in && fgets(header, sizeof(header), in) && fgets(values, sizeof(values), in))
		if (!strncmp(header, "TcpExt:", 7)) {
			losses.overflows = below(header, values, "ListenOverflows");
			losses.drops = below(header, values, "ListenDrops");
		}
	if (in)
		fclose(in);
	return losses;
}

static uint64_t read_number(const char *path)
{
	FILE *in = fopen(path, "re");
	char text[64] = "";

	if (in && !fgets(text, sizeof(text), in))
		text[0] = 0;
	if (in)
		fclose(in);
	return strtoull(text, NULL, 10);
}

void report_init(void)
{
	at_start.losses = read_losses();
	at_start.now_ms = loop_now_ms();
}

struct report_losses report_losses(void)
{
	struct report_losses now = read_losses();

	now.overflows -= at_start.losses.overflows;
	now.drops -= at_start.losses.drops;
	return now;
}

uint64_t report_uptime(void)
{
	return (loop_now_ms() - at_start.now_ms) / 1000;
}

void report_machine(FILE *out)
{
	struct report_losses losses = report_losses();

	record_begin(out, "machine");
	record_number(out, "listen_overflows", losses.overflows);
	record_number(out, "listen_drops", losses.drops);
	record_number(out, "somaxconn", read_number("/proc/sys/net/core/somaxconn"));
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

/* Kibibytes that no other process has: the private lines of /proc/self/smaps_rollup. */
uint64_t report_private_kib(void)
{
	FILE *in = fopen("/proc/self/smaps_rollup", "re");
	char line[256];
	uint64_t sum = 0;

	while (in && fgets(line, sizeof(line), in))
		if (!strncmp(line, "Private_", 8) && strchr(line, ':'))
			sum += strtoull(strchr(line, ':') + 1, NULL, 10);
	if (in)
		fclose(in);
	return sum;
}

uint64_t report_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	uint64_t count = 0;

	while (dir && readdir(dir))
		count++;
	if (dir)
		closedir(dir);
	return count > 3 ? count - 3 : 0; /* "." and "..", and the one it was read with */
}

/* What all services have counted. */
static void put_sums(FILE *out)
{
	uint64_t services = 0, started = 0, refused = 0, failed = 0;
	const struct service_state *state;

	TAILQ_FOREACH (state, &service_states, in_states) {
		services++;
		started += state->admit.stats.started - state->admit.stats.undone;
		refused += report_refused(state);
		failed += state->failed;
	}
	record_number(out, "services", services);
	record_number(out, "started", started);
	record_number(out, "refused", refused);
	record_number(out, "failed", failed);
}

void report_daemon(FILE *out)
{
	struct configure_counts counts = configure_counts();
	struct loop_turns turns = loop_turns();

	record_begin(out, "daemon");
	record_text(out, "version", INETD_VERSION);
	record_number(out, "pid", (uint64_t)getpid());
	record_number(out, "uptime", report_uptime());
	record_number(out, "generation", counts.generation);
	record_number(out, "reloads", counts.reloads);
	record_number(out, "reload_errors", counts.errors);
	put_sums(out);
	record_number(out, "programs", program_count());
	record_number(out, "sessions", worker_sessions());
	record_number(out, "worker_pid", (uint64_t)worker_pid());
	record_number(out, "worker_restarts", worker_restarts());
	record_number(out, "descriptors", report_descriptors());
	record_number(out, "memory_kib", report_private_kib());
	record_number(out, "longest_turn_us", turns.longest_us);
	record_number(out, "recent_turn_us", turns.recent_us);
	record_number(out, "refused_late", delayed_close_count());
	record_number(out, "log_lost", log_lost());
	record_text(out, "log_level", log_level_name(log_level()));
	record_end(out);
}
