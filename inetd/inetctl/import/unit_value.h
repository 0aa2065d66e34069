/* unit_value: values as systemd writes them, in our words. All belong to the conversion. */
#ifndef IMPORT_UNIT_VALUE_H
#define IMPORT_UNIT_VALUE_H

#include "inetctl/import/conversion.h"

/* "1h 30min", "5", "infinity" (systemd.time(7)) as a time of ours, "5400s"; `never` for infinity.
 * NULL: no time. */
const char *unit_value_time(struct conversion *conversion, const char *value, const char *never);

/* "256K", "1G": bytes, in the units that keys have. NULL: no size. */
const char *unit_value_bytes(struct conversion *conversion, const char *value);

/* The words of a command or of Environment=, ended by NULL: quotes group, a backslash escapes
 * (systemd.service(5), COMMAND LINES). NULL: a quote is not closed. */
char **unit_value_words(struct conversion *conversion, const char *value);

#endif
