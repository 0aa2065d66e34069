/* answer: see answer.h. */
#include "ctl/answer.h"

#include <stdlib.h>
#include <string.h>

int answer_each(
	const struct ctl *ctl, void (*each)(const struct record *record, void *arg), void *arg)
{
	char *text = NULL, *rest, *line;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	struct record record;
	int status;

	if (!out) {
		perror("inetctl");
		return CTL_FAILED;
	}
	status = ask_daemon(ctl->socket, ctl->verb, ctl->arg, out);
	if (fclose(out) == EOF || !text)
		status = CTL_FAILED;
	rest = text;
	while (!status && (line = strsep(&rest, "\n"))) {
		if (!*line)
			continue;
		if (!record_parse(line, &record)) {
			fputs("inetctl: the answer is not one of an inetd of this version\n",
				stderr);
			status = CTL_FAILED;
			break;
		}
		each(&record, arg);
	}
	free(text);
	return status;
}

struct json {
	FILE *out;
	bool begun;
};

static void put_json(const struct record *record, void *arg)
{
	struct json *json = arg;

	fputs(json->begun ? ",\n  " : "[\n  ", json->out);
	json->begun = true;
	record_json(record, json->out);
}

int answer_json(const struct ctl *ctl, FILE *out)
{
	struct json json = {.out = out};
	int status = answer_each(ctl, put_json, &json);

	if (!status)
		fputs(json.begun ? "\n]\n" : "[]\n", out);
	return status;
}
