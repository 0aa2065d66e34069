/* type_text: the types of values that are one text. */
#include <errno.h>

#include "config/keys/key.h"
#include "config/text/ini_text.h"
#include "config/text/list.h"

int type_no_memory(const struct setting *set)
{
	TYPE_FAIL(set, "%s: %s", set->name, strerror(ENOMEM));
	return -1;
}

static bool text_equal(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static int copy_text(const struct setting *set, const char *text, const char **out)
{
	*out = arena_share_text(set->arena, text);
	return *out ? 0 : type_no_memory(set);
}

static int parse_text(const struct setting *set)
{
	const char *text = set->value;

	if (*text || set->key->flags & KEY_MAY_BE_EMPTY)
		return copy_text(set, text, set->out);
	TYPE_FAIL(set, "%s: is empty", set->name);
	return -1;
}

static bool print_line(const struct key *key, const char *text, FILE *out)
{
	fprintf(out, "%s = ", key->name);
	ini_write_text(out, text);
	return fprintf(out, "\n") > 0;
}

static bool print_text(const struct key *key, const void *value, FILE *out)
{
	const char *text = *(const char *const *)value;

	return text && print_line(key, text, out);
}

static bool equal_texts(const void *a, const void *b)
{
	return text_equal(*(const char *const *)a, *(const char *const *)b);
}

const struct key_type type_text = {
	.name = "text",
	.help = "text up to the end of the line; all within $'...' it may have escapes",
	.bytes = sizeof(char *),
	.is_quoted = true,
	.parse = parse_text,
	.print = print_text,
	.equal = equal_texts,
};

static const char *const output_words[] = {
	[OUTPUT_SOCKET] = "socket", [OUTPUT_LOG] = "log", [OUTPUT_NULL] = "null"};

static int parse_output(const struct setting *set)
{
	struct output *output = set->out;
	const char *text = set->value;

	*output = (struct output){.to = OUTPUT_FILE};
	if (*text == '/')
		return copy_text(set, text, &output->path);
	for (output->to = OUTPUT_SOCKET; output->to < OUTPUT_FILE; output->to++)
		if (!strcmp(text, output_words[output->to]))
			return 0;
	TYPE_FAIL(
		set, "%s: '%s' is neither socket, log, null nor an absolute path", set->name, text);
	return -1;
}

static bool print_output(const struct key *key, const void *value, FILE *out)
{
	const struct output *output = value;

	return print_line(key, output->path ? output->path : output_words[output->to], out);
}

static bool equal_outputs(const void *a, const void *b)
{
	const struct output *x = a, *y = b;

	return x->to == y->to && text_equal(x->path, y->path);
}

static void range_output(const struct key *key, char *buf, size_t size)
{
	(void)key;
	strlcpy(buf, "socket, log, null, /path", size);
}

const struct key_type type_output = {
	.name = "output",
	.help = "one of the words, or an absolute path",
	.bytes = sizeof(struct output),
	.is_quoted = true,
	.parse = parse_output,
	.print = print_output,
	.equal = equal_outputs,
	.range = range_output,
};

static int parse_log_to(const struct setting *set)
{
	struct output *output = set->out;

	*output = (struct output){.to = OUTPUT_FILE};
	if (*set->value == '/')
		return copy_text(set, set->value, &output->path);
	output->to = OUTPUT_LOG;
	if (!strcmp(set->value, output_words[OUTPUT_LOG]))
		return 0;
	TYPE_FAIL(set, "%s: '%s' is neither log nor an absolute path", set->name, set->value);
	return -1;
}

static void range_log_to(const struct key *key, char *buf, size_t size)
{
	(void)key;
	strlcpy(buf, "log, /path", size);
}

const struct key_type type_log_to = {
	.name = "file",
	.help = "log, or an absolute path",
	.bytes = sizeof(struct output),
	.is_quoted = true,
	.parse = parse_log_to,
	.print = print_output,
	.equal = equal_outputs,
	.range = range_log_to,
};

static int parse_message(const struct setting *set)
{
	const char *text = set->value;
	size_t len = strlen(text);
	struct message *message = set->out;

	*message = (struct message){0};
	if (!set->words && len > 1 && *text == '"' && text[len - 1] == '"')
		diag_add(set->diag, DIAG_WARNING, set->where,
			"%s: the quotes are a part of the text, and sent too: write it without "
			"quotes",
			set->name);
	if (*text == '/')
		return copy_text(set, text, &message->path);
	if (set->words)
		message->text = arena_strdup(set->arena, text);
	else
		message->text = list_unescape(text, set->arena);
	if (!message->text)
		TYPE_FAIL(set, "%s: %s", set->name,
			errno == EINVAL ? "unknown escape: one of \\\\ \\n \\t \\r \\xHH"
					: strerror(errno));
	else if (!*message->text)
		TYPE_FAIL(set, "%s: is empty", set->name);
	else if (strlen(message->text) > MESSAGE_MAX)
		TYPE_FAIL(set, "%s: has %zu bytes: %d at most", set->name, strlen(message->text),
			MESSAGE_MAX);
	else
		return 0;
	return -1;
}

static bool print_message(const struct key *key, const void *value, FILE *out)
{
	const char *text = ((const struct message *)value)->text;

	if (!text || !*text)
		return false;
	fprintf(out, "%s = ", key->name);
	ini_write_message(out, text);
	return fprintf(out, "\n") > 0;
}

static bool equal_messages(const void *a, const void *b)
{
	const struct message *x = a, *y = b;

	return text_equal(x->text, y->text) && text_equal(x->path, y->path);
}

const struct key_type type_message = {
	.name = "message",
	.help = "a text, with \\n \\t \\r \\\\ and \\xHH for what a line cannot hold, or the "
		"absolute path of a file with it",
	.bytes = sizeof(struct message),
	.parse = parse_message,
	.print = print_message,
	.equal = equal_messages,
};
