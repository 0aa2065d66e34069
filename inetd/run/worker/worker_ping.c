/* worker_ping: see worker_ping.h. */
#include "run/worker/worker_ping.h"

#include <stdbool.h>

#include "base/loop.h"

static void look(struct timer *timer);

static struct {
	void (*ask)(void);
	bool (*is_busy)(void);
	void (*silent)(void);
	bool asked; /* and has not said anything since */
	struct timer timer;
} ping = {.timer = {.fired = look}};

void worker_ping_init(void (*ask)(void), bool (*is_busy)(void), void (*silent)(void))
{
	ping.ask = ask;
	ping.is_busy = is_busy;
	ping.silent = silent;
}

static void look(struct timer *timer)
{
	if (ping.asked) {
		ping.asked = false;
		ping.silent();
		return;
	}
	ping.asked = true;
	ping.ask();
	loop_timer(timer, WORKER_PING_MS);
}

void worker_ping_watch(void)
{
	if (!loop_timer_running(&ping.timer))
		loop_timer(&ping.timer, WORKER_PING_MS);
}

void worker_ping_heard(void)
{
	if (!ping.asked)
		return;
	ping.asked = false;
	if (!ping.is_busy())
		loop_untimer(&ping.timer);
}

void worker_ping_stop(void)
{
	ping.asked = false;
	loop_untimer(&ping.timer);
}
