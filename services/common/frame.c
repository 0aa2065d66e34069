/* frame: see frame.h. */
#include "common/frame.h"

#include <string.h>

static unsigned get16(const unsigned char *at)
{
	return (unsigned)at[0] << 8 | at[1];
}

static void put16(unsigned char *at, unsigned value)
{
	at[0] = (unsigned char)(value >> 8);
	at[1] = (unsigned char)value;
}

enum frame_result frame_scan(const unsigned char *bytes, size_t len, struct frame *frame)
{
	unsigned type;

	if (len < FRAME_HEAD)
		return FRAME_PART;
	type = get16(bytes);
	frame->len = get16(bytes + 2);
	if (type < FRAME_DATA || type > FRAME_ERROR)
		return FRAME_UNKNOWN;
	if (frame->len > FRAME_MOST)
		return FRAME_LONG;
	frame->type = (enum frame_type)type;
	frame->data = bytes + FRAME_HEAD;
	return len - FRAME_HEAD < frame->len ? FRAME_PART : FRAME_WHOLE;
}

size_t frame_put(unsigned char *to, size_t room, enum frame_type type, const void *data, size_t len)
{
	if (room < FRAME_HEAD + len)
		return 0;
	put16(to, type);
	put16(to + 2, (unsigned)len);
	if (len > 0)
		memcpy(to + FRAME_HEAD, data, len);
	return FRAME_HEAD + len;
}
