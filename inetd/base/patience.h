/* patience: after the execve(2) of an upgrade there is no way back, and nobody else has the
 * sockets: what fails then for want of memory, descriptors or luck is tried again. At all other
 * times nobody waits: every function here is as if it were not there. */
#ifndef BASE_PATIENCE_H
#define BASE_PATIENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

/* From now on, until the end; `meanwhile` is called before each pause, with how many there were. */
void patience_begin(void (*meanwhile)(unsigned pauses));
void patience_end(void);

/* After a failure of what can be done without: true, after a pause of at most 100 ms, if it is to
 * be tried again. False as soon as all pauses together have taken 5 s, where a stop has been asked
 * for (a signal that waits, TERM or INT), and when nobody waits. Keeps errno. */
bool patience_lasts(void);

/* The same for what nothing goes on without: as long as no stop is asked for. */
bool patience_insists(void);

/* calloc(3) with patience, of what can be done without. Inline, so that the places of allocations
 * stay different ones (tests/torture). */
__attribute__((always_inline)) static inline void *patience_calloc(size_t count, size_t size)
{
	void *piece;

	do
		piece = calloc(count, size);
	while (!piece && patience_lasts());
	return piece;
}

#endif
