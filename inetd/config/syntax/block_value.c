/* block_value: see block_value.h. */
#include "config/syntax/block_value.h"

#include "config/text/list.h"

bool block_takes_many(const struct key *key)
{
	return key_is_list(key) || key->type == KEY_EVENTS;
}

/* Adds a word; where list_words() reads the text, between quotes. Returns behind it. */
static char *put_word(char *to, const char *word, bool quoted)
{
	if (quoted)
		*to++ = '"';
	for (; *word; word++) {
		if (quoted && (*word == '"' || *word == '\\'))
			*to++ = '\\';
		*to++ = *word;
	}
	if (quoted)
		*to++ = '"';
	return to;
}

/* A message as list_unescape() takes it. */
static void put_message(char *to, const char *text)
{
	bool path = *text == '/';

	for (; *text; text++) {
		if (*text == '\\' && !path)
			*to++ = '\\';
		*to++ = *text;
	}
}

/* A value that was in quotes is a span of its own; others are the words of one. */
static const char *separator(const struct key *key, const char *last, const char *next)
{
	if (key->type == KEY_TIMES && (strpbrk(last, LIST_BLANKS) || strpbrk(next, LIST_BLANKS)))
		return ",";
	return " ";
}

char *block_value(const struct key *key, const struct words *values, struct arena *arena)
{
	bool quoted = key->type == KEY_COMMAND || key->type == KEY_ENVIRONMENT;
	size_t size = 1;
	char *text, *to;

	for (size_t i = 0; i < values->count; i++)
		size += 2 * strlen(values->word[i].text) + 3;
	text = to = arena_alloc(arena, size);
	if (!text)
		return NULL;
	if (key->type == KEY_MESSAGE) {
		put_message(to, values->word[0].text);
		return text;
	}
	for (size_t i = 0; i < values->count; i++) {
		const char *word = values->word[i].text;

		if (i)
			*to++ = *separator(key, values->word[i - 1].text, word);
		to = put_word(to, word, quoted);
	}
	return text;
}
