/* delayed_close: the end of refused connections that come in a flood. A client that asks again as
 * soon as it is refused takes the processors from everybody; one that learns of it a moment later
 * waits for that moment. So a few refusals are told at once, and what is over that is closed later.
 */
#ifndef RUN_DELAYED_CLOSE_H
#define RUN_DELAYED_CLOSE_H

#include <stdint.h>

/* How many descriptors may be kept at most, from the limit on them; before the first connection. */
void delayed_close_open(void);

/* Closes what is kept, now: at the end, and when descriptors are short. Returns how many those
 * were. */
unsigned delayed_close_release(void);

/* Closes a refused connection: at once, unless too many came lately; then a quarter of a second
 * later, or when it is the oldest and there is no place for more. fd is consumed. Never waits. */
void delayed_close_close(int fd);

/* How many were not closed at once, since the start. */
uint64_t delayed_close_count(void);

#endif
