/* control: the unix socket that inetctl talks to. One request a connection (protocol/request.h),
 * bounded in clients, time and size, so that no client can hold the daemon up. A request that is
 * not one is answered with status 2.
 *
 * There are at most 16 clients at once that may change something. When more come, the one that has
 * been silent for longest, and for 100 ms at least, is dropped; where all have sent a request,
 * further ones wait to be accepted. Others have 64 places between them (admit/share.h), wait until
 * nobody of the former does, and 8 of them take their answers at once (crowd.h). A client has 10 s
 * for its request and 10 s to take the answer, of which it must take some every 3 s. After a
 * request as much time passes before the next as it took, so that clients get half of the daemon's
 * time at most. */
#ifndef CONTROL_CONTROL_H
#define CONTROL_CONTROL_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

#include "protocol/verb.h"

/* Answers one verb: writes the text and returns the status, which is the exit code of inetctl(8).
 * Without an argument `arg` is NULL. */
typedef int control_fn(FILE *out, const char *arg);

/* What such a function returns where the answer comes later, by control_answer(). */
#define CONTROL_LATER (-1)

/* Opens the socket at `path` (mode 0600) and answers with these functions (borrowed), one for each
 * verb (protocol/verb.h) or NULL. Returns 0, or -1 with errno: EADDRINUSE if another daemon answers
 * there. */
int control_open(const char *path, control_fn *const verbs[VERBS]);

bool control_is_open(void);

/* From now on members of the group may use the verbs that change nothing: the socket becomes 0660
 * and the group's; (gid_t)-1: nobody, 0600. Returns 0, also when there is no socket; or -1 with
 * errno (chown(2), chmod(2)), and no group may ask then. */
int control_allow(gid_t group);

/* True if the one whose request is being answered may use every verb, and nothing needs to be
 * hidden from it. */
bool control_trusts(void);

/* Answers whoever waits for an answer that was to come later. */
void control_answer(int status, const char *text);

/* True unless a client is taking its answer. */
bool control_is_quiet(void);

/* From one daemon to the next (inetctl upgrade): the socket, and the clients with what they have
 * asked; control_resume() in place of control_open(), -1 where there is nothing of that path. */
void control_put(FILE *out);
int control_resume(const char *path, control_fn *const verbs[VERBS]);

/* Closes clients and socket and removes the path if it still is ours. */
void control_close(void);

#endif
