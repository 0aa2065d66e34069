/* configure: reading the configuration and applying it, at start, by SIGHUP and for inetctl; what
 * was found goes to the log and to the one who asked. */
#ifndef CONTROL_CONFIGURE_H
#define CONTROL_CONFIGURE_H

#include <stdbool.h>
#include <stdio.h>

#include "base/record.h"
#include "config/conf.h"

enum { CONFIGURE_FAILED = 1, CONFIGURE_BAD = 2 }; /* exit codes of inetd(8) and inetctl(8) */

/* Sets how files are read (borrowed for the life of the process). With `debug` the level of the
 * log does not follow the configuration. */
void configure_init(const struct conf_options *options, bool debug);

/* The first time: reads and applies. Diagnostics go to `err` too, if it is not NULL. Returns 0, or
 * the exit code: CONFIGURE_BAD when there is nothing to serve because of mistakes. After an upgrade
 * (`serves_all`, else NULL) nothing is given up for them: a configuration of which that says no is
 * read again for a while, then taken as it is; and what fails is tried again until it succeeds
 * (base/patience.h). */
int configure_start(FILE *err, bool (*serves_all)(const struct config *config));

/* Reads again and applies. Diagnostics, a summary and the names of the services that only an error
 * has kept go to `out` too, if it is not NULL. Returns 0, CONFIGURE_BAD after mistakes (all that
 * was good is applied), CONFIGURE_FAILED when nothing could be applied. */
int configure_reload(FILE *out);

/* The same for nobody, in slices (base/slice.h), in which all of these are to be called once the
 * daemon serves: it goes on serving then, however large the files are. */
void configure_reload_later(void);

/* Reads and applies nothing; diagnostics go to `out`. Returns 0, CONFIGURE_BAD, CONFIGURE_FAILED.
 */
int configure_check(FILE *out);

/* Reads, applies nothing, and reports what a reload would change: diagnostics, then each service
 * that would be added, removed, changed, kept because of errors only, or enabled again; none while
 * the daemon is stopping. Returns as configure_check(). */
int configure_diff(FILE *out);

/* How often, and with what result, the configuration was read. */
struct configure_counts {
	unsigned generation, reloads;
	unsigned errors;        /* reloads with errors, or that failed */
	unsigned config_errors; /* in the configuration that was read last */
	unsigned upgrades;      /* times another program has taken our place */
};
struct configure_counts configure_counts(void);

/* Reads, as after an upgrade, and applies nothing: the caller has the reference. NULL without
 * memory. */
struct config *configure_load(void);

/* Tells the service manager that we are ready, again. */
void configure_ready(void);

/* The counts as fields of a record; and from them: one upgrade more. */
void configure_put(FILE *out);
void configure_resume(const struct record *record);

/* No reload from now on: the daemon is stopping. */
void configure_stop(void);

#endif
