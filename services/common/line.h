/* line: reads lines from strangers: of bounded length, within bounded time. For one descriptor; a
 * peer that has gone is an end. */
#ifndef SERVICES_COMMON_LINE_H
#define SERVICES_COMMON_LINE_H

#include <stddef.h>

/* The longest line, in bytes, without its end. */
#define LINE_MOST 1000

enum line_result {
	LINE_WHOLE,
	LINE_END, /* the peer has sent everything; what it left without an end of line is dropped */
	LINE_LONG,  /* more than LINE_MOST bytes without an end */
	LINE_LATE,  /* not a whole line in time */
	LINE_FAULT, /* errno of read(2) */
};

/* Zeroed but for fd before its first use. */
struct line_reader {
	int fd;           /* the caller's */
	size_t used, len; /* bytes of buf: handed out, read */
	char buf[LINE_MOST + 2];
};

/* The next line, NUL-terminated, without its LF or CR LF; *len is its length, as NULs may be in it.
 * It stays where it is until the next call. Waits for the whole line at most `limit_ms`
 * milliseconds, however slowly it comes in. After anything but LINE_WHOLE no line can be had. */
enum line_result line_read(
	struct line_reader *reader, int limit_ms, const char **line, size_t *len);

#endif
