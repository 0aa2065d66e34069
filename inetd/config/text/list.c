/* list: see list.h. */
#include "config/text/list.h"

#include <errno.h>
#include <string.h>
#include <sys/param.h>

#include "config/text/escape.h"
#include "config/text/lexer.h"

bool list_next(const char **rest, const char *separators, char *buf, size_t size)
{
	const char *at = *rest;
	size_t len, all;

	while (*at && (strchr(separators, *at) || strchr(LIST_BLANKS, *at)))
		at++;
	if (!*at) {
		*rest = at;
		return false;
	}
	all = len = strcspn(at, separators);
	while (len && strchr(LIST_BLANKS, at[len - 1]))
		len--;
	strlcpy(buf, at, MIN(size, len + 1));
	*rest = at + all;
	return true;
}

char **list_words(const char *text, struct arena *arena, size_t *count)
{
	struct line line = {.text = text, .len = strlen(text), .escapes = true};
	struct words words = {0};
	enum lex lex = lexer_split(&line, arena, &words);
	char **list = NULL;

	if (lex == LEX_OK)
		list = arena_calloc(arena, words.count + 1, sizeof(*list));
	else
		errno = lex == LEX_MEMORY ? ENOMEM : lex == LEX_ESCAPE ? EILSEQ : EINVAL;
	for (size_t i = 0; list && i < words.count; i++)
		list[i] = words.word[i].text;
	if (count)
		*count = words.count;
	words_free(&words);
	return list;
}

size_t list_count(const char *text, const char *separators)
{
	size_t count = 1;

	for (; *text; text++)
		count += strchr(separators, *text) != NULL;
	return count;
}

char **list_names(const char *text, struct arena *arena)
{
	char **list = arena_calloc(arena, list_count(text, LIST_BOTH) + 1, sizeof(*list));
	char piece[LIST_PIECE];

	for (size_t i = 0; list && list_next(&text, LIST_BOTH, piece, sizeof(piece)); i++) {
		list[i] = arena_strdup(arena, piece);
		if (!list[i])
			return NULL;
	}
	return list;
}

char *list_unescape(const char *text, struct arena *arena)
{
	char *out = arena_strdup(arena, text), *to = out;

	if (!out)
		return NULL;
	while (*text) {
		if (*text != '\\') {
			*to++ = *text++;
			continue;
		}
		text++;
		*to = escape_take(&text);
		if (!*to++) {
			errno = EINVAL;
			return NULL;
		}
	}
	*to = 0;
	return out;
}
