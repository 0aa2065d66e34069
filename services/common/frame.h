/* frame: messages in a stream of bytes. Each has a head of four bytes, its type and the length of
 * its data as 16-bit numbers in network byte order (RFC 1700, "Data Notations"), and the data.
 * Pure: looks at bytes, reads nothing. */
#ifndef SERVICES_COMMON_FRAME_H
#define SERVICES_COMMON_FRAME_H

#include <stddef.h>
#include <stdint.h>

#define FRAME_HEAD 4    /* bytes */
#define FRAME_MOST 4096 /* bytes of data: a longer length is refused, not believed */

enum frame_type {
	FRAME_DATA = 1,
	FRAME_PING = 2, /* "are you there?"; the answer is a PONG with the same data */
	FRAME_PONG = 3,
	FRAME_ERROR = 4 /* a text; whoever sends it closes */
};

enum frame_result {
	FRAME_PART, /* more bytes are needed */
	FRAME_WHOLE,
	FRAME_UNKNOWN, /* a type that does not exist */
	FRAME_LONG,    /* a length above FRAME_MOST */
};

struct frame {
	enum frame_type type;
	const unsigned char *data; /* borrowed, in the bytes that were scanned */
	size_t len;                /* bytes of data */
};

/* Looks at the first `len` bytes of what came. For FRAME_WHOLE, *frame is filled in, and the frame
 * takes FRAME_HEAD + frame->len bytes of it; else *frame is undefined. A bad head is told by its
 * four bytes, without waiting for data. */
enum frame_result frame_scan(const unsigned char *bytes, size_t len, struct frame *frame);

/* Writes a frame with `len` (at most FRAME_MOST) bytes of data to `to`. Returns the bytes it takes;
 * 0, with nothing written, where there is no `room` for them. */
size_t frame_put(
	unsigned char *to, size_t room, enum frame_type type, const void *data, size_t len);

#endif
