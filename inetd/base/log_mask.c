/* log_mask: the part of log.h that makes a text safe to show. Pure. */
#include <stddef.h>

#include "base/log.h"

/* Length of the valid UTF-8 sequence at p, 0 if there is none (RFC 3629). */
static size_t utf8_length(const unsigned char *p)
{
	size_t len = p[0] >= 0xf0 && p[0] <= 0xf4 ? 4 : p[0] >= 0xe0 ? 3 : p[0] >= 0xc2 ? 2 : 0;

	if (p[0] > 0xf4)
		return 0;
	for (size_t i = 1; i < len; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
		(p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return len;
}

/* True for what is not seen but changes what is: C1 controls, marks and overrides of direction,
 * line and paragraph ends, what has no width. */
static bool is_hidden(const unsigned char *p, size_t len)
{
	if (len == 2)
		return (p[0] == 0xc2 && p[1] < 0xa0) || (p[0] == 0xd8 && p[1] == 0x9c);
	if (len != 3)
		return false;
	if (p[0] == 0xe2 && p[1] == 0x80) /* U+200B to U+200F, U+2028 to U+202E */
		return (p[2] >= 0x8b && p[2] <= 0x8f) || (p[2] >= 0xa8 && p[2] <= 0xae);
	if (p[0] == 0xe2 && p[1] == 0x81) /* U+2060 to U+206F */
		return p[2] >= 0xa0 && p[2] <= 0xaf;
	return p[0] == 0xef && p[1] == 0xbb && p[2] == 0xbf; /* U+FEFF */
}

char *log_mask(char *text)
{
	for (unsigned char *p = (unsigned char *)text; *p;) {
		size_t len = *p < 0x80 ? 0 : utf8_length(p);

		if (len && !is_hidden(p, len)) {
			p += len;
		} else {
			if (*p < 0x20 || *p >= 0x7f)
				*p = '?';
			p++;
		}
	}
	return text;
}

char *log_mask_lines(char *text)
{
	for (char *rest = text; *rest;) {
		size_t len = strcspn(rest, "\t\n");
		char end = rest[len];

		rest[len] = 0;
		log_mask(rest);
		rest[len] = end;
		rest += len + (end != 0);
	}
	return text;
}
