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
	bool json;              /* --json */
	FILE *err;              /* where failures are told: standard error */
};

/* Does what a verb is for; returns the exit code. */
typedef int ctl_fn(const struct ctl *ctl);

/* ask.c: has a daemon answer. The answer goes to standard output, the reason of a failure to
 * standard error. */
ctl_fn ctl_ask;

/* The same for texts that people read; with --json an array of one object that has the text. */
ctl_fn ctl_text;

/* ask.c: asks the daemon behind ctl->socket; the answer goes to `out` (borrowed), the reason of a
 * failure to ctl->err. ctl->arg may be NULL. Returns the exit code. */
int ask_daemon(const struct ctl *ctl, FILE *out);

/* The whole answer, before any of it is printed, into *text, for the caller to free(3) in any case.
 * Returns the exit code; with CTL_FAILED there is none. */
int ask_whole(const struct ctl *ctl, char **text, size_t *len);

/* metrics.c: figures for Prometheus; with --json an object for each sample. */
ctl_fn ctl_metrics;

/* try.c: serves one program at once, in the foreground, as the caller, by an inetd of its own on a
 * free port of this machine. */
ctl_fn ctl_try;

/* try.c: what would make a service of a program: a line of inetd.conf, a section of an INI file. */
ctl_fn ctl_line;

/* list.c: the services as a table. */
ctl_fn ctl_list;

/* status.c: one line for each service, why some are held, what the machine needs. With a name
 * everything about that service. */
ctl_fn ctl_status;

/* top.c: the same again and again, by what is used most. */
ctl_fn ctl_top;

/* connections.c: the programs that run, and for whom. */
ctl_fn ctl_connections;

/* stats.c: the daemon in figures; the newest lines of its log; versions. */
ctl_fn ctl_stats;
ctl_fn ctl_events;
ctl_fn ctl_version;

/* keys.c: prints the key table, or one row of it at length. Needs no daemon. */
ctl_fn ctl_keys;

/* ask.c: where the control socket is if nobody says: $INETD_CONTROL, or where the daemon of this
 * user has it. Kept for ever. */
const char *ctl_default_socket(void);

#endif
