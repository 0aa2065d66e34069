/* stderr_turn: see stderr_turn.h. */
#include "run/program/stderr_turn.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/queue.h>
#include <time.h>

#include "base/monotonic.h"

#define LOOK_MS     50   /* at the reader, while it is at work */
#define PENALTY_MS  1000 /* that a group waits after a thread has come back */
#define TELL_MS     1000
#define STACK_BYTES 131072

/* A group that kept a thread. */
struct locker {
	uint64_t group, inode;
	uint64_t since_ms, until_ms;
	unsigned threads; /* that are away */
	bool told;
	TAILQ_ENTRY(locker) in_all;
};

static struct {
	pthread_mutex_t lock;
	pthread_cond_t woken; /* for who looks at the reader */
	const struct stderr_turn_calls *calls;
	const char *name; /* to be given */
	bool over, asleep;
	unsigned reader;        /* number of the thread that is the reader */
	uint64_t count;         /* how often it has entered something */
	struct stderr_turn *in; /* where it is */
	uint64_t since_ms;
	TAILQ_HEAD(, locker) lockers;
} turns = {
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.woken = PTHREAD_COND_INITIALIZER,
	.lockers = TAILQ_HEAD_INITIALIZER(turns.lockers),
};

void stderr_turn_lock(void)
{
	pthread_mutex_lock(&turns.lock);
}

void stderr_turn_unlock(void)
{
	pthread_mutex_unlock(&turns.lock);
}

static struct locker *locker_of(uint64_t group)
{
	struct locker *locker;

	TAILQ_FOREACH (locker, &turns.lockers, in_all)
		if (locker->group == group)
			break;
	return locker;
}

uint64_t stderr_turn_wait_ms(uint64_t group)
{
	const struct locker *locker = locker_of(group);
	uint64_t now_ms = monotonic_ms();

	if (!locker)
		return 0;
	if (locker->threads)
		return STDERR_TURN_AWAY_MS;
	return locker->until_ms > now_ms ? locker->until_ms - now_ms : 0;
}

bool stderr_turn_any_waits(void)
{
	return !TAILQ_EMPTY(&turns.lockers);
}

static void wake(void)
{
	turns.asleep = false;
	pthread_cond_signal(&turns.woken);
}

void stderr_turn_rename(const char *name)
{
	turns.name = name;
	wake();
}

void stderr_turn_enter(struct stderr_turn *turn)
{
	turns.in = turn;
	turns.since_ms = monotonic_ms();
	turns.count++;
	if (turns.asleep)
		wake();
	stderr_turn_unlock();
}

bool stderr_turn_leave(struct stderr_turn *turn)
{
	struct locker *locker;

	stderr_turn_lock();
	if (!turn->is_away) {
		turns.in = NULL;
		return true;
	}
	turn->is_away = false;
	locker = locker_of(turn->group);
	locker->threads--;
	locker->told = false;
	locker->until_ms = monotonic_ms() + PENALTY_MS;
	return false;
}

/* --- threads --- */

static void *read_all(void *arg)
{
	const unsigned reader = (unsigned)(uintptr_t)arg;
	bool go_on = true;

	stderr_turn_lock();
	while (go_on && reader == turns.reader)
		go_on = turns.calls->once();
	if (reader == turns.reader) {
		turns.over = true;
		wake();
	}
	stderr_turn_unlock();
	return NULL;
}

static int start_reader(void)
{
	pthread_attr_t attr;
	pthread_t thread;
	int err = pthread_attr_init(&attr);

	if (err)
		return -1;
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	err = pthread_create(&thread, &attr, read_all, (void *)(uintptr_t)(turns.reader + 1));
	pthread_attr_destroy(&attr);
	if (err)
		return -1;
	turns.reader++;
	return 0;
}

/* The reader does not come back. Where there can be no other now it is tried again. */
static void replace_reader(void)
{
	struct stderr_turn *turn = turns.in;
	struct locker *locker = locker_of(turn->group);

	if (!locker) {
		locker = calloc(1, sizeof(*locker));
		if (!locker)
			return;
		locker->group = turn->group;
		TAILQ_INSERT_TAIL(&turns.lockers, locker, in_all);
	}
	if (start_reader() < 0)
		return;
	turn->is_away = true;
	turns.in = NULL;
	locker->threads++;
	locker->inode = turn->inode;
	locker->since_ms = turns.since_ms;
	turns.calls->away(turn);
}

/* Tells of those that keep a thread for long, and forgets those that do not any more. */
static void look_at_lockers(void)
{
	struct locker *locker, *next;
	uint64_t now_ms = monotonic_ms();

	for (locker = TAILQ_FIRST(&turns.lockers); locker; locker = next) {
		next = TAILQ_NEXT(locker, in_all);
		if (!locker->threads && locker->until_ms <= now_ms) {
			TAILQ_REMOVE(&turns.lockers, locker, in_all);
			free(locker);
		} else if (locker->threads && !locker->told &&
			   now_ms - locker->since_ms >= TELL_MS) {
			locker->told = true;
			turns.calls->told(locker->inode); /* may let the lock go */
			return;
		}
	}
}

void stderr_turn_run(const struct stderr_turn_calls *calls)
{
	stderr_turn_lock();
	turns.calls = calls;
	turns.over = start_reader() < 0;
	while (!turns.over) {
		const uint64_t count = turns.count;

		stderr_turn_unlock();
		nanosleep(&(struct timespec){.tv_nsec = LOOK_MS * 1000000L}, NULL);
		stderr_turn_lock();
		if (turns.name)
			prctl(PR_SET_NAME, turns.name);
		turns.name = NULL;
		if (turns.in && monotonic_ms() - turns.since_ms >= STDERR_TURN_AWAY_MS)
			replace_reader();
		look_at_lockers();
		turns.asleep = !turns.over && !turns.name && !turns.in && count == turns.count &&
			       TAILQ_EMPTY(&turns.lockers);
		while (turns.asleep)
			pthread_cond_wait(&turns.woken, &turns.lock);
	}
	stderr_turn_unlock();
}
