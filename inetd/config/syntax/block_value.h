/* block_value: the values of one key of a block as the key table takes them. Private to block.c. */
#ifndef CONFIG_BLOCK_VALUE_H
#define CONFIG_BLOCK_VALUE_H

#include "config/keys/key.h"
#include "config/text/lexer.h"

/* True for keys that several values may be given to. */
bool block_takes_many(const struct key *key);

/* The values, whose quotes and escapes are gone, as one text that means the same to key_set():
 * words are quoted again, what looks like an escape in a message is none. NULL with errno ENOMEM.
 */
char *block_value(const struct key *key, const struct words *values, struct arena *arena);

#endif
