/* admin_verbs: the verbs by which an administrator changes a running daemon. Each answers with what
 * it has done, and logs that. */
#ifndef CONTROL_ADMIN_VERBS_H
#define CONTROL_ADMIN_VERBS_H

#include <stdio.h>

/* All return a status (control_fn). */

/* NAME: opens what was disabled; closes its sockets until enable or a reload; does that and ends
 * what runs (TERM, KILL after kill_after; sessions at once). */
int admin_enable(FILE *out, const char *arg);
int admin_disable(FILE *out, const char *arg);
int admin_stop(FILE *out, const char *arg);

/* Closes all sockets for good, and ends the daemon when nothing runs any more. */
int admin_drain(FILE *out, const char *arg);

/* PID or NAME: TERM to the process group of one program, or of all of a service. */
int admin_kill(FILE *out, const char *arg);

/* Address or network: what deny_time holds against it is forgotten. */
int admin_unblock(FILE *out, const char *arg);

/* err, warning...: of the daemon, until a reload. */
int admin_log_level(FILE *out, const char *arg);

/* Called, set by main, when a drain is over: ends the daemon. */
extern void (*admin_drained)(void);

#endif
