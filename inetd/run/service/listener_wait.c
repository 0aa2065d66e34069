/* listener_wait: see listener_wait.h. */
#include "run/service/listener_wait.h"

#include <errno.h>

#include "base/log.h"
#include "base/slice.h"

#define RETRY_FIRST_MS 1000
#define RETRY_MOST_MS  60000
#define SOON_MS        1
#define TRIED_AT_ONCE  64 /* of the line, in one turn of the loop */

static void go_on(struct timer *timer);

static struct {
	struct listener_list line;  /* for a descriptor */
	struct listener_list apart; /* each for its own time */
	size_t apart_count;
	bool full; /* the last try had none, and nothing has become free since then */
	struct backoff backoff;
} waits = {.line = TAILQ_HEAD_INITIALIZER(waits.line),
	.apart = TAILQ_HEAD_INITIALIZER(waits.apart),
	.backoff = {.timer = {.fired = go_on}}};

static void enter(struct listener *listener, struct listener_list *list)
{
	if (listener->waits_in == list)
		return;
	listener_wait_end(listener);
	listener->waits_in = list;
	TAILQ_INSERT_TAIL(list, listener, in_wait);
	waits.apart_count += list == &waits.apart;
}

void listener_wait_end(struct listener *listener)
{
	struct listener_list *list = listener->waits_in;

	if (!list)
		return;
	waits.apart_count -= list == &waits.apart;
	TAILQ_REMOVE(list, listener, in_wait);
	listener->waits_in = NULL;
}

bool listener_wait_begin(struct listener *listener, int err)
{
	bool other = listener->err != err, begins = TAILQ_EMPTY(&waits.line);

	listener->err = err;
	if (err != EMFILE && err != ENFILE) {
		enter(listener, &waits.apart);
		return backoff_start(&listener->retry, RETRY_FIRST_MS, RETRY_MOST_MS) || other;
	}
	backoff_reset(&listener->retry);
	enter(listener, &waits.line);
	waits.full = true;
	if (!loop_timer_running(&waits.backoff.timer))
		backoff_start(&waits.backoff, RETRY_FIRST_MS, RETRY_MOST_MS);
	return begins;
}

bool listener_wait_is_full(void)
{
	return waits.full;
}

void listener_wait_freed(void)
{
	waits.full = false;
	if (!TAILQ_EMPTY(&waits.line))
		loop_timer(&waits.backoff.timer, SOON_MS);
}

/* The first of the line. False if there is no descriptor for it, and it is the first still. */
static bool try_first(void)
{
	struct listener *first = TAILQ_FIRST(&waits.line);

	first->retry.timer.fired(&first->retry.timer);
	return first->waits_in != &waits.line;
}

static void go_on(struct timer *timer)
{
	(void)timer;
	waits.full = false;
	for (unsigned i = 0; i < TRIED_AT_ONCE && !TAILQ_EMPTY(&waits.line); i++)
		if (!try_first())
			return;
	backoff_reset(&waits.backoff);
	if (TAILQ_EMPTY(&waits.line))
		log_notice("there are descriptors for all sockets again");
	else
		loop_timer(&waits.backoff.timer, SOON_MS);
}

/* Those that fail again are the last then. */
static void retry(struct slice *slice)
{
	size_t count = waits.apart_count;

	(void)slice;
	for (; count && !TAILQ_EMPTY(&waits.apart); count--) {
		struct listener *first = TAILQ_FIRST(&waits.apart);

		TAILQ_REMOVE(&waits.apart, first, in_wait);
		TAILQ_INSERT_TAIL(&waits.apart, first, in_wait);
		first->retry.timer.fired(&first->retry.timer);
		slice_breathe();
	}
}

void listener_wait_retry(void)
{
	static struct slice slice = {.work = retry};

	slice_start(&slice);
}
