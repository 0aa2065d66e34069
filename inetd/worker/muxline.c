/* muxline: see muxline.h. */
#include "worker/muxline.h"

#include <string.h>
#include <strings.h>

enum muxline muxline_scan(const char *data, size_t n, size_t *len, size_t *all)
{
	const char *end = memchr(data, '\n', n);

	if (!end)
		return n >= MUXLINE_MAX + 2 ? MUXLINE_LONG : MUXLINE_PART;
	*len = (size_t)(end - data);
	*all = *len + 1;
	if (*len && data[*len - 1] == '\r')
		(*len)--;
	return *len > MUXLINE_MAX ? MUXLINE_LONG : MUXLINE_WHOLE;
}

bool muxline_is_help(const char *line, size_t len)
{
	return len == 4 && !strncasecmp(line, "help", 4);
}
