/* request: see request.h. */
#include "protocol/request.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
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
	size_t line = end ? (size_t)(end - buf) : len;

	*out = (struct request){0};
	if (!end)
		return has_controls(buf, len) || len >= REQUEST_BYTES ? REQUEST_WRONG
								      : REQUEST_PART;
	/* First: a carriage return of HTTP must not hide that it is HTTP. */
	if (line < head || memcmp(buf, REQUEST_PROTOCOL, head) != 0)
		return REQUEST_FOREIGN;
	if (has_controls(buf, line) || verb == end || *verb == ' ')
		return REQUEST_WRONG;
	*end = 0;
	blank = strchr(verb, ' ');
	if (blank)
		*blank++ = 0;
	out->verb = verb;
	out->arg = blank && *blank ? blank : NULL;
	return REQUEST_WHOLE;
}

size_t request_line(char buf[static REQUEST_BYTES], const char *verb, const char *arg)
{
	int len = snprintf(buf, REQUEST_BYTES, REQUEST_PROTOCOL "%s%s%s\n", verb, arg ? " " : "",
		arg ? arg : "");

	if (len >= REQUEST_BYTES || (arg && (!*arg || has_controls(arg, strlen(arg)))))
		return 0;
	return (size_t)len;
}

size_t request_head(char buf[static REQUEST_HEAD], int status, size_t len)
{
	return (size_t)snprintf(buf, REQUEST_HEAD, REQUEST_PROTOCOL "%d %zu\n", status, len);
}

/* Digits up to `stop`; returns where that is, NULL if it is not. */
static const char *parse_number(const char *text, char stop, unsigned long long *number)
{
	char *end;

	if (!isdigit((unsigned char)*text))
		return NULL;
	errno = 0;
	*number = strtoull(text, &end, 10);
	return *end == stop && !errno ? end : NULL;
}

bool request_head_parse(const char *line, int *status, size_t *len)
{
	unsigned long long numbers[2];

	if (strncmp(line, REQUEST_PROTOCOL, strlen(REQUEST_PROTOCOL)) != 0)
		return false;
	line = parse_number(line + strlen(REQUEST_PROTOCOL), ' ', &numbers[0]);
	if (!line || numbers[0] > UINT8_MAX || !parse_number(line + 1, '\0', &numbers[1]))
		return false;
	*status = (int)numbers[0];
	*len = (size_t)numbers[1];
	return true;
}
