/* ctl: what the files of inetctl share: how a verb is called, and the exit codes. */
#ifndef CTL_CTL_H
#define CTL_CTL_H

#include <stdbool.h>
#include <stdio.h>

enum { CTL_FAILED = 1, CTL_USAGE = 2 };

/* A request as the command line has it. */
struct ctl {
	const char *socket;     /* path of the control socket */
	const char *verb, *arg; /* arg: NULL without one */
	char **argv;            /* everything behind the verb, ended by NULL */
};

/* Does what a verb is for; returns the exit code. */
typedef int ctl_fn(const struct ctl *ctl);

/* ask.c: has a daemon answer. The answer goes to standard output, the reason of a failure to
 * standard error. */
ctl_fn ctl_ask;

/* ask.c: asks the daemon behind that socket; the answer goes to `out` (borrowed), the reason of a
 * failure to standard error. `arg` may be NULL. Returns the exit code. */
int ask_daemon(const char *socket, const char *verb, const char *arg, FILE *out);

/* try.c: serves one program at once, in the foreground, as the caller, by an inetd of its own on a
 * free port of this machine. */
ctl_fn ctl_try;

/* try.c: what would make a service of a program: a line of inetd.conf, a section of an INI file. */
ctl_fn ctl_line;

/* list.c: the services as a table. */
ctl_fn ctl_list;

/* keys.c: prints the key table, or one row of it at length. Needs no daemon. */
ctl_fn ctl_keys;

/* ask.c: where the control socket is if nobody says: $INETD_CONTROL, or where the daemon of this
 * user has it. Kept for ever. */
const char *ctl_default_socket(void);

#endif
