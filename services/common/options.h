/* options: the command line of a service program. What is wrong with it is reported on standard
 * error, for the administrator: the program, the option, what it was given, and the usage; and it
 * ends the program with status 2. */
#ifndef SERVICES_COMMON_OPTIONS_H
#define SERVICES_COMMON_OPTIONS_H

#include <getopt.h>
#include <limits.h>

/* As many operands as there are, and what follows the first one is not looked at: a program and its
 * arguments. */
#define OPTIONS_PROGRAM INT_MAX

/* What a program takes. */
struct options_known {
	const char *usage;          /* begins with the name of the program */
	const char *letters;        /* as for getopt(3) */
	const struct option *longs; /* as for getopt_long(3); NULL: none */
	int least, most;            /* operands */
};

/* The next option: its letter, or `val` of a long one, its value in optarg; -1 when there are no
 * more and the operands, from optind on, are as many as they may be. getopt_long(3) */
int options_next(const struct options_known *known, int argc, char *argv[]);

/* The number that the option at hand was given, from `min` to `max`. strtonum(3) */
int options_number(const struct options_known *known, int min, int max);

/* Complains of the value of the option at hand: what it `is`, "is no user name". */
_Noreturn void options_wrong_value(const struct options_known *known, const char *is);

/* Complains of anything else, by printf(3). */
__attribute__((format(printf, 2, 3))) _Noreturn void options_wrong(
	const struct options_known *known, const char *format, ...);

/* A command line that has one option, "-t seconds" (1 to 86400), and no operands, as many services
 * do. Returns the time in milliseconds; that of `seconds` where the option is not given. */
int options_limit_ms(int argc, char *argv[], int seconds, const char *usage);

#endif
