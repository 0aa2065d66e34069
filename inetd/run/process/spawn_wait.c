/* spawn_wait: see spawn_wait.h. */
#include "run/process/spawn_wait.h"

#include <linux/futex.h>
#include <time.h>
#include <unistd.h>

#include "base/fdutil.h"
#include "base/loop.h"
#include "base/rawcall.h"
#include "run/process/closer.h"

#define SPINS     200    /* looks before sleeping for another process */
#define NAP_US    2000   /* the longest such sleep */
#define TOLD_US   5000   /* the longest wait for a child to tell */
#define COPIED_US 500000 /* since its start, for one that nobody but the machine can delay */

struct spawn_jobs spawn_jobs = TAILQ_HEAD_INITIALIZER(spawn_jobs);
static unsigned held_count; /* of them, that are held */

/* Not through libc, as a starter uses the same errno. */
void spawn_wait_while(_Atomic int *word, int value)
{
	const struct timespec nap = {.tv_nsec = NAP_US * 1000};

	for (int i = 0; i < SPINS; i++)
		if (atomic_load(word) != value)
			return;
	CALL4(futex, word, FUTEX_WAIT, value, &nap);
}

bool spawn_wait_is_here(struct spawn_job *job)
{
	return atomic_load(&job->tid) != 0;
}

void spawn_wait_left(struct spawn_job *job)
{
	int tid = atomic_load(&job->tid);

	if (tid)
		spawn_wait_while(&job->tid, tid);
}

/* A child that has its own descriptors, or none any more, closes none that the daemon shares. */
static bool has_told(struct spawn_job *job)
{
	return atomic_load(&job->own_fds) || !spawn_wait_is_here(job);
}

static bool has_copies(const struct spawn_job *job)
{
	return job->close_fd >= 0 || job->close_errors >= 0;
}

static void wait_told(struct spawn_job *job, uint64_t since_us, uint64_t most_us)
{
	while (!has_told(job)) {
		if (loop_clock_us() - since_us > most_us) {
			job->gave_up = true;
			return;
		}
		atomic_store(&job->awaited, 1);
		spawn_wait_while(&job->own_fds, 0);
	}
}

/* Waits for it once: who has not told in time most likely does not soon. */
static void wait_once(struct spawn_job *job)
{
	if (!job->gave_up)
		wait_told(job, loop_clock_us(), TOLD_US);
}

bool spawn_wait_have_told(void)
{
	struct spawn_job *job;

	TAILQ_FOREACH (job, &spawn_jobs, in_list)
		if (!has_told(job) && !job->late)
			return false;
	return true;
}

static void release(struct spawn_job *job)
{
	atomic_store(&job->released, 1);
	if (atomic_load(&job->waits))
		CALL3(futex, &job->released, FUTEX_WAKE, 1);
}

/* Those go on that have something of a unix peer, when nobody else has it any more. */
static void release_held(void)
{
	struct spawn_job *job;

	if (!held_count || !spawn_wait_have_told())
		return;
	TAILQ_FOREACH (job, &spawn_jobs, in_list) {
		if (!job->held)
			continue;
		job->held = false;
		held_count--;
		release(job);
	}
}

static void close_copies(struct spawn_job *job)
{
	bool is_alone = job->room.plan.close_first;

	/* A child that is gone may have been the last but us that had it. */
	if (is_alone && !spawn_wait_is_here(job))
		closer_close(&job->close_fd);
	fd_close(&job->close_fd);
	fd_close(&job->close_errors);
	if (!is_alone) {
		release(job);
		return;
	}
	job->held = true;
	held_count++;
}

void spawn_wait_close(struct spawn_job *job)
{
	if (has_copies(job) && (!job->shares || has_told(job)))
		close_copies(job);
	release_held();
}

void spawn_wait_settle(struct spawn_job *job)
{
	if (job->shares)
		wait_once(job);
	spawn_wait_close(job);
}

void spawn_wait_all_told(void)
{
	struct spawn_job *job;

	TAILQ_FOREACH (job, &spawn_jobs, in_list) {
		if (job->shares)
			wait_once(job);
		else
			wait_told(job, job->started_us, COPIED_US);
		spawn_wait_close(job);
	}
}

/* It is waited for: to close what we share with it, or because another is held. */
static bool is_awaited(struct spawn_job *job)
{
	return (has_copies(job) || held_count) && !job->gave_up && !has_told(job);
}

bool spawn_wait_may_sleep(void)
{
	struct spawn_job *job;

	TAILQ_FOREACH (job, &spawn_jobs, in_list)
		if (is_awaited(job))
			return false;
	return true;
}

void spawn_wait_before_sleep(void)
{
	struct spawn_job *job;

	TAILQ_FOREACH (job, &spawn_jobs, in_list) {
		if (is_awaited(job))
			wait_once(job);
		spawn_wait_close(job);
	}
}

void spawn_wait_forget(const struct spawn_job *job)
{
	held_count -= job->held;
}
