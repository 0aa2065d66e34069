/* block_value: see block_value.h. */
#include "config/syntax/block_value.h"

#include "config/text/list.h"

char **block_words(const struct words *values, struct arena *arena)
{
	char **words = arena_calloc(arena, values->count + 1, sizeof(*words));

	for (size_t i = 0; words && i < values->count; i++)
		words[i] = values->word[i].text;
	return words;
}

/* A value that was in quotes is a span of its own; others are the words of one. */
static char separator(const struct key *key, const char *last, const char *next)
{
	bool apart = strpbrk(last, LIST_BLANKS) || strpbrk(next, LIST_BLANKS);

	return !strcmp(key->type->separators, LIST_COMMAS) && apart ? ',' : ' ';
}

char *block_text(const struct key *key, const struct words *values, struct arena *arena)
{
	size_t size = 1;
	char *text, *to;

	for (size_t i = 0; i < values->count; i++)
		size += strlen(values->word[i].text) + 1;
	text = to = arena_alloc(arena, size);
	for (size_t i = 0; text && i < values->count; i++) {
		const char *word = values->word[i].text;

		if (i)
			*to++ = separator(key, values->word[i - 1].text, word);
		to = stpcpy(to, word);
	}
	return text;
}
