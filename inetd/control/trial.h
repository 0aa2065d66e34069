/* trial: a program that is to take our place is executed by a child first, with our state, and says
 * whether it can do with it. Nothing waits for it. */
#ifndef CONTROL_TRIAL_H
#define CONTROL_TRIAL_H

/* The descriptor on which it finds the state. It writes to standard output: the line "ok" and exits
 * with 0, or why not. */
#define TRIAL_STATE_FD 3
#define TRIAL_GOOD     "ok"

/* Executes it with these arguments (an array from malloc(3), consumed), in that directory. `over`
 * is called once, later: with NULL if it has said that all is well, within 10 s; else with the
 * reason, a text that is valid during the call. Returns 0, or -1 with errno: `over` is not called
 * then. */
int trial_start(
	const char *path, char **argv, const char *directory, void (*over)(const char *why));

#endif
