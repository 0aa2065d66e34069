/* options: the command line of inetd(8) as a struct. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>

#include "config/conf.h"

struct options {
	struct conf_options conf;
	const char *pidfile; /* NULL: the default one as a daemon, none in the foreground */
	bool no_pidfile;     /* not even the default one */
	const char *control; /* NULL: the default path */
	bool debug, foreground, log_stderr, check, log_all, resolve;
	bool wrap_programs, wrap_builtins; /* tcp wrappers: -w, -W */
};

/* Reads argv (borrowed for ever). Returns -1 to go on, or the exit code: 0 after --help and
 * --version, 2 after a mistake, which has been said on stderr. */
int options_parse(struct options *options, int argc, char **argv);

#endif
