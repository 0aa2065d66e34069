/* json: the records of the daemon as one JSON document, for programs. */
#ifndef SERVICES_PAGE_JSON_H
#define SERVICES_PAGE_JSON_H

#include <stdint.h>
#include <stdio.h>

/* Writes the object of `answers`, each the records of a verb, of which there are `count`:
 * {"time": now, "daemon": {}, "machine": {}, "services": [], "endpoints": [], "events": []}, the
 * last three as many as there are, with the fields as they are. The answers stay. Returns 0, or -1
 * with errno: EPROTO for what is no record, ENOMEM. */
int json_write(FILE *out, char *const answers[], size_t count, int64_t now);

#endif
