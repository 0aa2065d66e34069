/* ini_long: "key = value" lines that are longer than inih's buffer, handed to it in pieces: inih
 * takes an indented line for more of the value above. Private to ini.c. */
#ifndef CONFIG_INI_LONG_H
#define CONFIG_INI_LONG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

#define INI_LINE_MOST (64 << 10) /* bytes of a line */
#define INI_NAME_MOST 49         /* of a key, as inih remembers it */

/* The parts of a line, as inih divides it: a comment is a ';' behind a blank. Blanks around name
 * and value are left out. */
struct ini_parts {
	const char *name, *value; /* borrowed, not NUL-terminated */
	size_t name_len, value_len;
};

/* Divides a line. False if it is no "key = value". */
bool ini_divide(const char *line, size_t len, struct ini_parts *parts);

/* A line on its way through inih. */
struct ini_long {
	const char *rest; /* what was not handed over yet; NULL: nothing is left */
	char *text;       /* the whole value */
	char *value;      /* what came back of it; both in the arena */
	size_t len;
};

/* Begins with a line. Returns 0, or -1 with errno ENOMEM. */
int ini_long_begin(struct ini_long *piece, const struct ini_parts *parts, struct arena *arena);

/* Writes the next piece as a line: the first one with the name. `size` is more than INI_NAME_MOST
 * and some. */
void ini_long_write(struct ini_long *piece, const struct ini_parts *parts, char *buf, size_t size);

/* Takes back what inih makes of the piece written last. */
void ini_long_take(struct ini_long *piece, const char *value);

#endif
