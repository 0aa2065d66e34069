/* spawn_job: one child on its way to its program, as the parts of spawn see it: spawn.c in the
 * daemon, spawn_start.c, which makes the child, and spawn_child.c in the child, which shares the
 * daemon's memory and writes nothing but its job. */
#ifndef RUN_SPAWN_JOB_H
#define RUN_SPAWN_JOB_H

#include <stdatomic.h>
#include <sys/queue.h>

#include "run/process/spawn.h"

#define SPAWN_STACK_BYTES   32768
#define SPAWN_STARTER_BYTES 8192

struct spawn_job {
	_Atomic int tid;      /* not 0 while the child is in our memory; futex */
	_Atomic int own_fds;  /* the child has its own descriptors, and no others; futex */
	_Atomic int awaited;  /* the daemon sleeps until own_fds */
	_Atomic int released; /* the daemon has closed its copies, and nobody else has what a unix
				 peer may have filled; futex */
	_Atomic int waits;    /* the child sleeps until released */
	_Atomic int starter;  /* not 0 while a thread of ours is there that made the child; futex */
	_Atomic int begun;    /* by it: the child's pid or -errno; 0: not yet; futex */
	bool by_starter;
	int flags;   /* of clone(2) */
	bool shares; /* the descriptors are the daemon's until close_range(2), which copies
			what is below keep_below; otherwise all were copied at its birth */
	bool tells;  /* it sets own_fds */
	bool set_identity;
	pid_t daemon;        /* whose child it is */
	bool in_group;       /* it was born in its control group (SPAWN_JOIN is done) */
	unsigned keep_below; /* from here on there is no descriptor that it needs */
	const char *at;      /* the step it is at, of those that may have to wait; by the child */
	struct spawn_error error; /* written by the child */
	struct spawn_room room;

	/* Of the daemon. */
	TAILQ_ENTRY(spawn_job) in_list;
	struct spawn_error *told; /* where the error goes when the child has left; borrowed */
	int close_fd;             /* to be closed when it has its own; -1 = none; owned */
	int close_errors;         /* another one */
	pid_t pid;
	uint64_t started_us;
	bool late;             /* it has been killed for that */
	bool gave_up;          /* waiting for own_fds once was enough */
	bool held;             /* the copies are closed, but it is not released yet */
	struct config *config; /* counted; NULL */

	/* Last, and not written but by a child: what is not used of it takes no memory. */
	char starter_stack[SPAWN_STARTER_BYTES] __attribute__((aligned(16)));
	char stack[SPAWN_STACK_BYTES] __attribute__((aligned(16)));
};

TAILQ_HEAD(spawn_jobs, spawn_job);

/* Makes the child, with the flags of clone(2). Returns its pid, or -1 with errno. */
pid_t spawn_child_start(struct spawn_job *job, int flags);

/* Waits until nothing of ours uses the job, once the child has left our memory. */
void spawn_child_started(struct spawn_job *job);

/* What the child does, until its exec; `arg` is its job. */
int spawn_child_main(void *arg);

#endif
