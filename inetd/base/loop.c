/* loop: see loop.h. */
#include "base/loop.h"

#include <errno.h>
#include <limits.h>
#include <sys/epoll.h>
#include <sys/param.h>
#include <time.h>
#include <unistd.h>

#include "base/fdutil.h"
#include "base/patience.h"
#include "base/week.h"

#define BATCH     64
#define TIMERS_US 8000     /* of timers in one turn */
#define NO_PLACE  UINT_MAX /* slot of a timer that is not in the heap for want of memory */
#define LOOK_MS   100      /* how often those are looked at */
#define SPAN_US   60000000 /* what is recent: this span of time, and the one before */

bool (*loop_before_wait)(void);
void (*loop_before_sleep)(void);

static struct {
	int epoll_fd, signal_fd;
	void (*signalled)(const struct signalfd_siginfo *info);
	bool stopped;
	uint64_t now_ms, now_us, turn;
	uint64_t span_began_us, span_longest_us, span_before_us; /* of turns */
	uint64_t longest_us;
	struct epoll_event batch[BATCH];
	int batch_len, batch_at; /* what is left to handle, for loop_unwatch */
	struct timer **heap;     /* owned; by at_ms */
	unsigned timers, room;
	struct timer *homeless; /* with NO_PLACE */
} loop = {.epoll_fd = -1, .signal_fd = -1};

void loop_tick(void)
{
	loop.now_us = loop_clock_us();
	loop.now_ms = loop.now_us / 1000;
}

uint64_t loop_clock_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

unsigned loop_week_minute(void)
{
	time_t now = time(NULL);
	struct tm local = {0};

	localtime_r(&now, &local);
	return week_minute(&local);
}

uint64_t loop_now_ms(void)
{
	return loop.now_ms;
}

uint64_t loop_turn(void)
{
	return loop.turn;
}

/* The recent ones begin again with each span of time. */
static void turns_span(void)
{
	uint64_t age_us = loop.now_us - loop.span_began_us;

	if (age_us < SPAN_US)
		return;
	loop.span_before_us = age_us < 2 * SPAN_US ? loop.span_longest_us : 0;
	loop.span_longest_us = 0;
	loop.span_began_us = loop.now_us;
}

static void turns_note(uint64_t us)
{
	turns_span();
	loop.span_longest_us = MAX(loop.span_longest_us, us);
	loop.longest_us = MAX(loop.longest_us, us);
}

struct loop_turns loop_turns(void)
{
	turns_span();
	return (struct loop_turns){loop.longest_us, MAX(loop.span_longest_us, loop.span_before_us)};
}

int loop_open(const sigset_t *set, void (*signalled)(const struct signalfd_siginfo *info))
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};

	loop.signalled = signalled;
	loop.stopped = false;
	loop.epoll_fd = fd_raise(epoll_create1(EPOLL_CLOEXEC));
	loop.signal_fd = fd_raise(signalfd(-1, set, SFD_CLOEXEC | SFD_NONBLOCK));
	loop_tick();
	if (loop.epoll_fd < 0 || loop.signal_fd < 0 ||
		epoll_ctl(loop.epoll_fd, EPOLL_CTL_ADD, loop.signal_fd, &event) < 0) {
		loop_close();
		return -1;
	}
	return 0;
}

void loop_close(void)
{
	fd_close(&loop.epoll_fd);
	fd_close(&loop.signal_fd);
	free(loop.heap);
	loop.heap = NULL;
	loop.homeless = NULL;
	loop.timers = loop.room = 0;
}

void loop_stop(void)
{
	loop.stopped = true;
}

int loop_watch(struct watch *watch, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.ptr = watch};
	int op = watch->watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;

	while (epoll_ctl(loop.epoll_fd, op, watch->fd, &event) < 0)
		if (!patience_lasts())
			return -1;
	watch->watched = true;
	return 0;
}

void loop_unwatch(struct watch *watch)
{
	int saved = errno;

	if (!watch->watched)
		return;
	epoll_ctl(loop.epoll_fd, EPOLL_CTL_DEL, watch->fd, NULL);
	watch->watched = false;
	for (int i = loop.batch_at; i < loop.batch_len; i++)
		if (loop.batch[i].data.ptr == watch)
			loop.batch[i].events = 0;
	errno = saved;
}

/* The heap: parent of i is (i - 1) / 2; every move keeps timer->slot right. */

static void heap_put(unsigned i, struct timer *timer)
{
	loop.heap[i] = timer;
	timer->slot = i + 1;
}

static void heap_up(unsigned i)
{
	struct timer *timer = loop.heap[i];

	for (; i > 0 && loop.heap[(i - 1) / 2]->at_ms > timer->at_ms; i = (i - 1) / 2)
		heap_put(i, loop.heap[(i - 1) / 2]);
	heap_put(i, timer);
}

static void heap_down(unsigned i)
{
	struct timer *timer = loop.heap[i];

	for (;;) {
		unsigned child = 2 * i + 1;

		if (child + 1 < loop.timers &&
			loop.heap[child + 1]->at_ms < loop.heap[child]->at_ms)
			child++;
		if (child >= loop.timers || loop.heap[child]->at_ms >= timer->at_ms)
			break;
		heap_put(i, loop.heap[child]);
		i = child;
	}
	heap_put(i, timer);
}

static bool heap_grow(void)
{
	unsigned room = loop.room ? loop.room * 2 : 64;
	struct timer **heap = reallocarray(loop.heap, room, sizeof(*heap));

	if (!heap)
		return false;
	loop.heap = heap;
	loop.room = room;
	return true;
}

void loop_timer(struct timer *timer, uint64_t delay_ms)
{
	loop_untimer(timer);
	timer->at_ms = loop.now_ms + delay_ms;
	if (loop.timers == loop.room && !heap_grow()) {
		timer->slot = NO_PLACE;
		timer->next = loop.homeless;
		loop.homeless = timer;
		return;
	}
	loop.heap[loop.timers++] = timer;
	heap_up(loop.timers - 1);
}

static void homeless_remove(struct timer *timer)
{
	struct timer **at = &loop.homeless;

	while (*at != timer)
		at = &(*at)->next;
	*at = timer->next;
	timer->slot = 0;
}

void loop_untimer(struct timer *timer)
{
	unsigned i = timer->slot - 1;
	struct timer *moved;

	if (!timer->slot)
		return;
	if (timer->slot == NO_PLACE) {
		homeless_remove(timer);
		return;
	}
	timer->slot = 0;
	moved = loop.heap[--loop.timers];
	if (i == loop.timers)
		return;
	heap_put(i, moved);
	heap_up(i);
	heap_down(moved->slot - 1);
}

bool loop_timer_running(const struct timer *timer)
{
	return timer->slot != 0;
}

static int next_timeout_ms(void)
{
	if (!loop.timers)
		return loop.homeless ? LOOK_MS : -1;
	if (loop.heap[0]->at_ms <= loop.now_ms)
		return 0;
	return (int)MIN(loop.heap[0]->at_ms - loop.now_ms, loop.homeless ? LOOK_MS : 3600000);
}

static struct timer *next_homeless(void)
{
	struct timer *timer = loop.homeless;

	while (timer && timer->at_ms > loop.now_ms)
		timer = timer->next;
	return timer;
}

/* Those that are due; of very many the rest after the events that have come meanwhile. */
static void run_timers(void)
{
	uint64_t end_us = loop.now_us + TIMERS_US;
	struct timer *timer;

	while (loop.timers && loop.heap[0]->at_ms <= loop.now_ms && loop_clock_us() < end_us) {
		timer = loop.heap[0];
		loop_untimer(timer);
		timer->fired(timer);
	}
	while ((timer = next_homeless())) {
		loop_untimer(timer);
		timer->fired(timer);
	}
}

static void run_signals(void)
{
	struct signalfd_siginfo infos[8]; /* there are fewer kinds than that, so one read is all */
	ssize_t len = read(loop.signal_fd, infos, sizeof(infos));

	for (ssize_t i = 0; i < len / (ssize_t)sizeof(infos[0]); i++)
		loop.signalled(&infos[i]);
}

static void run_batch(void)
{
	for (int i = 0; i < loop.batch_len; i++)
		if (!loop.batch[i].data.ptr)
			run_signals();
	for (loop.batch_at = 0; loop.batch_at < loop.batch_len;) {
		struct epoll_event event = loop.batch[loop.batch_at++];
		struct watch *watch = event.data.ptr;

		if (watch && event.events)
			watch->ready(watch, event.events);
	}
	loop.batch_at = loop.batch_len = 0;
}

/* What can be done while nothing happens is done once nothing does. */
static int wait_for_events(uint64_t turn_began_us)
{
	int n = 0;

	if (loop_before_wait && !loop_before_wait()) {
		n = epoll_wait(loop.epoll_fd, loop.batch, BATCH, 0);
		if (!n)
			loop_before_sleep();
	}
	loop_tick(); /* timers of callbacks count from the time they ran */
	turns_note(loop.now_us - turn_began_us);
	return n ? n : epoll_wait(loop.epoll_fd, loop.batch, BATCH, next_timeout_ms());
}

int loop_run(void)
{
	uint64_t began_us = loop_clock_us();

	while (!loop.stopped) {
		int n = wait_for_events(began_us);

		if (n < 0 && errno != EINTR)
			return -1;
		loop_tick();
		began_us = loop.now_us;
		loop.turn++;
		loop.batch_len = MAX(n, 0);
		run_batch();
		run_timers();
	}
	return 0;
}
