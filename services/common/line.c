/* line: see line.h. */
#include "common/line.h"

#include <poll.h>
#include <stdbool.h>
#include <string.h>

#include "base/monotonic.h"
#include "common/io.h"

/* Hands out a line that is in the buffer as a whole. */
static bool next(struct line_reader *reader, const char **line, size_t *len)
{
	char *start = reader->buf + reader->used;
	char *end = memchr(start, '\n', reader->len - reader->used);

	if (!end)
		return false;
	reader->used += (size_t)(end - start) + 1;
	if (end > start && end[-1] == '\r')
		end--;
	*end = '\0';
	*line = start;
	*len = (size_t)(end - start);
	return true;
}

enum line_result line_read(struct line_reader *reader, int limit_ms, const char **line, size_t *len)
{
	uint64_t end = monotonic_ms() + (uint64_t)limit_ms;

	while (!next(reader, line, len)) {
		uint64_t now = monotonic_ms();
		int ready;
		ssize_t got;

		memmove(reader->buf, reader->buf + reader->used, reader->len - reader->used);
		reader->len -= reader->used;
		reader->used = 0;
		if (reader->len == sizeof(reader->buf))
			return LINE_LONG;
		ready = io_wait(reader->fd, POLLIN, now < end ? (int)(end - now) : 0);
		if (ready <= 0)
			return ready == 0 ? LINE_LATE : LINE_FAULT;
		got = io_read(
			reader->fd, reader->buf + reader->len, sizeof(reader->buf) - reader->len);
		if (got <= 0)
			return got == 0 ? LINE_END : LINE_FAULT;
		reader->len += (size_t)got;
	}
	return *len > LINE_MOST ? LINE_LONG : LINE_WHOLE;
}
