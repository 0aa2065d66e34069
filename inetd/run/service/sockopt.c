/* sockopt: see sockopt.h. */
#include "run/service/sockopt.h"

/* FNV-1a. */
static uint32_t note_bytes(uint32_t note, const void *bytes, size_t len)
{
	const unsigned char *byte = bytes;

	for (size_t i = 0; i < len; i++)
		note = (note ^ byte[i]) * 16777619u;
	return note;
}

void sockopt_note(struct sockopt *to, int name, const void *value, size_t len)
{
	to->note = note_bytes(to->note, &name, sizeof(name));
	to->note = note_bytes(to->note, value, len);
}

int sockopt_set(struct sockopt *to, int level, int name, const void *value, socklen_t len)
{
	if (!sockopt_only_notes(to))
		return setsockopt(to->fd, level, name, value, len);
	to->note = note_bytes(to->note, &level, sizeof(level));
	sockopt_note(to, name, value, len);
	return 0;
}

int sockopt_set_int(struct sockopt *to, int level, int name, int value)
{
	return sockopt_set(to, level, name, &value, sizeof(value));
}
