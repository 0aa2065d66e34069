/* list: values that hold several things, taken apart. Private to config/. */
#ifndef CONFIG_LIST_H
#define CONFIG_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

#define LIST_BLANKS " \t"
#define LIST_COMMAS ","
#define LIST_BOTH   " \t,"
#define LIST_PIECE  512 /* room for one piece */

/* The next piece of *rest up to one of `separators`, without blanks around it, cut to `size`; empty
 * pieces are passed over. Moves *rest after it. False at the end. */
bool list_next(const char **rest, const char *separators, char *buf, size_t size);

/* The words of a checked text, quotes gone and escapes within $'...' taken out, NULL-terminated, in
 * the arena; *count may be NULL. NULL with errno: ENOMEM, EINVAL where a quote is not closed, or
 * EILSEQ for an escape that does not exist. */
char **list_words(const char *text, struct arena *arena, size_t *count);

/* The same for pieces between blanks and commas. NULL with errno ENOMEM. */
char **list_names(const char *text, struct arena *arena);

/* How many pieces there can be at most, at least 1. */
size_t list_count(const char *text, const char *separators);

/* Text with its escapes \n \t \r \\ \xHH taken out, into the arena. NULL with errno: ENOMEM, or
 * EINVAL for another escape or a NUL byte. */
char *list_unescape(const char *text, struct arena *arena);

#endif
