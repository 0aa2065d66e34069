/* stats: the state of the services as text for people. Reads, changes nothing. */
#ifndef CONTROL_STATS_H
#define CONTROL_STATS_H

/* One log line per service that has been asked for, and one for the daemon (SIGUSR1). */
void stats_log(void);

#endif
