/* bucket: see bucket.h. In a millisecond a bucket gains `count` units; a token is `period_ms` of
 * them. 32-bit counts, periods and bursts keep every product below 2^64. */
#include "base/bucket.h"

#include <sys/param.h>

static bool is_counted(const struct rate *rate)
{
	return rate->count != LIMIT_NONE && rate->count != 0;
}

static uint64_t token_units(const struct rate *rate)
{
	return MAX(rate->period_ms, 1);
}

static uint64_t full_units(const struct rate *rate)
{
	return MAX(rate->burst, 1) * token_units(rate);
}

static uint64_t divide_up(uint64_t value, uint64_t by)
{
	return value / by + (value % by != 0);
}

void bucket_init(struct bucket *bucket, const struct rate *rate, uint64_t now_ms)
{
	(void)rate;
	*bucket = (struct bucket){.last_ms = now_ms};
}

void bucket_refill(struct bucket *bucket, const struct rate *rate, uint64_t now_ms)
{
	uint64_t elapsed_ms;

	if (now_ms <= bucket->last_ms)
		return;
	elapsed_ms = now_ms - bucket->last_ms;
	bucket->last_ms = now_ms;
	if (!is_counted(rate) || elapsed_ms >= divide_up(bucket->missing, rate->count))
		bucket->missing = 0;
	else
		bucket->missing -= elapsed_ms * rate->count;
}

uint64_t bucket_wait_ms(struct bucket *bucket, const struct rate *rate, uint64_t now_ms)
{
	uint64_t allowed = full_units(rate) - token_units(rate);

	bucket_refill(bucket, rate, now_ms);
	if (rate->count == LIMIT_NONE)
		return 0;
	if (rate->count == 0)
		return UINT64_MAX;
	if (bucket->missing <= allowed)
		return 0;
	return divide_up(bucket->missing - allowed, rate->count);
}

void bucket_take(struct bucket *bucket, const struct rate *rate)
{
	if (is_counted(rate))
		bucket->missing = MIN(bucket->missing + token_units(rate), full_units(rate));
}

void bucket_give(struct bucket *bucket, const struct rate *rate)
{
	if (is_counted(rate))
		bucket->missing -= MIN(bucket->missing, token_units(rate));
}

bool bucket_is_full(struct bucket *bucket, const struct rate *rate, uint64_t now_ms)
{
	bucket_refill(bucket, rate, now_ms);
	return !is_counted(rate) || bucket->missing == 0;
}

/* value * to / from, rounded down, for a value of at most `from`: the product may take 128 bits,
 * which not every machine has. Bit by bit, from the highest of `to`: at each step
 * value * (the bits so far) is result * from + rest. */
static uint64_t scale(uint64_t value, uint64_t to, uint64_t from)
{
	uint64_t result = 0, rest = 0;

	for (int bit = 63; bit >= 0; bit--) {
		bool over = rest >= from - rest;

		rest = over ? rest - (from - rest) : 2 * rest;
		result = 2 * result + over;
		if (!(to >> bit & 1))
			continue;
		over = rest >= from - value;
		rest = over ? rest - (from - value) : rest + value;
		result += over;
	}
	return result;
}

void bucket_rescale(
	struct bucket *bucket, const struct rate *from, const struct rate *to, uint64_t now_ms)
{
	bucket_refill(bucket, from, now_ms);
	if (!is_counted(from) || !is_counted(to)) {
		bucket->missing = 0;
		return;
	}
	bucket->missing = scale(bucket->missing, full_units(to), full_units(from));
}
