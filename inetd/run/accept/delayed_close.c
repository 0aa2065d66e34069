/* delayed_close: see delayed_close.h. */
#include "run/accept/delayed_close.h"

#include <sys/param.h>

#include "base/bucket.h"
#include "base/fdutil.h"
#include "base/large.h"
#include "base/loop.h"

#define LATE_MS   250
#define MOST      4096 /* a power of two */
#define SHARE     4    /* at most one in so many descriptors is kept */
#define PROMPT    100  /* closed at once, in a second and in a row */
#define SECOND_MS 1000

static const struct rate prompt_rate = {PROMPT, SECOND_MS, PROMPT};

static void close_due(struct timer *timer);

static struct {
	int fd; /* owned */
	uint64_t at_ms;
} kept[MOST] LARGE; /* a ring, the oldest at late.first */

static struct {
	unsigned first, count, most;
	uint64_t total;
	struct bucket prompt;
	struct timer timer; /* runs while something is kept */
} late = {.timer = {.fired = close_due}};

void delayed_close_open(void)
{
	late.most = (unsigned)MIN(fd_limit().rlim_cur / SHARE, (rlim_t)MOST);
}

static void close_first(void)
{
	fd_close(&kept[late.first].fd);
	late.first = (late.first + 1) % MOST;
	late.count--;
}

static void close_due(struct timer *timer)
{
	uint64_t now_ms = loop_now_ms();

	while (late.count && kept[late.first].at_ms <= now_ms)
		close_first();
	if (late.count)
		loop_timer(timer, kept[late.first].at_ms - now_ms);
}

unsigned delayed_close_release(void)
{
	unsigned count = late.count;

	while (late.count)
		close_first();
	loop_untimer(&late.timer);
	return count;
}

static bool is_prompt(void)
{
	uint64_t now_ms = loop_now_ms();

	if (bucket_wait_ms(&late.prompt, &prompt_rate, now_ms))
		return false;
	bucket_take(&late.prompt, &prompt_rate);
	return true;
}

void delayed_close_close(int fd)
{
	unsigned last;

	if (is_prompt() || !late.most) {
		fd_close(&fd);
		return;
	}
	if (late.count == late.most)
		close_first();
	late.total++;
	last = (late.first + late.count++) % MOST;
	kept[last].fd = fd_raise(fd);
	kept[last].at_ms = loop_now_ms() + LATE_MS;
	if (!loop_timer_running(&late.timer))
		loop_timer(&late.timer, LATE_MS);
}

uint64_t delayed_close_count(void)
{
	return late.total;
}
