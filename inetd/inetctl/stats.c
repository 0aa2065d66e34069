/* stats: the daemon in figures, the newest lines of its log, the versions. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "inetctl/answer.h"
#include "inetctl/text.h"

#define NAME_WIDTH 16

static void put_daemon(const struct record *record, void *arg)
{
	char span[TEXT_BYTES];

	(void)arg;
	for (size_t i = 0; i < record->count; i++) {
		const struct record_field *field = &record->fields[i];

		printf("%-*s  ", NAME_WIDTH, field->name);
		text_put(stdout, field->text);
		if (!strcmp(field->name, "uptime"))
			printf(" (%s)", text_span(strtoull(field->text, NULL, 10), span));
		putchar('\n');
	}
}

int ctl_stats(const struct ctl *ctl)
{
	return ctl->json ? answer_json(ctl) : answer_each(ctl, put_daemon, NULL);
}

/* As in the log: in quotes where it could be taken for more than one word. */
static void put_pair(const char *name, const char *value)
{
	char *quoted;
	size_t len = 0;

	printf(" %s=", name);
	if (*value && !value[strcspn(value, " \"\\=")]) {
		text_put(stdout, value);
		return;
	}
	quoted = malloc(2 * strlen(value) + 1);
	if (!quoted)
		return;
	for (; *value; value++) {
		if (*value == '"' || *value == '\\')
			quoted[len++] = '\\';
		quoted[len++] = *value;
	}
	quoted[len] = 0;
	putchar('"');
	text_put(stdout, quoted);
	putchar('"');
	free(quoted);
}

static void put_event(const struct record *record, void *arg)
{
	static const char *const head[] = {"time", "usec", "level", "text"};
	const char *level = record_get(record, "level");
	char date[TEXT_BYTES];

	(void)arg;
	printf("%s.%03u  %-7s  ", text_date(record_get_number(record, "time"), date),
		(unsigned)(record_get_number(record, "usec") / 1000), level ? level : "?");
	text_put(stdout, record_get(record, "text"));
	for (size_t i = 0; i < record->count; i++) {
		const struct record_field *field = &record->fields[i];
		size_t known = 0;

		while (known < 4 && strcmp(field->name, head[known]) != 0)
			known++;
		if (known == 4)
			put_pair(field->name, field->text);
	}
	putchar('\n');
}

int ctl_events(const struct ctl *ctl)
{
	return ctl->json ? answer_json(ctl) : answer_each(ctl, put_event, NULL);
}

/* Version and process of the daemon. */
struct about {
	char version[TEXT_BYTES], pid[TEXT_BYTES];
};

static void take_version(const struct record *record, void *arg)
{
	struct about *about = arg;
	const char *text = record_get(record, "version");

	strlcpy(about->version, text ? text : "?", sizeof(about->version));
	snprintf(about->pid, sizeof(about->pid), "%" PRIu64, record_get_number(record, "pid"));
}

int ctl_version(const struct ctl *ctl)
{
	struct about about = {"", ""};
	struct record record = {"version", {{"inetctl", INETD_VERSION, false}}, 1};
	struct answer_json json = {.out = stdout};
	struct ctl stats = *ctl;
	int status;

	if (!ctl->json) {
		printf("inetctl %s\n", INETD_VERSION);
		fflush(stdout);
		return ctl_ask(ctl);
	}
	stats.verb = "stats";
	status = answer_each(&stats, take_version, &about);
	if (!status) {
		record.fields[record.count++] =
			(struct record_field){"inetd", about.version, false};
		record.fields[record.count++] = (struct record_field){"pid", about.pid, true};
	}
	answer_json_put(&json, &record);
	answer_json_end(&json);
	return status;
}
