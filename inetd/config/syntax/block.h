/* block: NetBSD's key-value entries in a classic file: service on|off key = value..., ... ; */
#ifndef CONFIG_BLOCK_H
#define CONFIG_BLOCK_H

#include "config/load.h"
#include "config/text/lexer.h"

/* Reads the block that begins with `line`, the line that `lexer` has just given, up to its ';' and
 * leaves the lexer after it, perhaps within a line. Each mistake becomes a diagnostic and costs
 * this block alone; without ';' it ends where another entry begins. */
void block_read(struct input *input, struct lexer *lexer, const struct line *line);

#endif
