/* saved_ticket: what a program or session has taken from the limits of its service (struct
 * admit_ticket), as fields of its record. */
#ifndef RUN_SAVED_TICKET_H
#define RUN_SAVED_TICKET_H

#include <stdio.h>

#include "base/record.h"
#include "run/service/service_state.h"

void saved_ticket_put(FILE *out, const struct admit_ticket *ticket);
void saved_ticket_get(
	const struct record *record, struct service_state *state, struct admit_ticket *ticket);

#endif
