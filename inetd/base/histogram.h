/* histogram: how often a time was how long, as Prometheus counts it. Pure. */
#ifndef BASE_HISTOGRAM_H
#define BASE_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

#define HISTOGRAM_BOUNDS 12

/* Upper bounds in microseconds, rising, each included. */
struct histogram_bounds {
	uint64_t us[HISTOGRAM_BOUNDS];
};

extern const struct histogram_bounds histogram_of_starts;    /* 50 us to 1 s */
extern const struct histogram_bounds histogram_of_durations; /* 1 ms to 1 day */

/* Zeroed = nothing yet. */
struct histogram {
	uint64_t counts[HISTOGRAM_BOUNDS +
			1]; /* of each bucket alone; the last is above all bounds */
	uint64_t sum_us;
};

void histogram_add(struct histogram *histogram, const struct histogram_bounds *bounds, uint64_t us);

/* How many were at most bounds->us[i]; for i = HISTOGRAM_BOUNDS how many there were at all. */
uint64_t histogram_up_to(const struct histogram *histogram, size_t i);

#endif
