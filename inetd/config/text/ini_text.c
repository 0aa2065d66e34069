/* ini_text: see ini_text.h. */
#include "config/text/ini_text.h"

#include <ctype.h>

#include "config/text/escape.h"

#define LINE_COLUMNS 78

static bool is_space(char c)
{
	return isspace((unsigned char)c);
}

bool ini_is_plain(const char *text)
{
	size_t len = strlen(text);

	if (!len || is_space(text[0]) || is_space(text[len - 1]) || text[len - 1] == ';' ||
		strchr(";\"'", text[0]) || !strncmp(text, "\xe2\x80", 2) ||
		!strncmp(text, ESCAPE_QUOTE, strlen(ESCAPE_QUOTE)) || escape_is_needed(text))
		return false;
	for (size_t i = 0; i < len; i++)
		if (is_space(text[i]) && text[i + 1] == ';')
			return false;
	return true;
}

void ini_write_text(FILE *out, const char *text)
{
	if (ini_is_plain(text))
		fputs(text, out);
	else
		escape_quote(out, text);
}

void ini_write_head(FILE *out, const char *name)
{
	bool plain = ini_is_plain(name) && !strstr(name, " #");

	fputc('[', out);
	if (plain)
		fputs(name, out);
	else
		escape_quote(out, name);
	fputs("]\n", out);
}

void ini_list_item(struct ini_list *list, const char *separator, size_t len)
{
	if (!list->column) {
		list->column = (size_t)fprintf(list->out, "%s = ", list->name);
	} else if (list->column + strlen(separator) + 1 + len > LINE_COLUMNS) {
		fprintf(list->out, "\n");
		list->column = (size_t)fprintf(list->out, "%s += ", list->name);
	} else {
		list->column += (size_t)fprintf(list->out, "%s ", separator);
	}
	list->column += len;
}

bool ini_list_end(struct ini_list *list)
{
	if (!list->column)
		return false;
	fprintf(list->out, "\n");
	return true;
}

void ini_list_add(struct ini_list *list, const char *separator, const char *item)
{
	ini_list_item(list, separator, strlen(item));
	fputs(item, list->out);
}

static bool needs_quotes(const char *word)
{
	if (!*word || *word == ';')
		return true;
	for (; *word; word++)
		if (is_space(*word) || *word == '"' || *word == '\'')
			return true;
	return false;
}

/* Writes a word, or only counts with `out` NULL. Returns its bytes. */
static size_t write_word(FILE *out, const char *word)
{
	bool quotes = needs_quotes(word);
	size_t len = 0;

	if (escape_is_needed(word))
		return escape_quote(out, word);
#define PUT(text)                                                                                  \
	do {                                                                                       \
		if (out)                                                                           \
			fputs(text, out);                                                          \
		len += strlen(text);                                                               \
	} while (0)
	if (quotes)
		PUT("\"");
	for (; *word; word++) {
		const char byte[] = {*word, 0};

		if (quotes && (*word == '"' || *word == '\\'))
			PUT("\\");
		PUT(byte);
		if (is_space(*word) && word[1] == ';') /* two quoted pieces are one word */
			PUT("\"\"");
	}
	if (quotes)
		PUT("\"");
#undef PUT
	return len;
}

void ini_list_word(struct ini_list *list, const char *word)
{
	ini_list_item(list, "", write_word(NULL, word));
	write_word(list->out, word);
}

/* True if a byte of a message can be written as it is in its place. */
static bool is_plain(const char *text, const char *at)
{
	unsigned char byte = (unsigned char)*at;

	if (byte < ' ' || byte == 127 || byte == ';' || byte == '\\')
		return false;
	if ((byte == '/' || byte == '"') && at == text) /* it would be a path, or quoted */
		return false;
	return byte != ' ' || (at != text && at[1]);
}

void ini_write_message(FILE *out, const char *text)
{
	static const char plain[] = "\nn\tt\rr\\\\";

	for (const char *at = text; *at; at++) {
		const char *escape = strchr(plain, *at);

		if (is_plain(text, at))
			fputc(*at, out);
		else if (escape && (escape - plain) % 2 == 0)
			fprintf(out, "\\%c", escape[1]);
		else
			fprintf(out, "\\x%02x", (unsigned char)*at);
	}
}
