/* block_lex: see block_lex.h. */
#include "config/syntax/block_lex.h"

#include <ctype.h>

#include "config/syntax/classic_shape.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* True if another entry begins here, at the start of a line: the ';' was forgotten. */
static bool other_entry(struct block_lex *lex)
{
	struct lexer ahead = lex->lexer;
	struct words words = {0};
	struct line line;
	bool other;

	if (!lexer_next(&ahead, &line) || line.blank || line.comment || line.indented)
		return false;
	other = lexer_is_block(&line) || line.text[0] == '.' ||
		(lexer_split(&line, lex->scratch, &words) == LEX_OK && classic_is_entry(&words));
	words_free(&words);
	return other;
}

/* Passes over blanks, comments and ends of lines. False at the end of the block's text. */
static bool skip_blanks(struct block_lex *lex)
{
	struct lexer *lexer = &lex->lexer;

	while (lexer->at < lexer->end) {
		if (*lexer->at == '#') {
			lexer->at = memchr(lexer->at, '\n', (size_t)(lexer->end - lexer->at));
			if (!lexer->at)
				lexer->at = lexer->end;
		} else if (*lexer->at == '\n') {
			lexer->line++;
			lexer->at++;
			if (other_entry(lex))
				return false;
		} else if (is_blank(*lexer->at)) {
			lexer->at++;
		} else {
			return true;
		}
	}
	return false;
}

static char hex_value(char c)
{
	return (char)(isdigit((unsigned char)c) ? c - '0' : (c | 32) - 'a' + 10);
}

/* The byte that follows a backslash, or what its escape means; `at` is moved to the last byte of
 * it. 0 for what is unknown, and for a NUL, which no argument can hold. */
static char escaped(const char **at, const char *end)
{
	static const char from[] = "ntr\\'\"", to[] = "\n\t\r\\'\"";
	const char *text = *at, *found = memchr(from, *text, sizeof(from) - 1);

	if (found)
		return to[found - from];
	if (*text != 'x' || end - text < 3 || !isxdigit((unsigned char)text[1]) ||
		!isxdigit((unsigned char)text[2]))
		return 0;
	*at += 2;
	return (char)(hex_value(text[1]) << 4 | hex_value(text[2]));
}

/* Copies a quoted part, to its end in spite of mistakes; the lexer is at the opening quote and
 * is left after the closing one. */
static enum block_result read_quoted(struct lexer *lexer, char **out)
{
	enum block_result result = BLOCK_OK;
	char quote = *lexer->at++;

	for (; lexer->at < lexer->end && *lexer->at != '\n'; lexer->at++) {
		char c = *lexer->at;

		if (c == quote) {
			lexer->at++;
			return result;
		}
		if (!c)
			result = BLOCK_NUL;
		if (c == '\\' && lexer->at + 1 < lexer->end && lexer->at[1] != '\n') {
			lexer->at++;
			c = escaped(&lexer->at, lexer->end);
			if (!c)
				result = BLOCK_ESCAPE;
		}
		*(*out)++ = c;
	}
	return BLOCK_QUOTE;
}

/* Copies a word with its quotes gone. `out` has room for the rest of the line. */
static enum block_result copy_word(struct lexer *lexer, char *out)
{
	enum block_result result = BLOCK_OK;

	while (result == BLOCK_OK && lexer->at < lexer->end && !is_blank(*lexer->at) &&
		!memchr("\n,;=", *lexer->at, 4)) {
		if (!*lexer->at)
			return BLOCK_NUL;
		if (*lexer->at == '"' || *lexer->at == '\'')
			result = read_quoted(lexer, &out);
		else
			*out++ = *lexer->at++;
	}
	*out = 0;
	return result;
}

enum block_result block_next(struct block_lex *lex)
{
	struct lexer *lexer = &lex->lexer;
	const char *start, *newline;
	enum block_result result;
	char *copy;

	lex->word = NULL;
	lex->mark = 0;
	if (!skip_blanks(lex)) {
		lex->ended = true;
		return BLOCK_END;
	}
	lex->line = lexer->line;
	if (memchr("=,;", *lexer->at, 3)) {
		lex->mark = *lexer->at++;
		return BLOCK_OK;
	}
	lex->mark = 'w';
	start = lexer->at;
	newline = memchr(start, '\n', (size_t)(lexer->end - start));
	copy = malloc((size_t)((newline ? newline : lexer->end) - start) + 1);
	if (!copy)
		return BLOCK_MEMORY;
	result = copy_word(lexer, copy);
	if (result == BLOCK_OK)
		lex->word = arena_strdup(lex->scratch, copy);
	free(copy);
	return result == BLOCK_OK && !lex->word ? BLOCK_MEMORY : result;
}

void block_skip(struct block_lex *lex)
{
	struct lexer *lexer = &lex->lexer;

	while (!lex->ended && lex->mark != ';' && skip_blanks(lex)) {
		char quote = lex->mark = *lexer->at++;

		if (quote != '"' && quote != '\'')
			continue;
		while (lexer->at < lexer->end && *lexer->at != '\n' && *lexer->at != quote)
			lexer->at += *lexer->at == '\\' && lexer->end - lexer->at > 1 &&
						     lexer->at[1] != '\n'
					     ? 2
					     : 1;
		if (lexer->at < lexer->end && *lexer->at == quote)
			lexer->at++;
	}
}
