/* program_log: what is logged of the programs and sessions of services: start, exit (the keys log
 * and log_level) and the end of their time. */
#ifndef RUN_PROGRAM_LOG_H
#define RUN_PROGRAM_LOG_H

#include <sys/resource.h>

#include "run/program/program.h"

/* The program runs; for EVENT_START. */
void program_log_start(const struct program *program);

/* It has ended, with this status (waitpid(2)) after using that; for EVENT_EXIT. */
void program_log_exit(const struct program *program, int status, const struct rusage *usage);

/* It has run for max_time and was told to end. Limited, as clients may bring it about. */
void program_log_overdue(const struct program *program);

/* A session of a built-in service begins for that peer; for EVENT_START. Returns a copy of it where
 * its end will be logged too: the caller's, to be freed; else NULL. */
struct sockaddr_len *program_log_session_start(
	const struct service_state *state, const struct sockaddr_len *peer);

/* It has ended, having begun at accepted_us of loop_clock_us(); for EVENT_EXIT. */
void program_log_session_exit(
	const struct service_state *state, const struct sockaddr_len *peer, uint64_t accepted_us);

#endif
