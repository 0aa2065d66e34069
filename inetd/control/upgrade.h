/* upgrade: the daemon executes the program that is at its own path now, and that goes on where we
 * were: same process, same sockets with what waits in them, same children. First a trial: a child
 * executes it with our state and our configuration, and says whether it can do with them. It is
 * never waited for: until it has said yes, and unless the program can be executed then, everything
 * goes on as ever. */
#ifndef CONTROL_UPGRADE_H
#define CONTROL_UPGRADE_H

#include <stdbool.h>
#include <stdio.h>

#include "config/conf.h"

/* What the command line says about us. */
enum upgrade_role {
	UPGRADE_NONE,
	UPGRADE_TRIAL,   /* we are the trial child of a daemon */
	UPGRADE_TAKE_UP, /* a daemon was in our place */
};

/* Takes what a daemon has put into the arguments out of them, and copies the others: they will be
 * those of the next program. *state is the descriptor of the daemon's state
 * (control/daemon_state.h), or -1. With UPGRADE_TAKE_UP what fails is tried again from then on,
 * until upgrade_done() (base/patience.h). Once, after title_init(), which has to know all
 * arguments. */
enum upgrade_role upgrade_arguments(int *argc, char **argv, int *state);

/* Where the daemon was started, and where it is then: NULL for there. Borrowed. */
void upgrade_init(const char *started_in, const char *now_in);

/* The verb upgrade: starts the trial; the answer comes later (CONTROL_LATER). */
int upgrade_verb(FILE *out, const char *arg);

/* The same without somebody who waits for an answer. False if one is under way. */
bool upgrade_start(void);

/* We are the other program, and go on from where the one before was: tells who has asked for it. */
void upgrade_done(void);

/* The daemon is stopping, or drains: no other program takes its place any more. */
void upgrade_stop(void);

/* Whether a configuration has all services of the state (daemon_state_read()), but for those that
 * it is without an error in it: a reload would keep what only an error has taken away, and we do
 * not know it. */
bool upgrade_serves_all(const struct config *config);

/* In the trial: reads state and configuration, says on standard output whether that is well, and
 * returns the exit code. */
int upgrade_trial(int state);

#endif
