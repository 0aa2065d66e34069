/* control: the unix socket that inetctl talks to. One request a connection, bounded in clients,
 * time and size, so that no client can hold the daemon up.
 *
 * Request:  "inetd/1 VERB\n" or "inetd/1 VERB ARG\n", where ARG is the rest of the line
 * Answer:   "inetd/1 STATUS\n", then text until end of file; STATUS is inetctl's exit code. */
#ifndef CONTROL_CONTROL_H
#define CONTROL_CONTROL_H

#include <stdbool.h>
#include <stdio.h>

enum control_arg {
	CONTROL_NO_ARG,
	CONTROL_MAY_ARG,
	CONTROL_ARG, /* there must be one */
};

/* One thing that can be asked for: `run` writes the answer and returns the status. Without an
 * argument `arg` is NULL. */
struct control_verb {
	const char *name;
	int (*run)(FILE *out, const char *arg);
	enum control_arg arg;
	bool changes; /* for root and the daemon's own user only */
};

/* Opens the socket at `path` (mode 0600) and answers with these verbs (borrowed, ended by a NULL
 * name). Returns 0, or -1 with errno: EADDRINUSE if another daemon answers there. */
int control_open(const char *path, const struct control_verb *verbs);

/* Closes clients and socket and removes the path if it still is ours. */
void control_close(void);

#endif
