/* patience: see patience.h. */
#include "base/patience.h"

#include <errno.h>
#include <signal.h>
#include <sys/param.h>
#include <time.h>

#define PAUSE_MOST_MS 100 /* the first is 1 ms, and each twice as long as the one before */
#define PIECES_MS     5000

static struct {
	bool on;
	unsigned pauses, spent_ms;
	void (*meanwhile)(unsigned pauses);
} patience;

void patience_begin(void (*meanwhile)(unsigned pauses))
{
	patience.on = true;
	patience.pauses = patience.spent_ms = 0;
	patience.meanwhile = meanwhile;
}

void patience_end(void)
{
	patience.on = false;
}

/* They are blocked, and read by the loop when there is one. */
static bool stop_is_asked(void)
{
	sigset_t pending;

	return !sigpending(&pending) &&
	       (sigismember(&pending, SIGTERM) || sigismember(&pending, SIGINT));
}

bool patience_insists(void)
{
	unsigned pause_ms = MIN(PAUSE_MOST_MS, 1U << MIN(patience.pauses, 7U));
	const struct timespec pause = {.tv_nsec = pause_ms * 1000000L};
	int saved = errno;

	if (!patience.on || stop_is_asked())
		return false;
	patience.pauses++;
	patience.spent_ms += pause_ms;
	patience.meanwhile(patience.pauses);
	nanosleep(&pause, NULL);
	errno = saved;
	return true;
}

bool patience_lasts(void)
{
	return patience.spent_ms < PIECES_MS && patience_insists();
}
