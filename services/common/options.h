/* options: the command line of a service program. What is wrong with it is said on standard error,
 * for the administrator, and ends the program with status 2. */
#ifndef SERVICES_COMMON_OPTIONS_H
#define SERVICES_COMMON_OPTIONS_H

/* Prints "usage: " and the text, which names the program, and exits with 2. */
_Noreturn void options_usage(const char *usage);

/* The number that an option was given as `text`, from `min` to `max`; options_usage() with the
 * reason if it is none. strtonum(3). */
int options_number(const char *text, int min, int max, const char *usage);

/* A command line that has one option, "-t seconds" (1 to 86400), and no operands, as many services
 * do. Returns the time in milliseconds; that of `seconds` where the option is not given. */
int options_limit_ms(int argc, char *argv[], int seconds, const char *usage);

#endif
