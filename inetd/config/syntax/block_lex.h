/* block_lex: the text of a NetBSD block to tokens. Private to block*.c. */
#ifndef CONFIG_BLOCK_LEX_H
#define CONFIG_BLOCK_LEX_H

#include "config/text/lexer.h"

enum block_result {
	BLOCK_OK,
	BLOCK_END,    /* no ';' up to the end of the file or to another entry */
	BLOCK_QUOTE,  /* a quote that does not end on its line */
	BLOCK_ESCAPE, /* an unknown escape in a quote */
	BLOCK_NUL,    /* a NUL byte */
	BLOCK_MEMORY,
};

struct block_lex {
	struct lexer lexer;    /* after the token read last */
	struct arena *scratch; /* borrowed; for words, and looking ahead */
	unsigned line;         /* of the token read last */
	bool ended;            /* the text of the block is over, with or without ';' */
	char mark;             /* '=' ',' ';', 'w' for a word, 0 for none */
	char *word;            /* its quotes gone */
};

/* Reads the next token; comments and ends of lines are passed over. */
enum block_result block_next(struct block_lex *lex);

/* After a mistake: on to after the ';', or to where the text of the block ends. Quotes are taken
 * as they come, an open one ends with its line. */
void block_skip(struct block_lex *lex);

#endif
