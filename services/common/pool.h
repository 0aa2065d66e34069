/* pool: processes made in advance to serve the connections of one listening socket. The manager's
 * side is pool.c: it forks them, sees which are idle, lets them go, buries them. What they
 * do is pool_worker.c: wait for a connection, serve it, wait for the next.
 *
 * Both sides share a board with a seat for each worker, where it says whether it is idle; a poke
 * (eventfd(2)) wakes the manager when he has to look. Each worker has a channel too: its
 * closing means "leave when you have nothing to do", also when the manager has died. A connection
 * that was passed stays in the channel until it is taken, so that it can be had back from one who
 * has died. */
#ifndef SERVICES_COMMON_POOL_H
#define SERVICES_COMMON_POOL_H

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum pool_state {
	POOL_FREE, /* nobody has this seat */
	POOL_IDLE,
	POOL_BUSY,
	POOL_FAILED /* could not serve: see struct pool, .serve */
};

/* Written by the worker that has the seat; on a cache line of its own. */
struct pool_seat {
	alignas(64) atomic_int state; /* enum pool_state */
	/* When it last began or ended to serve; monotonic_ms(). The manager's, when it has died. */
	atomic_ulong changed_ms;
};

struct pool_board {
	atomic_bool hungry; /* the manager waits for somebody to become idle */
	struct pool_seat seats[];
};

struct pool_worker {
	pid_t pid;     /* 0: the seat is free */
	int channel;   /* -1: it has been asked to leave */
	int other_end; /* of the channel, with .pass: what it has not taken is still there; or -1 */
	uint64_t born_ms; /* monotonic_ms() */
};

struct pool {
	int listener; /* non-blocking; borrowed */
	bool pass;    /* the manager accepts and passes connections on */
	unsigned max; /* seats */
	/* Serves one connection, which is closed afterwards, or becomes another program. Returns
	 * 0, or -1 when that cannot be done, which ends the worker. */
	int (*serve)(int connection);
	int poke_fd; /* readable when the manager has to look */
	int *held;   /* connections accepted that nobody has taken */
	unsigned held_count;
	struct pool_board *board;
	struct pool_worker *workers;
};

/* Makes the board of a pool whose first four fields are set. Returns 0, or -1 with errno (mmap(2),
 * eventfd(2)). pool_close() frees all of it, when there are no workers any more. */
int pool_open(struct pool *pool);
void pool_close(struct pool *pool);

/* Starts a worker, with the signal mask and handlers of the caller. Returns 0, or -1 with errno:
 * fork(2), socketpair(2), EAGAIN where all seats are taken. Does not return in the worker. */
int pool_start(struct pool *pool);

/* Takes leave of those that have ended; what they had not taken is held for others. Returns how
 * many of them have died at once: could not serve, or ended without reason within a second after
 * their start. waitpid(2) */
unsigned pool_reap(struct pool *pool);

/* How many workers there are: idle ones that have not been asked to leave, busy ones, all. */
unsigned pool_idle(const struct pool *pool);
unsigned pool_busy(const struct pool *pool);
unsigned pool_size(const struct pool *pool);

/* When somebody last began or ended to serve a connection; 0: nobody has. monotonic_ms() */
uint64_t pool_changed_ms(const struct pool *pool);

/* Tells `count` workers to leave, idle ones: UINT_MAX means all, busy ones too, which leave when
 * they have served what they have. No connection is lost. */
void pool_dismiss(struct pool *pool, unsigned count);

/* Accepts what waits and hands it to idle workers, until nothing waits or nobody is idle. Returns
 * 0, or -1 with errno when accepting fails for want of descriptors or memory: not at once again.
 * accept(2) */
int pool_pass(struct pool *pool);

/* For a pool that has been dismissed: has what is held served, each connection by a worker made for
 * it, who leaves then. Returns 0, or -1 with errno: as pool_start(). */
int pool_serve_held(struct pool *pool);

/* Ends all that are left, by KILL. */
void pool_kill(const struct pool *pool);

/* The life of a worker: serves until it is asked to leave, then exits. For pool.c. */
_Noreturn void pool_work(struct pool *pool, struct pool_seat *seat, int channel);

#endif
