/* service_match: the services that somebody means by a name, for the verbs of the control socket.
 */
#ifndef CONTROL_SERVICE_MATCH_H
#define CONTROL_SERVICE_MATCH_H

#include <stdbool.h>
#include <stdio.h>

#include "run/service/service_state.h"

/* Calls `each` for every service that may be called so (show_is_called(); NULL: for all). Where
 * there is none, says so with names that may have been meant. Returns 0 or the status of that. */
int service_match_each(
	FILE *out, const char *name, void (*each)(FILE *out, struct service_state *state));

/* True if a service may be called so. */
bool service_match_exists(const char *name);

/* Writes a text that somebody sent, cut and masked. */
void service_match_print(FILE *out, const char *text);

#endif
