/* spawn_job: one child on its way to its program, as the two halves of spawn see it: spawn.c in the
 * daemon, spawn_child.c in the child, which shares the daemon's memory and writes nothing but its
 * job. */
#ifndef RUN_SPAWN_JOB_H
#define RUN_SPAWN_JOB_H

#include <stdatomic.h>
#include <sys/queue.h>

#include "run/process/spawn.h"

#define SPAWN_STACK_BYTES 32768

struct spawn_job {
	_Atomic int tid;      /* not 0 while the child is in our memory; futex */
	_Atomic int own_fds;  /* the child has its own descriptors, and no others; futex */
	_Atomic int awaited;  /* the daemon sleeps until own_fds */
	_Atomic int released; /* nobody else has what a unix peer may have filled; futex */
	bool unshare;         /* the descriptors are the daemon's until close_range(2) */
	bool set_identity;
	pid_t daemon;        /* whose child it is */
	bool in_group;       /* it was born in its control group (SPAWN_JOIN is done) */
	unsigned keep_below; /* descriptors from here on are not copied */
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
	char stack[SPAWN_STACK_BYTES] __attribute__((aligned(16)));
};

/* Makes the child, with the flags of clone(2). Returns its pid, or -1 with errno. */
pid_t spawn_child_start(struct spawn_job *job, int flags);

#endif
