/* hist: see hist.h. A value below 2^HIST_BITS is its own bucket. Any other is shifted right until
 * HIST_BITS + 1 bits are left; the shift and those bits make the bucket. */
#include "hist.h"

static unsigned bucket_of(uint64_t value)
{
	unsigned shift;

	if (value >> HIST_BITS == 0)
		return (unsigned)value;
	shift = 63 - (unsigned)__builtin_clzll(value) - HIST_BITS;
	return (shift << HIST_BITS) + (unsigned)(value >> shift);
}

/* The largest value of a bucket. */
static uint64_t bucket_top(unsigned bucket)
{
	unsigned shift;

	if (bucket >> (HIST_BITS + 1) == 0)
		return bucket;
	shift = (bucket >> HIST_BITS) - 1;
	return (((uint64_t)bucket - (shift << HIST_BITS) + 1) << shift) - 1;
}

void hist_add(struct hist *hist, uint64_t value)
{
	hist->count[bucket_of(value)]++;
	hist->total++;
}

uint64_t hist_percentile(const struct hist *hist, double fraction)
{
	uint64_t wanted = (uint64_t)(fraction * (double)hist->total), seen = 0;

	if (hist->total == 0)
		return 0;
	for (unsigned i = 0; i < HIST_BUCKETS; i++) {
		seen += hist->count[i];
		if (seen > wanted || seen == hist->total)
			return bucket_top(i);
	}
	return UINT64_MAX;
}
