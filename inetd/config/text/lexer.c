/* lexer: see lexer.h. */
#include "config/text/lexer.h"

#include <errno.h>

#include "config/text/escape.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

void lexer_init(struct lexer *lexer, const char *text, size_t len)
{
	static const char mark[] = "\xef\xbb\xbf";

	if (len >= 3 && !memcmp(text, mark, 3)) {
		text += 3;
		len -= 3;
	}
	*lexer = (struct lexer){.at = text, .end = text + len, .line = 1};
}

bool lexer_next(struct lexer *lexer, struct line *line)
{
	size_t rest = (size_t)(lexer->end - lexer->at), first = 0, len;
	const char *newline;

	if (!rest)
		return false;
	newline = memchr(lexer->at, '\n', rest);
	len = newline ? (size_t)(newline - lexer->at) : rest;
	*line = (struct line){.text = lexer->at, .number = lexer->line++};
	lexer->at += newline ? len + 1 : len;
	if (len && line->text[len - 1] == '\r')
		len--;
	line->empty = !len;
	while (first < len && is_blank(line->text[first]))
		first++;
	line->blank = first == len;
	line->indented = first > 0;
	line->comment = !line->blank && line->text[first] == '#';
	line->goes_on = !line->comment && len && line->text[len - 1] == '\\';
	line->len = line->goes_on ? len - 1 : len;
	return true;
}

size_t lexer_word(const struct line *line, size_t *from)
{
	size_t end;

	while (*from < line->len && is_blank(line->text[*from]))
		(*from)++;
	for (end = *from; end < line->len && !is_blank(line->text[end]); end++)
		;
	return end - *from;
}

bool lexer_is_block(const struct line *line)
{
	size_t at = 0, len = lexer_word(line, &at);

	if (!len || line->text[at] == '.')
		return false;
	at += len;
	len = lexer_word(line, &at);
	return (len == 2 && !memcmp(line->text + at, "on", 2)) ||
	       (len == 3 && !memcmp(line->text + at, "off", 3));
}

int words_add(struct words *words, char *text, unsigned line)
{
	if (words->count == words->room) {
		size_t room = words->room ? words->room * 2 : 16;
		struct word *word = reallocarray(words->word, room, sizeof(*word));

		if (!word)
			return -1;
		words->word = word;
		words->room = room;
	}
	words->word[words->count++] = (struct word){.text = text, .line = line};
	return 0;
}

/* Copies a quoted part; `at` is after the opening quote. Returns what follows the closing one, NULL
 * where there is none. */
static const char *copy_quoted(const char *at, const char *end, char quote, char **out)
{
	for (; at < end && *at != quote; at++) {
		if (quote == '"' && *at == '\\' && at + 1 < end && (at[1] == '"' || at[1] == '\\'))
			at++;
		*(*out)++ = *at;
	}
	return at < end ? at + 1 : NULL;
}

/* Copies what is quoted at *at, if anything is, and moves both past it; else one byte. */
static enum lex copy_some(const struct line *line, const char **at, char **out)
{
	const char *end = line->text + line->len, *text = *at;

	if (line->escapes && *text == '$' && text + 1 < end && text[1] == '\'') {
		*at = escape_unquote(text + strlen(ESCAPE_QUOTE), end, out);
		return *at ? LEX_OK : errno == EILSEQ ? LEX_ESCAPE : LEX_QUOTE;
	}
	if (*text == '"' || *text == '\'') {
		*at = copy_quoted(text + 1, end, *text, out);
		return *at ? LEX_OK : LEX_QUOTE;
	}
	*(*out)++ = *text;
	++*at;
	return LEX_OK;
}

enum lex lexer_split(const struct line *line, struct arena *arena, struct words *words)
{
	const char *at = line->text, *end = line->text + line->len;
	char *out;

	if (memchr(at, 0, line->len))
		return LEX_NUL;
	/* Words are never longer than what they were written as, blank between them included. */
	out = arena_alloc(arena, line->len + 1);
	if (!out)
		return LEX_MEMORY;
	for (;;) {
		char *word = out;

		while (at < end && is_blank(*at))
			at++;
		if (at == end)
			return LEX_OK;
		while (at < end && !is_blank(*at)) {
			enum lex lex = copy_some(line, &at, &out);

			if (lex != LEX_OK)
				return lex;
		}
		*out++ = 0;
		if (words_add(words, word, line->number) < 0)
			return LEX_MEMORY;
	}
}

void words_free(struct words *words)
{
	free(words->word);
	*words = (struct words){0};
}
