/* ctl: what the files of inetctl share: how the function of a verb is called, and the exit codes.
 */
#ifndef INETCTL_CTL_H
#define INETCTL_CTL_H

#include <stdbool.h>
#include <stdio.h>

enum { CTL_FAILED = 1, CTL_USAGE = 2 };

/* A request as the command line has it. */
struct ctl {
	const char *socket;     /* path of the control socket; NULL: the default of ask_daemon() */
	const char *verb, *arg; /* arg: NULL without one */
	char **argv;            /* all words after the verb, ended by NULL */
	bool json;              /* --json */
	FILE *err;              /* where failures are reported: standard error */
};

/* Does what a verb is for; returns the exit code. */
typedef int ctl_fn(const struct ctl *ctl);

/* ask.c: prints the daemon's answer as it is; the reason of a failure goes to standard error. */
ctl_fn ctl_ask;

/* ask.c: the same; with --json an array of one object with the text. */
ctl_fn ctl_text;

/* metrics.c: figures for Prometheus; with --json an object for each sample. */
ctl_fn ctl_metrics;

/* try.c: serves one program at once, in the foreground, as the caller, by an inetd of its own on a
 * free port of this machine. */
ctl_fn ctl_try;

/* try.c: the configuration that makes a service of a program: a line of inetd.conf, a
 * section of an INI file. */
ctl_fn ctl_line;

/* import/: sections from the files of other super-servers; a socket unit and its service from a
 * service. */
ctl_fn ctl_import;
ctl_fn ctl_export;

/* list.c: the services as a table. */
ctl_fn ctl_list;

/* status.c: one line for each service, why some are held, what the machine needs. With a name
 * everything about that service. */
ctl_fn ctl_status;

/* top.c: the services that are used most, updated regularly. */
ctl_fn ctl_top;

/* connections.c: the programs that run, and for whom. */
ctl_fn ctl_connections;

/* stats.c: the daemon in figures; the newest lines of its log; versions. */
ctl_fn ctl_stats;
ctl_fn ctl_events;
ctl_fn ctl_version;

/* keys.c: prints the key table, or one row of it at length. Needs no daemon. */
ctl_fn ctl_keys;

#endif
