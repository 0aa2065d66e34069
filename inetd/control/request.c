/* request: see request.h. */
#include "control/request.h"

#include <stdbool.h>
#include <string.h>

_Static_assert(sizeof(REQUEST_PROTOCOL) == sizeof(REQUEST_COUNTED), "a verb begins at one place");

static bool has_controls(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			return true;
	return false;
}

static bool begins(const char *line, size_t len, const char *head)
{
	return len >= strlen(head) && !memcmp(line, head, strlen(head));
}

enum request_state request_parse(char *buf, size_t len, struct request *out)
{
	const size_t head = strlen(REQUEST_PROTOCOL);
	char *end = memchr(buf, '\n', len), *verb = buf + head, *blank;

	*out = (struct request){.counted = begins(buf, len, REQUEST_COUNTED)};
	if (!end)
		return has_controls(buf, len) || len >= REQUEST_BYTES ? REQUEST_WRONG
								      : REQUEST_PART;
	/* A carriage return of HTTP must not hide that it is HTTP. */
	if (!out->counted && !begins(buf, (size_t)(end - buf), REQUEST_PROTOCOL))
		return REQUEST_FOREIGN;
	if (has_controls(buf, (size_t)(end - buf)) || verb == end || *verb == ' ')
		return REQUEST_WRONG;
	*end = 0;
	blank = strchr(verb, ' ');
	if (blank)
		*blank++ = 0;
	out->verb = verb;
	out->arg = blank && *blank ? blank : NULL;
	return REQUEST_WHOLE;
}
