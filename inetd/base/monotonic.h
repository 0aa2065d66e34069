/* monotonic: the clock that only goes forward, for programs without a loop (base/loop.h). */
#ifndef BASE_MONOTONIC_H
#define BASE_MONOTONIC_H

#include <stdint.h>

/* Milliseconds since an unspecified moment. clock_gettime(2), CLOCK_MONOTONIC. */
uint64_t monotonic_ms(void);

#endif
