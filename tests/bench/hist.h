/* hist: times in buckets whose width grows with the value, so that a percentile is right to 0.8
 * per cent from nanoseconds to hours, in 58 KiB. */
#ifndef BENCH_HIST_H
#define BENCH_HIST_H

#include <stdint.h>

#define HIST_BITS    7 /* of each value that are kept */
#define HIST_BUCKETS ((64 - HIST_BITS + 1) << HIST_BITS)

struct hist {
	uint64_t total;
	uint64_t count[HIST_BUCKETS];
};

void hist_add(struct hist *hist, uint64_t value);

/* The value that `fraction` (0 to 1) of all values do not exceed; 0 if there are none. */
uint64_t hist_percentile(const struct hist *hist, double fraction);

#endif
