/* admit: see admit.h. */
#include "admit/admit.h"

#include <string.h>
#include <sys/param.h>

/* Idle sources looked at per change: more than one, so that the table shrinks faster than it
 * grows. */
#define EXPIRE_STEP 2

void admit_init(struct admit *admit, const struct limits *limits, uint64_t now_ms)
{
	*admit = (struct admit){.limits = *limits};
	bucket_init(&admit->bucket, &limits->rate, now_ms);
	sources_init(&admit->sources);
}

void admit_close(struct admit *admit)
{
	sources_free(&admit->sources);
}

static bool rate_equal(const struct rate *a, const struct rate *b)
{
	return a->count == b->count && a->period_ms == b->period_ms && a->burst == b->burst;
}

void admit_update(struct admit *admit, const struct limits *limits, uint64_t now_ms)
{
	const struct limits *old = &admit->limits;

	if (!rate_equal(&old->rate, &limits->rate))
		bucket_rescale(&admit->bucket, &old->rate, &limits->rate, now_ms);
	if (!rate_equal(&old->per_source_rate, &limits->per_source_rate))
		sources_rescale(
			&admit->sources, &old->per_source_rate, &limits->per_source_rate, now_ms);
	admit->limits = *limits;
}

enum verdict admit_ready(struct admit *admit, uint64_t now_ms, uint64_t *wait_ms)
{
	const struct limits *limits = &admit->limits;

	*wait_ms = 0;
	if (!limits->instances || !limits->rate.count || !limits->per_source ||
		!limits->per_source_rate.count)
		return ADMIT_NEVER;
	if (admit->stats.running >= limits->instances)
		return ADMIT_FULL;
	*wait_ms = bucket_wait_ms(&admit->bucket, &limits->rate, now_ms);
	return *wait_ms ? ADMIT_RATE : ADMIT_OK;
}

void admit_set_access(struct admit *admit, const struct access *access)
{
	admit->access = access;
}

static struct source_key key_of(const struct admit *admit, const struct arrival *arrival)
{
	return source_key_of(
		arrival->peer, arrival->uid, admit->limits.prefix4, admit->limits.prefix6);
}

/* The most specific match decides; of two that are equally so, the one that denies. */
static bool is_let_in(const struct access *access, const struct sockaddr_len *peer)
{
	int yes = networks_match(&access->only_from, peer);
	int no = networks_match(&access->no_access, peer);

	return access->only_from.count ? yes > no : no < 0;
}

static enum verdict check_access(const struct admit *admit, const struct arrival *arrival)
{
	const struct access *access = admit->access;

	if (!access)
		return ADMIT_OK;
	if (arrival->peer && !is_let_in(access, arrival->peer))
		return ADMIT_DENIED;
	if (access->times.count && !week_contains(&access->times, arrival->week_minute))
		return ADMIT_TIMES;
	return ADMIT_OK;
}

void admit_refused(struct admit *admit, enum verdict verdict)
{
	admit->stats.refused[verdict]++;
}

enum verdict admit_access(struct admit *admit, const struct arrival *arrival)
{
	enum verdict verdict = check_access(admit, arrival);

	if (verdict != ADMIT_OK)
		admit_refused(admit, verdict);
	return verdict;
}

/* The part of one source. A source without an entry has nothing running and a full bucket. */
static enum verdict check_source(
	struct admit *admit, const struct source_key *key, uint64_t now_ms, uint64_t *wait_ms)
{
	struct source *source = sources_find(&admit->sources, key);

	if (!source)
		return ADMIT_OK;
	if (source->running >= admit->limits.per_source)
		return ADMIT_SOURCE_FULL;
	*wait_ms = bucket_wait_ms(&source->bucket, &admit->limits.per_source_rate, now_ms);
	return *wait_ms ? ADMIT_SOURCE_RATE : ADMIT_OK;
}

enum verdict admit_check(struct admit *admit, const struct arrival *arrival, uint64_t *wait_ms)
{
	enum verdict verdict = check_access(admit, arrival);

	*wait_ms = 0;
	if (verdict == ADMIT_OK)
		verdict = admit_ready(admit, arrival->now_ms, wait_ms);
	if (verdict == ADMIT_OK && arrival->peer) {
		struct source_key key = key_of(admit, arrival);

		verdict = check_source(admit, &key, arrival->now_ms, wait_ms);
	}
	if (verdict != ADMIT_OK)
		admit_refused(admit, verdict);
	return verdict;
}

enum verdict admit_commit(
	struct admit *admit, const struct arrival *arrival, struct admit_ticket *ticket)
{
	const struct rate *rate = &admit->limits.per_source_rate;
	struct source *source = NULL;
	uint64_t now_ms = arrival->now_ms;

	*ticket = (struct admit_ticket){0};
	if (arrival->peer) {
		struct source_key key = key_of(admit, arrival);

		sources_expire(&admit->sources, rate, now_ms, EXPIRE_STEP);
		source = sources_get(&admit->sources, &key, rate, now_ms);
		if (!source) {
			admit->stats.refused[ADMIT_MEMORY]++;
			return ADMIT_MEMORY;
		}
		sources_start(&admit->sources, source);
		bucket_take(&source->bucket, rate);
	}
	bucket_take(&admit->bucket, &admit->limits.rate);
	admit->stats.started++;
	admit->stats.running++;
	admit->stats.peak = MAX(admit->stats.peak, admit->stats.running);
	*ticket = (struct admit_ticket){.source = source, .held = true};
	return ADMIT_OK;
}

static void slot_free(struct admit *admit, struct admit_ticket *ticket)
{
	admit->stats.running--;
	if (ticket->source) {
		sources_end(&admit->sources, ticket->source);
		/* Time 0 = no time has passed: only what has nothing missing goes. */
		sources_expire(&admit->sources, &admit->limits.per_source_rate, 0, EXPIRE_STEP);
	}
	*ticket = (struct admit_ticket){0};
}

void admit_undo(struct admit *admit, struct admit_ticket *ticket)
{
	if (!ticket->held)
		return;
	bucket_give(&admit->bucket, &admit->limits.rate);
	if (ticket->source)
		bucket_give(&ticket->source->bucket, &admit->limits.per_source_rate);
	admit->stats.undone++;
	slot_free(admit, ticket);
}

void admit_release(struct admit *admit, struct admit_ticket *ticket)
{
	if (!ticket->held)
		return;
	admit->stats.ended++;
	slot_free(admit, ticket);
}

uint32_t admit_running_of(const struct admit_ticket *ticket)
{
	return ticket->source ? ticket->source->running : 0;
}

const char *admit_key(enum verdict verdict)
{
	static const char *const keys[ADMIT_VERDICTS] = {
		[ADMIT_OK] = "-",
		[ADMIT_FULL] = "instances",
		[ADMIT_RATE] = "rate",
		[ADMIT_NEVER] = "limit of 0",
		[ADMIT_SOURCE_FULL] = "per_source",
		[ADMIT_SOURCE_RATE] = "per_source_rate",
		[ADMIT_DENIED] = "access",
		[ADMIT_TIMES] = "access_times",
		[ADMIT_IGNORED] = "deny_time",
		[ADMIT_LOAD] = "max_load",
		[ADMIT_TOTAL] = "children",
		[ADMIT_MEMORY] = "memory",
	};

	return (unsigned)verdict < ADMIT_VERDICTS ? keys[verdict] : "-";
}
