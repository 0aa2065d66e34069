/* scratch: see scratch.h. */
#include "worker/scratch.h"

#include <sys/mman.h>

#include "base/loop.h"

#define KEEP_MS 5000

static char area[SCRATCH_BYTES] __attribute__((aligned(65536)));

static void scratch_release(struct timer *timer)
{
	(void)timer;
	madvise(area, sizeof(area), MADV_DONTNEED);
}

static struct timer release = {.fired = scratch_release};

char *scratch_use(void)
{
	/* Once in KEEP_MS even under load: what that costs is some page faults. */
	if (!loop_timer_running(&release))
		loop_timer(&release, KEEP_MS);
	return area;
}
