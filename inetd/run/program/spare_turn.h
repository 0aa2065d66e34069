/* spare_turn: how many programs are started at once before their connections come: fewer than there
 * are processors, so that those that answer have one for themselves. Who has no turn waits in line.
 */
#ifndef RUN_SPARE_TURN_H
#define RUN_SPARE_TURN_H

#include <sys/queue.h>

#include "base/loop.h"

struct spare_turn {
	TAILQ_ENTRY(spare_turn) in_line;
	struct timer *timer; /* fires when it may try again; the owner's, set before it is used */
	bool waits;
};

/* True: one may be started, for which spare_turn_over() is called in the end. False: the timer will
 * fire. */
bool spare_turn_take(struct spare_turn *turn);

/* It waits no more; before it is freed. */
void spare_turn_leave(struct spare_turn *turn);

/* One that was started needs no processor any more: it is ready, or waits for something else. */
void spare_turn_over(void);

/* Who was first in line may not have made use of it: the next one may try. */
void spare_turn_next(void);

#endif
