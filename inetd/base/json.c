/* json: see json.h. */
#include "base/json.h"

#include <inttypes.h>
#include <string.h>

#define ESCAPE_BYTES 8 /* of the longest: "\u00XX" and its NUL */

/* One byte as it stands in a string. Returns its length. */
static size_t escape_one(unsigned char c, char out[ESCAPE_BYTES])
{
	static const char *const pairs[] = {"\"\"", "\\\\", "\nn", "\tt", "\rr"};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		if (c == (unsigned char)pairs[i][0])
			return (size_t)snprintf(out, ESCAPE_BYTES, "\\%c", pairs[i][1]);
	if (c < 0x20 || c == 0x7f || c == '<' || c == '>' || c == '&')
		return (size_t)snprintf(out, ESCAPE_BYTES, "\\u%04x", c);
	out[0] = (char)c;
	out[1] = 0;
	return 1;
}

/* How many bytes the character at `text` has. */
static size_t character(const char *text)
{
	size_t len = 1;

	while (((unsigned char)text[len] & 0xc0) == 0x80)
		len++;
	return len;
}

size_t json_escape(const char *text, char *buf, size_t size)
{
	char one[ESCAPE_BYTES];
	size_t used = 0, len;

	for (; *text; text += len) {
		size_t need;

		len = character(text);
		need = len == 1 ? escape_one((unsigned char)*text, one) : len;
		if (used + need >= size)
			break;
		memcpy(buf + used, len == 1 ? one : text, need);
		used += need;
	}
	buf[used] = 0;
	return used;
}

void json_string(FILE *out, const char *text)
{
	char one[ESCAPE_BYTES];

	putc('"', out);
	for (; *text; text++) {
		size_t len = escape_one((unsigned char)*text, one);

		fwrite(one, 1, len, out);
	}
	putc('"', out);
}

void json_open(struct json *json, FILE *out)
{
	*json = (struct json){.out = out};
	putc('{', out);
}

void json_name(struct json *json, const char *name)
{
	if (json->more)
		fputs(", ", json->out);
	json->more = true;
	json_string(json->out, name);
	fputs(": ", json->out);
}

void json_text(struct json *json, const char *name, const char *text)
{
	json_name(json, name);
	json_string(json->out, text);
}

void json_raw(struct json *json, const char *name, const char *value)
{
	json_name(json, name);
	fputs(value, json->out);
}

void json_number(struct json *json, const char *name, uint64_t number)
{
	json_name(json, name);
	fprintf(json->out, "%" PRIu64, number);
}

void json_close(struct json *json)
{
	putc('}', json->out);
}
