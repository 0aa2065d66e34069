/* env_file: see env_file.h. */
#include "config/text/env_file.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define BLANKS " \t\r"

/* Without the blanks around it: moves *text and returns the length. */
static size_t trim(const char **text, size_t len)
{
	while (len && strchr(BLANKS, **text)) {
		++*text;
		len--;
	}
	while (len && strchr(BLANKS, (*text)[len - 1]))
		len--;
	return len;
}

static bool is_name(const char *text, size_t len)
{
	if (!len || isdigit((unsigned char)*text))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)text[i]) && text[i] != '_')
			return false;
	return true;
}

/* One line that is not empty. Returns what is wrong with it, or NULL with *entry in the arena, NULL
 * there without memory. */
static const char *read_line(const char *line, size_t len, struct arena *arena, char **entry)
{
	const char *equal, *value;
	size_t name_len, value_len;

	if (len > 7 && !memcmp(line, "export ", 7)) {
		line += 7;
		len = trim(&line, len - 7);
	}
	equal = memchr(line, '=', len);
	name_len = equal ? (size_t)(equal - line) : 0;
	if (!is_name(line, name_len))
		return "is not NAME=VALUE";
	value = equal + 1;
	value_len = trim(&value, len - name_len - 1);
	if (value_len && (*value == '"' || *value == '\'')) {
		if (value_len < 2 || value[value_len - 1] != *value ||
			memchr(value + 1, *value, value_len - 2))
			return "has a quote that does not go around the whole value";
		value++;
		value_len -= 2;
	}
	*entry = arena_printf(arena, "%.*s=%.*s", (int)name_len, line, (int)value_len, value);
	return NULL;
}

static size_t count_lines(const char *text)
{
	size_t count = 1;

	for (; *text; text++)
		count += *text == '\n';
	return count;
}

int env_file_read(const char *text, struct arena *arena, struct env_file *out)
{
	size_t count = 0;

	*out = (struct env_file){
		.list = arena_calloc(arena, count_lines(text) + 1, sizeof(char *))};
	if (!out->list)
		return -1;
	for (unsigned number = 1; *text; number++) {
		size_t whole = strcspn(text, "\n"), len;
		const char *line = text;

		text += whole + (text[whole] == '\n');
		len = trim(&line, whole);
		if (!len || *line == '#' || *line == ';')
			continue;
		out->wrong = read_line(line, len, arena, &out->list[count]);
		if (out->wrong) {
			out->line = number;
			return 0;
		}
		if (!out->list[count++])
			return -1;
	}
	return 0;
}
