/* backoff: see backoff.h. */
#include "base/backoff.h"

#include <sys/param.h>

bool backoff_start(struct backoff *backoff, uint32_t first_ms, uint32_t most_ms)
{
	bool first = !backoff->delay_ms;

	backoff->delay_ms = first ? first_ms : MIN(backoff->delay_ms * 2, most_ms);
	loop_timer(&backoff->timer, backoff->delay_ms);
	return first;
}

void backoff_reset(struct backoff *backoff)
{
	backoff->delay_ms = 0;
	loop_untimer(&backoff->timer);
}
