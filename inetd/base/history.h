/* history: how many of something there were in each of the last seconds, without a timer. Pure. */
#ifndef BASE_HISTORY_H
#define BASE_HISTORY_H

#include <stdint.h>

#define HISTORY_SECONDS 60

/* Zeroed = nothing ever. */
struct history {
	uint64_t second;                  /* of the newest count */
	uint16_t counts[HISTORY_SECONDS]; /* by second modulo HISTORY_SECONDS; stays at its most */
};

/* One more, at that time of a clock that only goes forward. */
void history_add(struct history *history, uint64_t now_ms);

/* The counts of the last HISTORY_SECONDS seconds, the running one last. */
void history_read(const struct history *history, uint64_t now_ms, uint16_t out[HISTORY_SECONDS]);

#endif
