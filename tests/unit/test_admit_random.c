/* Admission against a slow reference that remembers everything and counts each millisecond: a
 * million random arrivals, undos, releases and reloads. */
#include "unit.h"

#include <string.h>

#include "admit/admit.h"

#define SOURCES 40
#define TICKETS 300

/* A bucket's level in 1/period token. */
struct slow_bucket {
	uint64_t level;
};

struct slow {
	struct limits limits;
	struct slow_bucket bucket, sources[SOURCES];
	uint32_t running, source_running[SOURCES];
	uint64_t started, ended, undone;
	uint64_t now_ms;
};

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
		for (int i = 0; i < SOURCES; i++)
			slow_tick(&slow->sources[i], &slow->limits.per_source_rate);
	}
}

static enum verdict slow_check(const struct slow *slow, int source)
{
	const struct limits *limits = &slow->limits;

	if (!limits->instances || !limits->rate.count || !limits->per_source ||
		!limits->per_source_rate.count)
		return ADMIT_NEVER;
	if (slow->running >= limits->instances)
		return ADMIT_FULL;
	if (!slow_has(&slow->bucket, &limits->rate))
		return ADMIT_RATE;
	if (slow->source_running[source] >= limits->per_source)
		return ADMIT_SOURCE_FULL;
	if (!slow_has(&slow->sources[source], &limits->per_source_rate))
		return ADMIT_SOURCE_RATE;
	return ADMIT_OK;
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
	for (int i = 0; i < SOURCES; i++)
		slow_change(
			&slow->sources[i], &slow->limits.per_source_rate, &limits->per_source_rate);
	slow->limits = *limits;
}

static struct rate random_rate(uint64_t *seed)
{
	struct rate rate = {LIMIT_NONE, 1 + unit_random(seed) % 500, 1 + unit_random(seed) % 30};

	switch (unit_random(seed) % 8) {
	case 0:
		break;
	case 1:
		rate.count = 0;
		break;
	default:
		rate.count = 1 + unit_random(seed) % 30;
	}
	return rate;
}

static uint32_t random_count(uint64_t *seed, uint32_t most)
{
	uint32_t pick = unit_random(seed) % 16;

	return pick == 0 ? 0 : pick == 1 ? LIMIT_NONE : 1 + unit_random(seed) % most;
}

static struct limits random_limits(uint64_t *seed)
{
	return (struct limits){
		.instances = random_count(seed, TICKETS),
		.per_source = random_count(seed, 20),
		.rate = random_rate(seed),
		.per_source_rate = random_rate(seed),
		.prefix4 = 32,
		.prefix6 = 64,
	};
}

static struct sockaddr_len peer_of(const char *text)
{
	struct sockaddr_len peer;

	assert_true(sockaddr_parse(text, &peer));
	return peer;
}

/* Half of the sources come over IPv6; those of IPv4 come plain or mapped, as it happens. */
static struct sockaddr_len random_peer(int source, uint64_t *seed)
{
	char text[64];

	if (source % 2)
		snprintf(text, sizeof(text), "2001:db8:0:%x::%x", source,
			unit_random(seed) & 0xffff);
	else
		snprintf(text, sizeof(text), "%s10.0.0.%d", unit_random(seed) % 2 ? "::ffff:" : "",
			source);
	return peer_of(text);
}

struct pair {
	struct admit admit;
	struct slow slow;
	struct admit_ticket tickets[TICKETS];
	int ticket_source[TICKETS];
	int ticket_count;
	uint64_t seed, verdicts[ADMIT_VERDICTS];
};

static void pair_arrive(struct pair *pair)
{
	int source = (int)(unit_random(&pair->seed) % SOURCES);
	struct sockaddr_len peer = random_peer(source, &pair->seed);
	uint64_t wait_ms, now_ms = pair->slow.now_ms;
	enum verdict want = slow_check(&pair->slow, source);

	assert_int_equal(
		admit_check(&pair->admit, &(struct arrival){&peer, 0, now_ms, 0}, &wait_ms), want);
	pair->verdicts[want]++;
	if (want != ADMIT_OK || pair->ticket_count == TICKETS)
		return;
	assert_int_equal(admit_commit(&pair->admit, &(struct arrival){&peer, 0, now_ms, 0},
				 &pair->tickets[pair->ticket_count]),
		ADMIT_OK);
	pair->ticket_source[pair->ticket_count++] = source;
	slow_move(&pair->slow.bucket, &pair->slow.limits.rate, false);
	slow_move(&pair->slow.sources[source], &pair->slow.limits.per_source_rate, false);
	pair->slow.running++;
	pair->slow.started++;
	assert_int_equal(admit_running_of(&pair->tickets[pair->ticket_count - 1]),
		++pair->slow.source_running[source]);
}

static void pair_end(struct pair *pair, bool undo)
{
	int i = (int)(unit_random(&pair->seed) % (unsigned)pair->ticket_count);
	int source = pair->ticket_source[i];

	if (undo) {
		admit_undo(&pair->admit, &pair->tickets[i]);
		slow_move(&pair->slow.bucket, &pair->slow.limits.rate, true);
		slow_move(&pair->slow.sources[source], &pair->slow.limits.per_source_rate, true);
		pair->slow.undone++;
	} else {
		admit_release(&pair->admit, &pair->tickets[i]);
		pair->slow.ended++;
	}
	pair->slow.running--;
	pair->slow.source_running[source]--;
	pair->ticket_count--;
	pair->tickets[i] = pair->tickets[pair->ticket_count];
	pair->ticket_source[i] = pair->ticket_source[pair->ticket_count];
}

static void pair_start(struct pair *pair)
{
	struct slow *slow = &pair->slow;

	*slow = (struct slow){.limits = random_limits(&pair->seed), .now_ms = 1000};
	slow->bucket.level = full(&slow->limits.rate);
	for (int i = 0; i < SOURCES; i++)
		slow->sources[i].level = full(&slow->limits.per_source_rate);
	admit_init(&pair->admit, &slow->limits, slow->now_ms);
}

static void pair_finish(struct pair *pair)
{
	while (pair->ticket_count)
		pair_end(pair, false);
	assert_int_equal(pair->admit.stats.running, 0);
	assert_int_equal(pair->admit.sources.idle_count, pair->admit.sources.count);
	for (int i = 0; i < ADMIT_VERDICTS; i++)
		assert_int_equal(
			pair->admit.stats.refused[i], i == ADMIT_OK ? 0 : pair->verdicts[i]);
	admit_close(&pair->admit);
}

static void test_random(void **state)
{
	static struct pair pair = {.seed = 0xadd};
	unsigned most = unit_rounds(1000000);

	(void)state;
	pair_start(&pair);
	for (unsigned i = 0; i < most; i++) {
		uint32_t pick = unit_random(&pair.seed) % 1000;

		if (pick < 2) {
			struct limits limits = random_limits(&pair.seed);

			admit_update(&pair.admit, &limits, pair.slow.now_ms);
			slow_update(&pair.slow, &limits);
		} else if (pick < 150) {
			slow_pass(&pair.slow, unit_random(&pair.seed) % 30);
		} else if (pick < 550 && pair.ticket_count) {
			pair_end(&pair, pick < 300);
		}
		pair_arrive(&pair);
		assert_int_equal(pair.admit.stats.running, pair.slow.running);
		assert_int_equal(pair.admit.stats.started, pair.slow.started);
		assert_int_equal(pair.admit.stats.ended, pair.slow.ended);
		assert_int_equal(pair.admit.stats.undone, pair.slow.undone);
	}
	if (most == 1000000)
		for (int i = 0; i < ADMIT_MEMORY; i++)
			assert_true(pair.verdicts[i] > 1000);
	pair_finish(&pair);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests_name("admit/random", tests, NULL, NULL);
}
