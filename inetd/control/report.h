/* report: the state of services as records (base/record.h) for the control socket. Reads, changes
 * nothing. */
#ifndef CONTROL_REPORT_H
#define CONTROL_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "run/service/listener.h"

/* A `service` record, and an `endpoint` record for each place where it listens. With `full` also
 * what takes longer to find out: the last minute's starts, and how full accept queues are
 * (TCP_INFO, tcp(7)). inetctl(8) has the fields. */
void report_service(FILE *out, const struct service_state *state, bool full);

/* The state of a service, for hold_name(): its own, else that of the first of its sockets that is
 * not ready. *since_ms: when the last of those that have a part in it changed. */
unsigned report_holds(const struct service_state *state, uint64_t *since_ms);

/* How many connections wait to be accepted, and how many may (TCP_INFO of a listening socket,
 * tcp(7)). False where that cannot be known: it is not open, or not of TCP. */
struct report_queue {
	uint32_t length, limit;
};
bool report_queue(const struct listener *listener, struct report_queue *queue);

/* A `program` record for each running program of the service, NULL: of all; for built-ins a
 * `session` record. */
void report_programs(FILE *out, const struct service_state *state);

/* A `machine` record: connections that were lost before anybody could accept them, and what to
 * raise. */
void report_machine(FILE *out);

/* A `configuration` record: its errors. */
void report_configuration(FILE *out);

/* A `daemon` record: the process itself. */
void report_daemon(FILE *out);

#endif
