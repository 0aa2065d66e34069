/* admit_slow: an obvious and slow admission, to hold the real one against: it remembers everything
 * and counts each millisecond. */
#ifndef UNIT_ADMIT_SLOW_H
#define UNIT_ADMIT_SLOW_H

#include <limits.h>
#include <stdbool.h>

#include "admit/admit.h"

#define SOURCES       48
#define SLOW_NETWORKS 6

enum slow_kind { SLOW_V4, SLOW_V6, SLOW_UNIX };

/* A bucket's level in 1/period token. */
struct slow_bucket {
	uint64_t level;
};

/* Networks of the reference: `size` sources from `from` on, of one kind. */
struct slow_network {
	enum slow_kind kind;
	unsigned from, size;
};

struct slow_networks {
	struct slow_network list[SLOW_NETWORKS];
	size_t count;
};

struct slow_source {
	struct slow_bucket bucket;
	uint32_t running;
};

/* What a source was refused: since when, how often. */
struct slow_denied {
	uint64_t since_ms;
	uint32_t refusals;
};

struct slow {
	struct limits limits;
	struct slow_bucket bucket;
	struct slow_source sources[2][SOURCES]; /* [1]: counted while it was exempt */
	struct slow_denied denied[SOURCES];
	struct slow_networks only, no, exempt;
	bool timed, open[WEEK_MINUTES];
	uint32_t deny_ms, deny_after;
	uint32_t running;
	uint64_t started, ended, undone;
	uint64_t now_ms;
};

/* Every fourth source is a unix peer, the others are of both families. */
static enum slow_kind slow_kind_of(unsigned source)
{
	return source % 4 == 3 ? SLOW_UNIX : source % 2 ? SLOW_V6 : SLOW_V4;
}

/* How many sources the smallest network holds that has this one, or none. */
static unsigned slow_smallest(const struct slow_networks *networks, unsigned source)
{
	unsigned smallest = UINT_MAX;

	for (size_t i = 0; i < networks->count; i++) {
		const struct slow_network *one = &networks->list[i];

		if (one->kind == slow_kind_of(source) && source >= one->from &&
			source < one->from + one->size && one->size < smallest)
			smallest = one->size;
	}
	return smallest;
}

static bool slow_is_exempt(const struct slow *slow, unsigned source)
{
	return slow_smallest(&slow->exempt, source) != UINT_MAX;
}

static bool slow_let_in(const struct slow *slow, unsigned source)
{
	unsigned only = slow_smallest(&slow->only, source), no = slow_smallest(&slow->no, source);

	if (slow_kind_of(source) == SLOW_UNIX)
		return true;
	return slow->only.count ? only < no : no == UINT_MAX;
}

static uint64_t full(const struct rate *rate)
{
	return (uint64_t)rate->burst * rate->period_ms;
}

static void slow_tick(struct slow_bucket *bucket, const struct rate *rate)
{
	if (rate->count != LIMIT_NONE && rate->count)
		bucket->level += rate->count;
	if (bucket->level > full(rate))
		bucket->level = full(rate);
}

static bool slow_has(const struct slow_bucket *bucket, const struct rate *rate)
{
	return rate->count == LIMIT_NONE || bucket->level >= rate->period_ms;
}

static void slow_pass(struct slow *slow, uint64_t ms)
{
	for (; ms; ms--, slow->now_ms++) {
		slow_tick(&slow->bucket, &slow->limits.rate);
		for (int i = 0; i < 2 * SOURCES; i++)
			slow_tick(&slow->sources[i / SOURCES][i % SOURCES].bucket,
				&slow->limits.per_source_rate);
	}
}

static enum verdict slow_check(const struct slow *slow, unsigned source, unsigned minute)
{
	const struct limits *limits = &slow->limits;
	const struct slow_denied *denied = &slow->denied[source];
	bool exempt = slow_is_exempt(slow, source);
	const struct slow_source *counted = &slow->sources[exempt][source];

	if (!exempt && slow->deny_ms && denied->refusals >= slow->deny_after &&
		slow->now_ms < denied->since_ms + slow->deny_ms)
		return ADMIT_IGNORED;
	if (!slow_let_in(slow, source))
		return ADMIT_DENIED;
	if (slow->timed && !slow->open[minute])
		return ADMIT_TIMES;
	if (!limits->instances || !limits->rate.count)
		return ADMIT_NEVER;
	if ((!limits->per_source || !limits->per_source_rate.count) && !slow->exempt.count)
		return ADMIT_NEVER;
	if (slow->running >= limits->instances)
		return ADMIT_FULL;
	if (!slow_has(&slow->bucket, &limits->rate))
		return ADMIT_RATE;
	if (exempt)
		return ADMIT_OK;
	if (counted->running >= limits->per_source)
		return ADMIT_SOURCE_FULL;
	if (!limits->per_source_rate.count || !slow_has(&counted->bucket, &limits->per_source_rate))
		return ADMIT_SOURCE_RATE;
	return ADMIT_OK;
}

/* What a refusal means for later ones. */
static void slow_refuse(struct slow *slow, unsigned source, enum verdict verdict)
{
	struct slow_denied *denied = &slow->denied[source];

	if (verdict != ADMIT_DENIED && verdict != ADMIT_SOURCE_FULL && verdict != ADMIT_SOURCE_RATE)
		return;
	if (!slow->deny_ms || slow_is_exempt(slow, source))
		return;
	if (!denied->refusals || slow->now_ms >= denied->since_ms + slow->deny_ms)
		*denied = (struct slow_denied){slow->now_ms, 0};
	if (denied->refusals < slow->deny_after && ++denied->refusals == slow->deny_after)
		denied->since_ms = slow->now_ms;
}

static void slow_move(struct slow_bucket *bucket, const struct rate *rate, bool give)
{
	if (rate->count == LIMIT_NONE || !rate->count)
		return;
	bucket->level += give ? rate->period_ms : -(uint64_t)rate->period_ms;
	if (bucket->level > full(rate))
		bucket->level = full(rate);
}

static void slow_change(struct slow_bucket *bucket, const struct rate *from, const struct rate *to)
{
	bool counted =
		from->count && from->count != LIMIT_NONE && to->count && to->count != LIMIT_NONE;
	uint64_t missing = full(from) - bucket->level;

	if (from->count == to->count && from->period_ms == to->period_ms &&
		from->burst == to->burst)
		return;
	bucket->level = full(to) - (counted ? missing * full(to) / full(from) : 0);
}

static void slow_update(struct slow *slow, const struct limits *limits)
{
	slow_change(&slow->bucket, &slow->limits.rate, &limits->rate);
	for (int i = 0; i < 2 * SOURCES; i++)
		slow_change(&slow->sources[i / SOURCES][i % SOURCES].bucket,
			&slow->limits.per_source_rate, &limits->per_source_rate);
	slow->limits = *limits;
}

#endif
