/* stderr_turn: threads of inetd-stderr that take turns, so that none has to wait for a pipe that
 * somebody keeps locked. All run under one lock, which is let go where one may have to wait. One is
 * the reader; when it does not come back from a pipe another takes over, and the first ends when it
 * has come back and has done what is to be done then. Meanwhile, and for a second after it, nobody
 * is to enter pipes of the same group: so a group costs the others a tenth of a second in each, and
 * one thread. */
#ifndef RUN_STDERR_TURN_H
#define RUN_STDERR_TURN_H

#include <stdbool.h>
#include <stdint.h>

#define STDERR_TURN_AWAY_MS 100 /* then another takes over */

/* What may be entered; embed it. */
struct stderr_turn {
	uint64_t group, inode;
	bool is_away; /* a thread is in it that is not the reader any more */
};

/* Around what locks a pipe; what is not under the lock there is the pipe's alone, and may be freed
 * by this thread only. stderr_turn_leave(): false if the thread is not the reader any more. */
void stderr_turn_enter(struct stderr_turn *turn);
bool stderr_turn_leave(struct stderr_turn *turn);

/* Around what waits for something else. */
void stderr_turn_unlock(void);
void stderr_turn_lock(void);

/* Milliseconds for which nothing of the group is to be entered; and whether there is any such. */
uint64_t stderr_turn_wait_ms(uint64_t group);
bool stderr_turn_any_waits(void);

/* Runs once, in the first thread, at the next look at the reader: a name is a thread's own. */
void stderr_turn_rename(const char *name);

struct stderr_turn_calls {
	bool (*once)(void); /* what the reader does all the time; false: that was all */
	void (*away)(struct stderr_turn *turn); /* another takes over, and is not to enter it */
	void (*told)(uint64_t inode);           /* it has been away for a second; once */
};

/* Until `once` returns false; other threads may be away then. */
void stderr_turn_run(const struct stderr_turn_calls *calls);

#endif
