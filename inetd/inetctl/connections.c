/* connections: the programs that run: which and for whom is asked of the daemon, what each has used
 * is read from proc(5). */
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "inetctl/answer.h"
#include "inetctl/table.h"
#include "inetctl/text.h"

#define COMMAND_BYTES 400

/* A process, as proc(5) shows it. */
struct process {
	uint64_t cpu_ms;             /* of all its threads */
	char command[COMMAND_BYTES]; /* its words, or its name in brackets; "" when it is gone */
};

/* At most size - 1 bytes of a file, and a NUL. Returns how many, -1 with errno. */
static ssize_t read_file(uint64_t pid, const char *name, char *buf, size_t size)
{
	char path[TEXT_BYTES];
	ssize_t len = -1;
	int fd;

	snprintf(path, sizeof(path), "/proc/%" PRIu64 "/%s", pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		len = read(fd, buf, size - 1);
		close(fd);
	}
	buf[len > 0 ? len : 0] = 0;
	return len;
}

/* proc_pid_stat(5): the name, in parentheses, may hold anything; the 12th field after it is utime.
 */
static bool read_stat(struct process *process, uint64_t pid)
{
	char text[1024];
	char *name, *rest;
	uint64_t ticks;

	if (read_file(pid, "stat", text, sizeof(text)) <= 0)
		return false;
	name = strchr(text, '(');
	rest = strrchr(text, ')');
	if (!name || !rest)
		return false;
	*rest = 0;
	snprintf(process->command, sizeof(process->command), "[%s]", name + 1);
	rest++;
	for (int i = 0; i < 11 && rest; i++)
		rest = strchr(rest + 1, ' ');
	if (!rest)
		return false;
	ticks = strtoull(rest, &rest, 10);
	ticks += strtoull(rest, NULL, 10);
	process->cpu_ms = ticks * 1000 / (uint64_t)sysconf(_SC_CLK_TCK);
	return true;
}

static void read_process(struct process *process, uint64_t pid)
{
	char words[COMMAND_BYTES];
	ssize_t len;

	*process = (struct process){0};
	if (!read_stat(process, pid))
		return;
	len = read_file(pid, "cmdline", words, sizeof(words));
	while (len > 0 && !words[len - 1])
		len--;
	if (len <= 0)
		return;
	for (ssize_t i = 0; i < len; i++)
		process->command[i] = words[i] ? words[i] : ' ';
	process->command[len] = 0;
}

static void add_program(struct table *table, const struct record *record)
{
	uint64_t age_ms = record_get_number(record, "age_ms");
	struct process process;
	char text[TEXT_BYTES];

	read_process(&process, record_get_number(record, "pid"));
	table_add(table, record_get(record, "service"));
	table_add(table, record_get(record, "peer"));
	table_add(table, record_get(record, "pid"));
	table_add(table, record_get_number(record, "overtime") ? "overtime"
			 : record_get_number(record, "lent")   ? "lent"
							       : "runs");
	table_add(table, text_span(age_ms / 1000, text));
	table_add(table, text_seconds(process.cpu_ms, text));
	table_add(table, process.command);
}

static void add_sessions(struct table *table, const struct record *record)
{
	uint64_t count = record_get_number(record, "count");
	char text[TEXT_BYTES];

	snprintf(text, sizeof(text), "%" PRIu64 " session%s", count, count == 1 ? "" : "s");
	table_add(table, record_get(record, "service"));
	for (int i = 0; i < 2; i++)
		table_add(table, NULL);
	table_add(table, "internal");
	for (int i = 0; i < 2; i++)
		table_add(table, NULL);
	table_add(table, text);
}

static void add_record(const struct record *record, void *arg)
{
	if (!strcmp(record->type, "program"))
		add_program(arg, record);
	else if (!strcmp(record->type, "session"))
		add_sessions(arg, record);
}

static void take_json(const struct record *record, void *arg)
{
	struct record more = *record;
	struct process process;
	char cpu[TEXT_BYTES];

	if (!strcmp(record->type, "program") && more.count + 2 <= RECORD_FIELDS) {
		read_process(&process, record_get_number(record, "pid"));
		snprintf(cpu, sizeof(cpu), "%" PRIu64, process.cpu_ms);
		log_mask_lines(process.command);
		more.fields[more.count++] = (struct record_field){"cpu_ms", cpu, true};
		more.fields[more.count++] =
			(struct record_field){"command", process.command, false};
		answer_json_put(arg, &more);
		return;
	}
	answer_json_put(arg, record);
}

int ctl_connections(const struct ctl *ctl)
{
	static const char *const names[] = {
		"SERVICE", "PEER", ">PID", "STATE", ">AGE", ">CPU", "COMMAND"};
	struct answer_json json = {.out = stdout};
	struct table table;
	int status;

	if (ctl->json) {
		status = answer_each(ctl, take_json, &json);
		if (!status)
			answer_json_end(&json);
		return status;
	}
	table_begin(&table, names, sizeof(names) / sizeof(names[0]));
	status = answer_each(ctl, add_record, &table);
	if (!status)
		table_end(&table, stdout);
	return status;
}
