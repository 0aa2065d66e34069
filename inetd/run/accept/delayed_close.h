/* delayed_close: closes refused connections that come in a flood. A client that connects again as
 * soon as it is refused uses up the processors; while its connection is still open it waits. So
 * some refusals are closed at once, and further ones a quarter of a second later. */
#ifndef RUN_DELAYED_CLOSE_H
#define RUN_DELAYED_CLOSE_H

#include <stdint.h>

/* How many descriptors may be kept at most, from the limit on them; before the first connection. */
void delayed_close_open(void);

/* Closes all that are to be closed later now: at the end, and when descriptors run out. Returns how
 * many there were. */
unsigned delayed_close_release(void);

/* Closes a refused connection: at once, unless too many came lately; then a quarter of a second
 * later, or when it is the oldest and there is no place for more. fd is consumed. Never waits. */
void delayed_close_close(int fd);

/* How many were not closed at once, since the start. */
uint64_t delayed_close_count(void);

#endif
