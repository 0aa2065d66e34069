/* escape: see escape.h. */
#include "config/text/escape.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

static const char plain[] = "\nn\tt\rr\\\\"; /* a byte, and its letter */

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 32;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

char escape_take(const char **at)
{
	int high, low;

	for (const char *pair = plain; *pair; pair += 2)
		if (**at == pair[1]) {
			++*at;
			return pair[0];
		}
	if (**at != 'x')
		return 0;
	high = hex_digit((*at)[1]);
	low = high < 0 ? -1 : hex_digit((*at)[2]);
	if (low < 0)
		return 0;
	*at += 3;
	return (char)(high << 4 | low);
}

const char *escape_unquote(const char *at, const char *end, char **out)
{
	while (at < end && *at != '\'') {
		char byte = *at++;

		if (byte == '\\' && at < end) {
			byte = *at == '\'' ? *at++ : escape_take(&at);
			if (!byte) {
				errno = EILSEQ;
				return NULL;
			}
		}
		*(*out)++ = byte;
	}
	if (at < end)
		return at + 1;
	errno = EINVAL;
	return NULL;
}

bool escape_is_needed(const char *text)
{
	char *copy = strdup(text);
	bool needed = !copy || strcmp(log_mask(copy), text) != 0;

	free(copy);
	return needed;
}

static size_t quote_byte(FILE *out, unsigned char byte)
{
	const char *pair = plain;
	char text[8];

	while (*pair && *pair != (char)byte)
		pair += 2;
	if (*pair)
		snprintf(text, sizeof(text), "\\%c", pair[1]);
	else if (byte == '\'')
		strlcpy(text, "\\'", sizeof(text));
	else if (byte < ' ' || byte > '~' || byte == ';' || byte == '#')
		snprintf(text, sizeof(text), "\\x%02x", byte);
	else
		snprintf(text, sizeof(text), "%c", byte);
	if (out)
		fputs(text, out);
	return strlen(text);
}

size_t escape_quote(FILE *out, const char *text)
{
	size_t len = strlen(ESCAPE_QUOTE "'");

	if (out)
		fputs(ESCAPE_QUOTE, out);
	for (; *text; text++)
		len += quote_byte(out, (unsigned char)*text);
	if (out)
		fputs("'", out);
	return len;
}
