/* answer: see answer.h. */
#include "inetctl/answer.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "inetctl/text.h"

static int read_records(const struct ctl *ctl, char *text, answer_fn *each, void *arg)
{
	struct record record;
	char *line;

	while ((line = strsep(&text, "\n"))) {
		if (!*line)
			continue;
		if (!record_parse(line, &record)) {
			fputs("inetctl: the answer is not one of an inetd of this version\n",
				ctl->err);
			return CTL_FAILED;
		}
		each(&record, arg);
	}
	return 0;
}

int answer_each(const struct ctl *ctl, answer_fn *each, void *arg)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	int status;

	if (!out) {
		perror("inetctl");
		return CTL_FAILED;
	}
	status = ask_daemon(ctl, out);
	if (fclose(out) == EOF || !text)
		status = CTL_FAILED;
	else if (status) /* why there are no records */
		fputs(text_mask_lines(text), ctl->err);
	else
		status = read_records(ctl, text, each, arg);
	free(text);
	return status;
}

/* Of an event, whose values are all texts, those that are known to be numbers; pids, seconds. */
static bool is_number(const struct record *record, const struct record_field *field)
{
	static const char *const numbers[] = {"pid", "duration", "user", "system", "peak_kib"};
	size_t digits;

	if (field->number)
		return true;
	if (strcmp(record->type, "event") != 0)
		return false;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if (strcmp(field->name, numbers[i]) != 0)
			continue;
		digits = strspn(field->text, "0123456789");
		if (!digits || (field->text[0] == '0' && digits > 1))
			return false;
		if (!field->text[digits])
			return true;
		return field->text[digits] == '.' && field->text[digits + 1] &&
		       !field->text[digits + 1 + strspn(field->text + digits + 1, "0123456789")];
	}
	return false;
}

static void put_value(FILE *out, const struct record *record, const struct record_field *field)
{
	if (is_number(record, field))
		fputs(field->text, out);
	else if (!strcmp(field->name, "history"))
		fprintf(out, "[%s]", field->text);
	else
		json_string(out, field->text);
}

void answer_json_put(struct answer_json *json, const struct record *record)
{
	fputs(json->begun ? ",\n  {\"record\": " : "[\n  {\"record\": ", json->out);
	json->begun = true;
	json_string(json->out, record->type);
	for (size_t i = 0; i < record->count; i++) {
		fputs(", ", json->out);
		json_string(json->out, record->fields[i].name);
		fputs(": ", json->out);
		put_value(json->out, record, &record->fields[i]);
	}
	putc('}', json->out);
}

void answer_json_end(struct answer_json *json)
{
	fputs(json->begun ? "\n]\n" : "[]\n", json->out);
}

static void put_json(const struct record *record, void *arg)
{
	answer_json_put(arg, record);
}

int answer_json(const struct ctl *ctl)
{
	struct answer_json json = {.out = stdout};
	int status = answer_each(ctl, put_json, &json);

	if (!status)
		answer_json_end(&json);
	return status;
}
