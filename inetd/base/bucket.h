/* bucket: a token bucket in whole numbers. Pure. Kept as what is missing, not as what is there, so
 * that a zeroed bucket is a full one, whatever the rate. A rate of LIMIT_NONE always has a token,
 * a count of 0 never; a burst below 1 counts as 1. */
#ifndef BASE_BUCKET_H
#define BASE_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

#define LIMIT_NONE UINT32_MAX /* a count without a limit; 0 = none allowed */

/* `count` in each `period_ms`, as a token bucket that holds `burst`. */
struct rate {
	uint32_t count; /* LIMIT_NONE = no limit, 0 = none allowed */
	uint32_t period_ms;
	uint32_t burst;
};

/* Zeroed = full. */
struct bucket {
	uint64_t
		missing; /* from full, in units of 1/period_ms token: nothing is lost to rounding */
	uint64_t last_ms; /* when that was right */
};

/* A full bucket of this rate. */
void bucket_init(struct bucket *bucket, const struct rate *rate, uint64_t now_ms);

/* Refills up to now. A clock that goes back changes nothing. */
void bucket_refill(struct bucket *bucket, const struct rate *rate, uint64_t now_ms);

/* 0 if a token is there (after a refill), else milliseconds until one is, at least 1; UINT64_MAX
 * if never (a rate of 0). */
uint64_t bucket_wait_ms(struct bucket *bucket, const struct rate *rate, uint64_t now_ms);

/* Takes one token (bucket_wait_ms() returned 0), or gives one back (never above full). */
void bucket_take(struct bucket *bucket, const struct rate *rate);
void bucket_give(struct bucket *bucket, const struct rate *rate);

/* True if nothing is missing (after a refill): the bucket is the same as a new one. */
bool bucket_is_full(struct bucket *bucket, const struct rate *rate, uint64_t now_ms);

/* After a change of rate: the same share of the new burst. Full where either has no buckets (no
 * limit, or none allowed). */
void bucket_rescale(
	struct bucket *bucket, const struct rate *from, const struct rate *to, uint64_t now_ms);

#endif
