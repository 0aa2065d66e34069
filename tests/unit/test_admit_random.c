/* Admission against a slow reference (admit_slow.h): a million random arrivals, undos, releases and
 * reloads, with limits, networks, times, exempt and ignored sources. */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "admit_slow.h"

#define TICKETS 300

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

/* Those of IPv4 come plain or mapped, as it happens. */
static struct sockaddr_len random_peer(unsigned source, uint64_t *seed)
{
	char text[64];

	switch (slow_kind_of(source)) {
	case SLOW_V4:
		snprintf(text, sizeof(text), "%s10.0.0.%u", unit_random(seed) % 2 ? "::ffff:" : "",
			source);
		return peer_of(text);
	case SLOW_V6:
		snprintf(text, sizeof(text), "2001:db8:0:%x::%x", source,
			unit_random(seed) & 0xffff);
		return peer_of(text);
	default:
		return (struct sockaddr_len){
			.len = sizeof(sa_family_t), .addr.sa.sa_family = AF_UNIX};
	}
}

/* An access and the memory of its lists. */
struct lists {
	struct access access;
	struct network networks[3][SLOW_NETWORKS];
	struct week_span spans[WEEK_PIECE];
};

struct pair {
	struct admit admit;
	struct limits limits[2]; /* in force, and the ones before or to come */
	bool second;
	struct slow slow;
	struct lists lists;
	struct admit_ticket tickets[TICKETS];
	unsigned ticket_source[TICKETS];
	bool ticket_exempt[TICKETS];
	unsigned ticket_count;
	uint64_t seed, verdicts[ADMIT_VERDICTS];
};

/* Up to `most` networks of up to 32 sources each, the same for both. */
static struct networks random_networks(
	struct network *list, struct slow_networks *slow, unsigned most, uint64_t *seed)
{
	slow->count = unit_random(seed) % (most + 1);
	for (size_t i = 0; i < slow->count; i++) {
		unsigned bits = unit_random(seed) % 6,
			 from = unit_random(seed) % SOURCES >> bits << bits;
		bool v4 = unit_random(seed) % 2;
		char text[64];

		slow->list[i] = (struct slow_network){v4 ? SLOW_V4 : SLOW_V6, from, 1u << bits};
		if (v4)
			snprintf(text, sizeof(text), "10.0.0.%u/%u", from, 32 - bits);
		else
			snprintf(text, sizeof(text), "2001:db8:0:%x::/%u", from, 64 - bits);
		assert_int_equal(network_parse(text, &list[i]), NETWORK_OK);
	}
	return (struct networks){list, slow->count, NULL};
}

static struct week_spans random_times(struct lists *lists, struct slow *slow, uint64_t *seed)
{
	struct week_spans times = {lists->spans, unit_random(seed) % 3};

	slow->timed = times.count > 0;
	memset(slow->open, 0, sizeof(slow->open));
	for (size_t i = 0; i < times.count; i++) {
		unsigned from = unit_random(seed) % WEEK_MINUTES;
		unsigned minutes = 1 + unit_random(seed) % WEEK_MINUTES;

		lists->spans[i] = (struct week_span){(uint16_t)from, (uint16_t)minutes};
		for (unsigned j = 0; j < minutes; j++)
			slow->open[(from + j) % WEEK_MINUTES] = true;
	}
	return times;
}

static void pair_access(struct pair *pair)
{
	struct slow *slow = &pair->slow;
	struct lists *lists = &pair->lists;
	uint64_t *seed = &pair->seed;
	bool only = unit_random(seed) % 2;

	lists->access.only_from =
		random_networks(lists->networks[0], &slow->only, only ? SLOW_NETWORKS : 0, seed);
	lists->access.no_access = random_networks(lists->networks[1], &slow->no, 4, seed);
	lists->access.exempt = random_networks(lists->networks[2], &slow->exempt, 2, seed);
	lists->access.times = random_times(lists, slow, seed);
	slow->deny_ms = unit_random(seed) % 4 ? 1 + unit_random(seed) % 200 : 0;
	slow->deny_after = 1 + unit_random(seed) % 10;
	if (!slow->deny_ms)
		memset(slow->denied, 0, sizeof(slow->denied));
	lists->access.deny_ms = slow->deny_ms;
	lists->access.deny_after = slow->deny_after;
	admit_set_access(&pair->admit, &lists->access);
}

static void pair_arrive(struct pair *pair)
{
	struct slow *slow = &pair->slow;
	unsigned source = unit_random(&pair->seed) % SOURCES;
	struct sockaddr_len peer = random_peer(source, &pair->seed);
	struct arrival arrival = {
		&peer, source, slow->now_ms, unit_random(&pair->seed) % WEEK_MINUTES, NULL};
	uint64_t wait_ms;
	enum verdict want = slow_check(slow, source, arrival.week_minute);
	bool exempt = slow_is_exempt(slow, source);
	struct slow_source *counted = &slow->sources[exempt][source];

	assert_int_equal(admit_check(&pair->admit, &arrival, &wait_ms), want);
	pair->verdicts[want]++;
	slow_refuse(slow, source, want);
	if (want != ADMIT_OK || pair->ticket_count == TICKETS)
		return;
	assert_int_equal(
		admit_commit(&pair->admit, &arrival, &pair->tickets[pair->ticket_count]), ADMIT_OK);
	pair->ticket_source[pair->ticket_count] = source;
	pair->ticket_exempt[pair->ticket_count] = exempt;
	slow_move(&slow->bucket, &slow->limits.rate, false);
	slow_move(&counted->bucket, &slow->limits.per_source_rate, false);
	slow->running++;
	slow->started++;
	assert_int_equal(
		admit_running_of(&pair->tickets[pair->ticket_count++]), ++counted->running);
}

static void pair_end(struct pair *pair, bool undo)
{
	unsigned i = unit_random(&pair->seed) % pair->ticket_count;
	struct slow *slow = &pair->slow;
	struct slow_source *counted =
		&slow->sources[pair->ticket_exempt[i]][pair->ticket_source[i]];

	if (undo) {
		admit_undo(&pair->admit, &pair->tickets[i]);
		slow_move(&slow->bucket, &slow->limits.rate, true);
		slow_move(&counted->bucket, &slow->limits.per_source_rate, true);
		slow->undone++;
	} else {
		admit_release(&pair->admit, &pair->tickets[i]);
		slow->ended++;
	}
	slow->running--;
	counted->running--;
	pair->ticket_count--;
	pair->tickets[i] = pair->tickets[pair->ticket_count];
	pair->ticket_source[i] = pair->ticket_source[pair->ticket_count];
	pair->ticket_exempt[i] = pair->ticket_exempt[pair->ticket_count];
}

static void pair_start(struct pair *pair)
{
	struct slow *slow = &pair->slow;

	*slow = (struct slow){.limits = random_limits(&pair->seed), .now_ms = 1000};
	slow->bucket.level = full(&slow->limits.rate);
	for (int i = 0; i < 2 * SOURCES; i++)
		slow->sources[i / SOURCES][i % SOURCES].bucket.level =
			full(&slow->limits.per_source_rate);
	pair->limits[0] = slow->limits;
	pair->second = false;
	admit_init(&pair->admit, &pair->limits[0], slow->now_ms);
	pair_access(pair);
}

static void pair_finish(struct pair *pair)
{
	while (pair->ticket_count)
		pair_end(pair, false);
	assert_int_equal(pair->admit.stats.running, 0);
	if (pair->admit.sources)
		assert_int_equal(pair->admit.sources->idle_count, pair->admit.sources->count);
	for (int i = 0; i < ADMIT_VERDICTS; i++)
		assert_int_equal(
			pair->admit.stats.refused[i], i == ADMIT_OK ? 0 : pair->verdicts[i]);
	admit_close(&pair->admit);
}

/* One of the things that happen between two arrivals, or none. */
static void pair_between(struct pair *pair)
{
	uint32_t pick = unit_random(&pair->seed) % 1000;

	if (pick < 2) {
		struct limits *limits = &pair->limits[pair->second = !pair->second];

		*limits = random_limits(&pair->seed);
		admit_update(&pair->admit, limits, pair->slow.now_ms);
		slow_update(&pair->slow, limits);
	} else if (pick < 5) {
		pair_access(pair);
	} else if (pick < 150) {
		slow_pass(&pair->slow, unit_random(&pair->seed) % 30);
	} else if (pick < 550 && pair->ticket_count) {
		pair_end(pair, pick < 300);
	}
}

static void test_random(void **state)
{
	static const enum verdict seen[] = {ADMIT_OK, ADMIT_FULL, ADMIT_RATE, ADMIT_NEVER,
		ADMIT_SOURCE_FULL, ADMIT_SOURCE_RATE, ADMIT_DENIED, ADMIT_TIMES, ADMIT_IGNORED};
	static struct pair pair = {.seed = 0xadd};
	unsigned most = unit_rounds(1000000);

	(void)state;
	pair_start(&pair);
	for (unsigned i = 0; i < most; i++) {
		pair_between(&pair);
		pair_arrive(&pair);
		assert_int_equal(pair.admit.stats.running, pair.slow.running);
		assert_int_equal(pair.admit.stats.started, pair.slow.started);
		assert_int_equal(pair.admit.stats.ended, pair.slow.ended);
		assert_int_equal(pair.admit.stats.undone, pair.slow.undone);
	}
	for (size_t i = 0; i < COUNT(seen) && most == 1000000; i++) {
		print_message(
			"# %s: %lu\n", verdict_key(seen[i]), (unsigned long)pair.verdicts[seen[i]]);
		assert_true(pair.verdicts[seen[i]] > 1000);
	}
	pair_finish(&pair);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests_name("admit/random", tests, NULL, NULL);
}
