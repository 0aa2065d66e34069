/* quoting: see quoting.h. */
#include "inetctl/quoting.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "config/text/escape.h"

static bool is_plain(const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "_-+./:,@%=";

	return *word && !word[strspn(word, plain)];
}

/* A word of a line of inetd.conf, in single quotes, or in double ones where it holds a single one.
 */
void quoting_put_word(FILE *out, const char *word)
{
	if (is_plain(word)) {
		fputs(word, out);
		return;
	}
	putc('\'', out);
	for (; *word; word++)
		fputs(*word == '\'' ? "'\"'\"'" : (const char[]){*word, 0}, out);
	putc('\'', out);
}

/* A word in a list of an INI file: in quotes, or with escapes where these are not enough. The
 * library that reads such files ends a value at a blank with ';' after it, also within quotes. */
void quoting_put_item(FILE *out, const char *word)
{
	if (is_plain(word))
		fputs(word, out);
	else if (escape_is_needed(word) || word[strcspn(word, "';")])
		escape_quote(out, word);
	else
		fprintf(out, "'%s'", word);
}

/* A value that is one text, to the end of its line. */
void quoting_put_value(FILE *out, const char *text)
{
	if (is_plain(text))
		fputs(text, out);
	else
		escape_quote(out, text);
}

char *quoting_words(struct arena *arena, char *const *words)
{
	char *text = NULL, *kept = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	for (size_t i = 0; words[i]; i++) {
		if (i)
			putc(' ', out);
		quoting_put_item(out, words[i]);
	}
	if (fclose(out) == 0)
		kept = arena_strdup(arena, text);
	free(text);
	return kept;
}
