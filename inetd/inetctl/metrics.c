/* metrics: what inetd counts, as the daemon prints it for Prometheus; for --json each sample taken
 * out of that text (prometheus.io, text-based format 0.0.4, and OpenMetrics). */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "inetctl/answer.h"

/* Takes the escapes out of a text in place, from after its opening quote. Returns what follows its
 * closing quote, or NULL when there is none. */
static char *unquote(char *text)
{
	char *to = text;

	for (; *text && *text != '"'; text++) {
		bool escaped = *text == '\\' && text[1];

		text += escaped;
		*to++ = escaped && *text == 'n' ? '\n' : *text;
	}
	if (!*text)
		return NULL;
	*to = 0;
	return text + 1;
}

static bool is_name(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)text[i]) && text[i] != '_')
			return false;
	return len > 0;
}

/* The labels as members of an object. Returns what follows them, or NULL if they are not labels. */
static char *put_labels(struct json *json, char *labels)
{
	while (*labels != '}') {
		size_t len = strcspn(labels, "=");
		char *text, *end;

		if (!is_name(labels, len) || strncmp(labels + len, "=\"", 2) != 0)
			return NULL;
		labels[len] = 0;
		text = labels + len + 2;
		end = unquote(text);
		if (!end || (*end != ',' && *end != '}'))
			return NULL;
		json_text(json, labels, text);
		labels = end + (*end == ',');
	}
	return labels + 1;
}

/* A line that is no comment. False if it is no sample. */
static bool put_sample(FILE *out, char *line, const char *type)
{
	size_t len = strcspn(line, "{ ");
	char *rest = line + len + 1;
	bool has_labels = line[len] == '{';
	struct json json, labels;

	if (!is_name(line, len) || !line[len])
		return false;
	line[len] = 0;
	json_open(&json, out);
	json_text(&json, "record", "sample");
	json_text(&json, "name", line);
	json_text(&json, "type", type);
	json_name(&json, "labels");
	json_open(&labels, out);
	if (has_labels)
		rest = put_labels(&labels, rest);
	json_close(&labels);
	if (!rest || (has_labels && *rest++ != ' '))
		return false;
	if (!record_is_number(rest) && strcmp(rest, "+Inf") != 0)
		return false;
	json_raw(&json, "value", *rest == '+' ? "null" : rest);
	json_close(&json);
	return true;
}

/* "# TYPE name type": samples of that type follow. Else what it was. */
static const char *type_in(char *comment, const char *before)
{
	static const char head[] = "# TYPE ";
	char *blank;

	if (strncmp(comment, head, strlen(head)) != 0)
		return before;
	blank = strchr(comment + strlen(head), ' ');
	return blank ? blank + 1 : before;
}

static bool put_samples(FILE *out, char *text)
{
	const char *type = "untyped", *before = "[\n  ";
	char *line;

	while ((line = strsep(&text, "\n"))) {
		if (*line == '#') {
			type = type_in(line, type);
		} else if (*line) {
			fputs(before, out);
			if (!put_sample(out, line, type))
				return false;
			before = ",\n  ";
		}
	}
	fputs(*before == ',' ? "\n]\n" : "[]\n", out);
	return true;
}

/* Nothing of an answer that is wrong in part is printed. */
static int print_samples(const struct ctl *ctl, char *text)
{
	char *json = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&json, &len);
	bool good = out && put_samples(out, text);

	if (!out || fclose(out) == EOF) {
		perror("inetctl");
		free(json);
		return CTL_FAILED;
	}
	if (good)
		fwrite(json, 1, len, stdout);
	free(json);
	return good ? 0 : answer_foreign(ctl);
}

int ctl_metrics(const struct ctl *ctl)
{
	char *text;
	size_t len;
	int status;

	if (!ctl->json)
		return ctl_ask(ctl);
	status = answer_text(ctl, &text, &len);
	if (!status)
		status = print_samples(ctl, log_mask_lines(text));
	else if (text)
		fputs(log_mask_lines(text), ctl->err);
	free(text);
	return status;
}
