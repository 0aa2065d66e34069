/* request: see request.h. */
#include "control/request.h"

#include <stdbool.h>
#include <string.h>

static bool has_controls(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			return true;
	return false;
}

enum request_state request_parse(char *buf, size_t len, struct request *out)
{
	const size_t head = strlen(REQUEST_PROTOCOL);
	char *end = memchr(buf, '\n', len), *verb = buf + head, *blank;

	if (!end)
		return has_controls(buf, len) || len >= REQUEST_BYTES ? REQUEST_WRONG
								      : REQUEST_PART;
	/* A carriage return of HTTP must not hide that it is HTTP. */
	if ((size_t)(end - buf) < head || memcmp(buf, REQUEST_PROTOCOL, head) != 0)
		return REQUEST_FOREIGN;
	if (has_controls(buf, (size_t)(end - buf)) || verb == end || *verb == ' ')
		return REQUEST_WRONG;
	*end = 0;
	blank = strchr(verb, ' ');
	if (blank)
		*blank++ = 0;
	*out = (struct request){verb, blank && *blank ? blank : NULL};
	return REQUEST_WHOLE;
}
