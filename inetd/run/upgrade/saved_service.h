/* saved_service: the states of services from one program to the next: counters, buckets, sources,
 * who is denied, holds, history. A state is found again by the label of its service; what still
 * runs of a service that the configuration does not have keeps its own. */
#ifndef RUN_SAVED_SERVICE_H
#define RUN_SAVED_SERVICE_H

#include <stdio.h>

#include "base/record.h"
#include "run/service/service_state.h"

/* Records `service`, each followed by its `source` and `denied`. */
void saved_service_put_all(FILE *out);

/* Names a state in a record: by its label, and by its number, as one that is gone may have the
 * label of another one. */
void saved_service_name(FILE *out, const struct service_state *state);

/* Before the configuration is applied: remembers what was disabled by hand, and the numbers that
 * are in use. */
void saved_service_begin(void);

/* A state was made: disables it if it was. */
void saved_service_made(struct service_state *state);

/* When the configuration is applied: the states get what was saved. Returns 0, or -1 without
 * memory. */
int saved_service_get_all(void);

/* When their sources are there too: a change of their rate applies to those. */
void saved_service_rescale(void);

/* The state that a record names, borrowed: also of a service that is gone. NULL: there is none. */
struct service_state *saved_service_named(const struct record *record);

/* The end: states of which nothing runs go. */
void saved_service_end(void);

/* How many services of the program before the configuration does not have. */
unsigned saved_service_gone(void);

#endif
