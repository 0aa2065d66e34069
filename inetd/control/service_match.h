/* service_match: the services that a name stands for, for the verbs of the control socket. */
#ifndef CONTROL_SERVICE_MATCH_H
#define CONTROL_SERVICE_MATCH_H

#include <stdbool.h>
#include <stdio.h>

#include "run/service/service_state.h"

/* Calls `each` for every service that may be called so (show_is_called(); NULL: for all). When
 * there is none, it writes that to `out` with similar names. Returns 0 or that status. */
int service_match_each(
	FILE *out, const char *name, void (*each)(FILE *out, struct service_state *state));

/* True if a service may be called so. */
bool service_match_exists(const char *name);

/* Writes a text that a client has sent, cut and masked. */
void service_match_print(FILE *out, const char *text);

#endif
