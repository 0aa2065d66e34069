/* stderr_pool: the threads of inetd-stderr, so that none has to wait for a pipe that somebody keeps
 * locked. All run under one lock, which is let go where one may have to wait. The first has jobs
 * done, and never waits for a pipe itself; the others, workers, do them: those of a group one after
 * the other, those of several groups beside each other. Where workers do not come back others take
 * their places, so a group keeps nobody waiting but itself, and one thread. */
#ifndef RUN_STDERR_POOL_H
#define RUN_STDERR_POOL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "run/program/stderr_window.h"

/* What has something done; embed it. */
struct stderr_job {
	struct stderr_group *group; /* counted */
	bool queued;
	TAILQ_ENTRY(stderr_job) in_queue;
};

/* The group of a job, of that number: made, or found; and how much was read of it. Returns 0, or -1
 * with errno (calloc(3)). stderr_pool_part(): the job has gone, or goes now. */
int stderr_pool_join(struct stderr_job *job, uint64_t number);
void stderr_pool_part(struct stderr_job *job);
struct stderr_window *stderr_pool_window(const struct stderr_job *job);

struct stderr_pool_calls {
	void (*act)(struct stderr_job *job);  /* by a worker; may free the job */
	void (*told)(struct stderr_job *job); /* it has kept a worker for a second; once */
	void (*away)(void); /* there are workers that do not come back, as stderr_pool_any_away() */
	void (*done)(void); /* stderr_pool_is_done(); by a worker */
};

/* By the first thread, before anything else. Returns 0, or -1 with errno: there can be no worker
 * (pthread_create(3)). The lock is held. */
int stderr_pool_start(const struct stderr_pool_calls *calls);

/* Has ->act called for the job, once more if it is in it; not if it is to be called already. */
void stderr_pool_do(struct stderr_job *job);

/* Nothing is to be done but by workers that do not come back. */
bool stderr_pool_is_done(void);

/* Has workers for what is to be done, and tells of those that do not come back. By the first
 * thread, before it sleeps. Returns for how many milliseconds at most it may; -1: for ever. */
int stderr_pool_tend(void);
bool stderr_pool_any_away(void);

/* Around what locks a pipe, in ->act; and around what waits for something else. */
void stderr_pool_enter(struct stderr_job *job);
void stderr_pool_leave(struct stderr_job *job);
void stderr_pool_unlock(void);
void stderr_pool_lock(void);

#endif
