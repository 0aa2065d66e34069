/* text: see text.h. */
#include "inetctl/text.h"

#include <inttypes.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wchar.h>

#include "base/log.h"

void text_init(void)
{
	/* Names are UTF-8 in any locale of the caller; numbers and dates stay plain. */
	setlocale(LC_CTYPE, "C.UTF-8");
}

/* The bytes of the first character of a text that is not empty, and its columns. */
static size_t measure(const char *text, int *columns)
{
	mbstate_t state = {0};
	wchar_t wide;
	size_t len;

	*columns = 1;
	if ((unsigned char)*text < 0x80)
		return 1;
	len = mbrtowc(&wide, text, strlen(text), &state);
	if (len == 0 || len == (size_t)-1 || len == (size_t)-2)
		return 1;
	*columns = wcwidth(wide);
	if (*columns < 0)
		*columns = 1;
	return len;
}

int text_width(const char *text)
{
	int width = 0, columns;

	while (*text) {
		text += measure(text, &columns);
		width += columns;
	}
	return width;
}

void text_cut(char *text, int columns)
{
	while (*text) {
		int own;
		size_t len = measure(text, &own);

		if (own > columns)
			break;
		columns -= own;
		text += len;
	}
	*text = 0;
}

void text_put(FILE *out, const char *text)
{
	char *masked = text ? strdup(text) : NULL;

	if (masked)
		fputs(log_mask(masked), out);
	free(masked);
}

char *text_span(uint64_t seconds, char *buf)
{
	uint64_t minutes = seconds / 60, hours = minutes / 60, days = hours / 24;

	if (days)
		snprintf(buf, TEXT_BYTES, "%" PRIu64 "d%02uh", days, (unsigned)(hours % 24));
	else if (hours)
		snprintf(buf, TEXT_BYTES, "%uh%02um", (unsigned)hours, (unsigned)(minutes % 60));
	else if (minutes)
		snprintf(buf, TEXT_BYTES, "%um%02us", (unsigned)minutes, (unsigned)(seconds % 60));
	else
		snprintf(buf, TEXT_BYTES, "%us", (unsigned)seconds);
	return buf;
}

char *text_date(uint64_t seconds, char *buf)
{
	time_t when = (time_t)seconds;
	struct tm tm;

	buf[0] = 0;
	if (localtime_r(&when, &tm))
		strftime(buf, TEXT_BYTES, "%Y-%m-%d %H:%M:%S", &tm);
	return buf;
}

char *text_tenths(uint64_t tenths, char *buf)
{
	snprintf(buf, TEXT_BYTES, "%" PRIu64 ".%u", tenths / 10, (unsigned)(tenths % 10));
	return buf;
}

char *text_seconds(uint64_t ms, char *buf)
{
	snprintf(buf, TEXT_BYTES, "%" PRIu64 ".%02u", ms / 1000, (unsigned)(ms % 1000 / 10));
	return buf;
}
