/* ini_long: see ini_long.h. Each piece ends, and each but the first begins, in a guard byte, so
 * that inih finds no blank to take away there, and no comment. */
#include "config/syntax/ini_long.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define GUARD '\001'

static bool is_space(char c)
{
	return isspace((unsigned char)c);
}

/* Up to a byte of `marks`, a comment or the end. */
static size_t find(const char *text, size_t len, const char *marks)
{
	size_t at;

	for (at = 0; at < len && !strchr(marks, text[at]); at++)
		if (text[at] == ';' && at && is_space(text[at - 1]))
			break;
	return at;
}

bool ini_divide(const char *line, size_t len, struct ini_parts *parts)
{
	size_t at = find(line, len, "=:");

	*parts = (struct ini_parts){.name = line, .name_len = at, .value = line + at + 1};
	if (at == len || line[at] == ';')
		return false;
	while (parts->name_len && is_space(line[parts->name_len - 1]))
		parts->name_len--;
	parts->value_len = find(parts->value, len - at - 1, "");
	while (parts->value_len && is_space(*parts->value)) {
		parts->value++;
		parts->value_len--;
	}
	while (parts->value_len && is_space(parts->value[parts->value_len - 1]))
		parts->value_len--;
	return parts->name_len > 0;
}

int ini_long_begin(struct ini_long *piece, const struct ini_parts *parts, struct arena *arena)
{
	*piece = (struct ini_long){
		.text = arena_strndup(arena, parts->value, parts->value_len),
		.value = arena_alloc(arena, parts->value_len + 1),
	};
	piece->rest = piece->text;
	return piece->text && piece->value ? 0 : -1;
}

void ini_long_write(struct ini_long *piece, const struct ini_parts *parts, char *buf, size_t size)
{
	size_t left = strlen(piece->rest), len, take;

	if (piece->rest == piece->text)
		len = (size_t)snprintf(buf, size, "%.*s=", (int)parts->name_len, parts->name);
	else
		len = (size_t)snprintf(buf, size, " %c", GUARD);
	take = size - len - 2 < left ? size - len - 2 : left;
	memcpy(buf + len, piece->rest, take);
	buf[len + take] = GUARD;
	buf[len + take + 1] = 0;
	piece->rest = take < left ? piece->rest + take : NULL;
}

void ini_long_take(struct ini_long *piece, const char *value)
{
	size_t skip = piece->len > 0, len = strlen(value);

	if (len < skip + 1)
		return;
	memcpy(piece->value + piece->len, value + skip, len - skip - 1);
	piece->len += len - skip - 1;
	piece->value[piece->len] = 0;
}
