/* lexer: text to physical lines, and a physical line to words. Knows blanks, quotes, comments and
 * trailing backslashes; nothing of what the words mean. */
#ifndef CONFIG_LEXER_H
#define CONFIG_LEXER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

/* The position of the reader. Copy it to look ahead. */
struct lexer {
	const char *at, *end; /* borrowed text, not NUL-terminated */
	unsigned line;        /* number of the line at `at`, from 1 */
};

/* One physical line, without its end of line (LF, CR LF, or CR at the end of the file) and its
 * trailing backslash. */
struct line {
	const char *text; /* borrowed */
	size_t len;
	unsigned number;
	bool empty;    /* nothing at all */
	bool blank;    /* nothing but blanks; an empty line is blank too */
	bool comment;  /* the first non-blank is '#' */
	bool indented; /* begins with a blank */
	bool goes_on;  /* ended in a backslash */
	bool escapes;  /* $'...' is a quote with escapes, as in sh(1); set by who asks for it */
};

struct word {
	char *text;    /* NUL-terminated, quotes gone; owned by the arena */
	unsigned line; /* where it stood */
};

/* The words of an entry; owns the array, not the texts. Zeroed = empty. */
struct words {
	struct word *word;
	size_t count, room;
};

enum lex {
	LEX_OK,
	LEX_QUOTE,  /* a quote that does not end on its line */
	LEX_ESCAPE, /* an escape that does not exist */
	LEX_NUL,    /* a NUL byte */
	LEX_MEMORY, /* errno ENOMEM */
};

/* Starts at the first byte; a UTF-8 byte order mark is passed over. */
void lexer_init(struct lexer *lexer, const char *text, size_t len);

/* The next physical line. False at the end. */
bool lexer_next(struct lexer *lexer, struct line *line);

/* How many bytes the word of a line at *from has, quotes and all, 0 at the end; *from is moved to
 * where it begins. */
size_t lexer_word(const struct line *line, size_t *from);

/* True if a line begins a block of NetBSD: its second word is on or off. */
bool lexer_is_block(const struct line *line);

/* Adds the words of a line to `words`; the texts are taken from `arena`. What was split before a
 * mistake stays in `words`. */
enum lex lexer_split(const struct line *line, struct arena *arena, struct words *words);

/* Adds one word. Returns 0, or -1 with errno ENOMEM. */
int words_add(struct words *words, char *text, unsigned line);

void words_free(struct words *words);

#endif
