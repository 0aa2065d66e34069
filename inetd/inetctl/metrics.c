/* metrics: what inetd counts, as the daemon prints it for Prometheus; for --json each sample taken
 * out of that text (prometheus.io, text-based format 0.0.4, and OpenMetrics). */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "inetctl/ctl.h"
#include "inetctl/text.h"

/* A line with a sample, taken apart: "name{labels} value". */
struct sample {
	const char *name, *value;
	char *labels; /* behind the brace: name="text",...}; NULL without any */
};

/* The end of a text in quotes that begins behind the first, taken out of its escapes in place; NULL
 * when there is none. */
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

/* The labels as members of an object. Returns what is behind them, or NULL if they are none. */
static char *put_labels(FILE *out, char *labels)
{
	const char *between = "";

	while (*labels != '}') {
		size_t len = strcspn(labels, "=");
		char *text, *end;

		if (!is_name(labels, len) || strncmp(labels + len, "=\"", 2) != 0)
			return NULL;
		text = labels + len + 2;
		end = unquote(text);
		if (!end || (*end != ',' && *end != '}'))
			return NULL;
		fprintf(out, "%s\"%.*s\": ", between, (int)len, labels);
		json_string(out, text);
		between = ", ";
		labels = end + (*end == ',');
	}
	return labels + 1;
}

/* True if JSON has such a number: digits, and a fraction. */
static bool is_number(const char *text)
{
	size_t digits = strspn(text, "0123456789");

	if (!digits || (*text == '0' && digits > 1))
		return false;
	text += digits;
	if (*text == '.' && text[1])
		text += 1 + strspn(text + 1, "0123456789");
	return !*text;
}

/* A line that is no comment. False if it is no sample. */
static bool put_sample(FILE *out, char *line, const char *type)
{
	size_t len = strcspn(line, "{ ");
	bool has_labels = line[len] == '{';
	char *rest = line + len;

	if (!is_name(line, len))
		return false;
	fprintf(out, "{\"record\": \"sample\", \"name\": \"%.*s\", \"type\": ", (int)len, line);
	json_string(out, type);
	fputs(", \"labels\": {", out);
	if (has_labels)
		rest = put_labels(out, rest + 1);
	if (!rest || *rest != ' ')
		return false;
	rest++;
	if (!is_number(rest) && strcmp(rest, "+Inf") != 0)
		return false;
	fprintf(out, "}, \"value\": %s}", *rest == '+' ? "null" : rest);
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
	else
		fputs("inetctl: the answer is not one of an inetd of this version\n", ctl->err);
	free(json);
	return good ? 0 : CTL_FAILED;
}

int ctl_metrics(const struct ctl *ctl)
{
	char *text = NULL;
	size_t len = 0;
	int status;

	if (!ctl->json)
		return ctl_ask(ctl);
	status = ask_whole(ctl, &text, &len);
	if (!status)
		status = print_samples(ctl, text_mask_lines(text));
	else if (status != CTL_FAILED)
		fputs(text_mask_lines(text), ctl->err);
	free(text);
	return status;
}
