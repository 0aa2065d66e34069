/* backoff: a delay that doubles with each failure, up to a bound, until the next success. Embed it;
 * zeroed = nothing has failed. */
#ifndef BASE_BACKOFF_H
#define BASE_BACKOFF_H

#include "base/loop.h"

struct backoff {
	struct timer timer;
	uint32_t delay_ms; /* the last one; 0 = nothing has failed since the last success */
};

/* A failure: starts the timer with the next delay: `first_ms` after a success, else twice the one
 * before, at most `most_ms`. Returns true for the first failure in a row. */
bool backoff_start(struct backoff *backoff, uint32_t first_ms, uint32_t most_ms);

/* A success, or the end: stops the timer; the next delay is the first again. */
void backoff_reset(struct backoff *backoff);

#endif
