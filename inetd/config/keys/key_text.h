/* key_text: a row of the key table in words, for `inetctl keys` and for the manual page, which a
 * test holds against it. */
#ifndef CONFIG_KEY_TEXT_H
#define CONFIG_KEY_TEXT_H

#include "config/keys/key.h"

#define KEY_TEXT_BYTES 200

/* "1 to 1000000", "queue, refuse"; "-" where there is nothing to add to the type. Returns buf. */
char *key_range_text(const struct key *key, char *buf, size_t size);

/* "service, defaults": the sections, and "line", where it may be set. Returns buf. */
char *key_where_text(const struct key *key, char *buf, size_t size);

#endif
