/* block_value: the values of one key of a block as the key table takes them. Private to block.c. */
#ifndef CONFIG_BLOCK_VALUE_H
#define CONFIG_BLOCK_VALUE_H

#include "config/keys/key.h"
#include "config/text/lexer.h"

/* The values as an array that ends in NULL; the texts are borrowed. NULL with errno ENOMEM. */
char **block_words(const struct words *values, struct arena *arena);

/* The values as one text, with what separates the parts of the type between them. NULL with errno
 * ENOMEM. */
char *block_text(const struct key *key, const struct words *values, struct arena *arena);

#endif
