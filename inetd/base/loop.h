/* loop: the event loop. epoll for descriptors, signalfd for signals, a heap for timers; the only
 * place that reads the clock. Signals are handled before descriptors in each batch. Callbacks may
 * add, remove and close anything, also what is later in the same batch. */
#ifndef BASE_LOOP_H
#define BASE_LOOP_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/signalfd.h>

/* One watched descriptor; embed it in the object that owns the descriptor. */
struct watch {
	void (*ready)(struct watch *watch, uint32_t events); /* EPOLLIN... */
	int fd;                                              /* borrowed */
	bool watched;                                        /* set by the loop */
};

/* One timer; embed it. Zeroed = not running. */
struct timer {
	void (*fired)(struct timer *timer);
	uint64_t at_ms;
	unsigned slot;      /* place in the heap + 1; 0 = not running */
	struct timer *next; /* among those for which there was no memory */
};

/* Makes the epoll instance and the signalfd for the signals of `set`, which must be blocked
 * already (signalfd(2)). `signalled` is called for each signal read. Returns 0, or -1 with errno.
 */
int loop_open(const sigset_t *set, void (*signalled)(const struct signalfd_siginfo *info));
void loop_close(void);

/* Called before each wait for events, when all callbacks of a batch have run. Where it returns
 * false and there is no event yet, loop_before_sleep is called before the loop sleeps. NULL for
 * nothing. */
extern bool (*loop_before_wait)(void);
extern void (*loop_before_sleep)(void);

/* Runs until loop_stop(). Returns 0, or -1 with errno when waiting itself fails. */
int loop_run(void);
void loop_stop(void);

/* Starts to watch watch->fd for `events` (level-triggered), or changes the events. Returns 0, or
 * -1 with errno (epoll_ctl(2)). */
int loop_watch(struct watch *watch, uint32_t events);

/* Stops watching; call before the descriptor is closed. Nothing if it is not watched. */
void loop_unwatch(struct watch *watch);

/* Starts the timer, or moves it, to fire `delay_ms` from now, once. Without memory it may be up to
 * 100 ms late. */
void loop_timer(struct timer *timer, uint64_t delay_ms);
void loop_untimer(struct timer *timer);
bool loop_timer_running(const struct timer *timer);

/* Milliseconds of the monotonic clock, as of the start of the current batch. */
uint64_t loop_now_ms(void);

/* How often the loop has waited: two events in turns next to each other had nothing between. */
uint64_t loop_turn(void);

/* The longest turn: from the end of a wait to the begin of the next one, in microseconds, in which
 * nobody else was served. Since the start, and in the last minute or two. */
struct loop_turns {
	uint64_t longest_us, recent_us;
};
struct loop_turns loop_turns(void);

/* Microseconds of the monotonic clock, now. */
uint64_t loop_clock_us(void);

/* The minute of the week in local time, 0 = Monday 0:00 (base/week.h). */
unsigned loop_week_minute(void);

/* Reads the clock again, for a callback that has taken long. */
void loop_tick(void);

#endif
