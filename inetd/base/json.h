/* json: writing JSON (RFC 8259): the one place that knows its quotes, escapes and commas. Nothing
 * is read. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* The text with what JSON wants escaped, without the quotes around it, into buf; cut, before a
 * character that does not fit whole, to `size` with the NUL. The text must be UTF-8 (log_mask()).
 * '<', '>' and '&' are escaped too, so that it may stand in a script of a page. Returns the length
 * written. */
size_t json_escape(const char *text, char *buf, size_t size);

/* The same, whole and with quotes. */
void json_string(FILE *out, const char *text);

/* An object: json_open(), its members, json_close(). */
struct json {
	FILE *out;
	bool more; /* it has a member */
};
void json_open(struct json *json, FILE *out);
void json_text(struct json *json, const char *name, const char *text);
void json_number(struct json *json, const char *name, uint64_t number);
void json_raw(struct json *json, const char *name, const char *value); /* JSON as it stands */
void json_close(struct json *json);

/* The name of a member whose value the caller writes next. */
void json_name(struct json *json, const char *name);

#endif
