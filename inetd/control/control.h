/* control: the unix socket that inetctl talks to. One request a connection, bounded in clients,
 * time and size, so that no client can hold the daemon up.
 *
 * Request:  "inetd/1 VERB\n" or "inetd/1 VERB ARG\n", where ARG is the rest of the line; at most
 *           1024 bytes, no control bytes
 * Answer:   "inetd/1 STATUS\n", then text until end of file; STATUS is inetctl's exit code: 0,
 *           1 it could not be done or may not be asked for, 2 a mistake in the request or in the
 *           configuration. Verbs that read facts answer with records (base/record.h).
 * Counted:  a request that begins with "inetd/2 " is answered "inetd/2 STATUS LENGTH\n"; a text
 *           that is not LENGTH bytes long is not all of the answer.
 *
 * There are at most 16 clients at once. Of more, the one that has kept its request back longest,
 * and for 100 ms at least, is dropped; where all have asked, further ones wait to be accepted. From
 * accept to the last byte of its request a client has 10 s, and as long again for the answer, of
 * which it must take some every 3 s. After a request that took some time as much time goes by
 * before the next, so that clients have half of the daemon's time at most.
 *
 * Who may ask: root and the daemon's own user everything; members of the control group
 * (control_allow()) what changes nothing. */
#ifndef CONTROL_CONTROL_H
#define CONTROL_CONTROL_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

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

/* From now on members of the group may ask: the socket becomes 0660 and the group's; (gid_t)-1:
 * nobody, 0600. Returns 0, also when there is no socket; or -1 with errno (chown(2), chmod(2)), and
 * no group may ask then. */
int control_allow(gid_t group);

/* Closes clients and socket and removes the path if it still is ours. */
void control_close(void);

#endif
