/* json: strings of JSON (RFC 8259). All that is written of it here; nothing is read. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stddef.h>
#include <stdio.h>

/* The text with what JSON wants escaped, without the quotes around it, into buf; cut, before a
 * character that does not fit whole, to `size` with the NUL. The text must be UTF-8 (log_mask()).
 * '<', '>' and '&' are escaped too, so that it may stand in a script of a page. Returns the length
 * written. */
size_t json_escape(const char *text, char *buf, size_t size);

/* The same, whole and with quotes. */
void json_string(FILE *out, const char *text);

#endif
