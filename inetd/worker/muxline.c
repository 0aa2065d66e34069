/* muxline: see muxline.h. */
#include "worker/muxline.h"

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

bool muxline_find(
	const char *list, size_t list_len, const char *line, size_t len, char name[WORKER_NAME])
{
	const char *end = list_len ? list + list_len : list;

	if (!len || len >= WORKER_NAME || memchr(line, 0, len))
		return false;
	while (list < end) {
		const char *cr = memchr(list, '\r', (size_t)(end - list));

		if (!cr)
			break;
		if ((size_t)(cr - list) == len && !strncasecmp(list, line, len)) {
			memcpy(name, list, len);
			name[len] = 0;
			return true;
		}
		list = cr + 2;
	}
	return false;
}
