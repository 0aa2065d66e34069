/* scratch: see scratch.h. */
#include "worker/scratch.h"

#include <sys/mman.h>

#include "base/heap.h"
#include "base/loop.h"

#define TIDY_MS 5000

static char area[SCRATCH_BYTES] __attribute__((aligned(65536)));

static void scratch_tidy(struct timer *timer)
{
	(void)timer;
	madvise(area, sizeof(area), MADV_DONTNEED);
	heap_trim();
}

static struct timer tidy = {.fired = scratch_tidy};

void scratch_tidy_later(void)
{
	/* Every few seconds even under load: what that costs is some page faults. */
	if (!loop_timer_running(&tidy))
		loop_timer(&tidy, TIDY_MS);
}

char *scratch_use(void)
{
	scratch_tidy_later();
	return area;
}
