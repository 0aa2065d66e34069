/* muxnames: the names that tcpmux offers (RFC 1078), as `help` sends them, and where each of them
 * is: there may be very many. Pure. */
#ifndef WORKER_MUXNAMES_H
#define WORKER_MUXNAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "worker/message.h"

/* Zeroed = empty. */
struct muxnames {
	char *text; /* owned; each name with CRLF, in the order of adding; NULL if empty */
	size_t len, room;
	uint32_t *at; /* owned; where they begin in the text */
	size_t count, at_room;
	bool unsorted;
};

/* Adds a name of at least one byte, without control characters. Returns 0, or -1 without memory. */
int muxnames_add(struct muxnames *names, const char *name, size_t len);

/* To be called when all have been added, before muxnames_find(). Short where they came in order,
 * without regard to case. */
void muxnames_sort(struct muxnames *names);

/* Finds the name that a line is, whatever its case. Returns true and the name as it was added. */
bool muxnames_find(
	const struct muxnames *names, const char *line, size_t len, char name[WORKER_NAME]);

void muxnames_free(struct muxnames *names);

#endif
