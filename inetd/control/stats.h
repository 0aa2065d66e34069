/* stats: the state of the services as text for people. Reads, changes nothing. */
#ifndef CONTROL_STATS_H
#define CONTROL_STATS_H

#include <stdio.h>

/* One line per endpoint under a header line: NAME ENDPOINT STATE RUNNING STARTED REFUSED FAILED
 * PROGRAM WHERE; columns are separated by blanks and contain none. */
void stats_list(FILE *out);

/* One log line per service that has been asked for, and one for the daemon (SIGUSR1). */
void stats_log(void);

#endif
