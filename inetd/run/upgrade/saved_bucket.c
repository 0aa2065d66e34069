/* saved_bucket: see saved_bucket.h. */
#include "run/upgrade/saved_bucket.h"

#include "run/upgrade/saved_list.h"

void saved_rate_put(FILE *out, const char *name, const struct rate *rate)
{
	if (rate->count == LIMIT_NONE) /* as for a field that is missing */
		return;
	saved_list_put(out, name, (const uint64_t[]){rate->count, rate->period_ms, rate->burst}, 3);
}

struct rate saved_rate_get(const struct record *record, const char *name)
{
	uint64_t list[3] = {LIMIT_NONE, 0, 0};

	saved_list_get(record, name, list, 3);
	return (struct rate){(uint32_t)list[0], (uint32_t)list[1], (uint32_t)list[2]};
}

void saved_bucket_put(FILE *out, const struct bucket *bucket)
{
	if (!bucket->missing) /* a full one has no history */
		return;
	record_number(out, "missing", bucket->missing);
	record_number(out, "missing_at", bucket->last_ms);
}

void saved_bucket_get(const struct record *record, struct bucket *bucket)
{
	bucket->missing = record_get_number(record, "missing");
	bucket->last_ms = record_get_number(record, "missing_at");
}
