/* metrics: the counters for Prometheus, in its text format 0.0.4 or as OpenMetrics 1.0. Reads,
 * changes nothing. */
#ifndef CONTROL_METRICS_H
#define CONTROL_METRICS_H

#include <stdbool.h>
#include <stdio.h>

/* Writes everything; inetctl(8) lists the names. */
void metrics_write(FILE *out, bool openmetrics);

#endif
