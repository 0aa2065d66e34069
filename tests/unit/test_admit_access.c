/* Who is admitted when: lists, times, exempt and ignored sources, the order in which they are
 * asked, and what a flood of others and a clock that jumps do to somebody who keeps his limits. */
#include "unit.h"

#include <string.h>

#include "admit/admit.h"

#define MONDAY_NOON (12 * 60)
#define MONDAY_NINE (9 * 60)
#define MIDNIGHT    0

static const struct limits open_limits = {
	.instances = LIMIT_NONE,
	.per_source = LIMIT_NONE,
	.rate = {LIMIT_NONE, 1000, 0},
	.per_source_rate = {LIMIT_NONE, 1000, 0},
	.prefix4 = 32,
	.prefix6 = 64,
};

static struct network networks[4];
static const struct week_span office[] = {{MONDAY_NINE, 480}};

static struct networks list_of(int place, const char *text)
{
	if (!text)
		return (struct networks){0};
	assert_int_equal(network_parse(text, &networks[place]), NETWORK_OK);
	return (struct networks){&networks[place], 1, NULL};
}

static struct sockaddr_len peer_of(const char *text)
{
	struct sockaddr_len peer = {.len = sizeof(sa_family_t), .addr.sa.sa_family = AF_UNIX};

	if (strcmp(text, "unix") != 0)
		assert_true(sockaddr_parse(text, &peer));
	return peer;
}

/* What comes first, then what the arrival under test hears. `busy`, if set, runs already. */
static const struct row {
	const char *name, *only, *no, *exempt;
	bool office;
	uint32_t instances, per_source;
	uint32_t refused; /* how often it was refused before, of 2 */
	const char *busy, *peer;
	unsigned minute;
	enum verdict verdict;
} rows[] = {
	{"anybody", NULL, NULL, NULL, false, 9, 9, 0, NULL, "10.0.0.1", MIDNIGHT, ADMIT_OK},
	{"listed", "10.0.0.0/8", NULL, NULL, false, 9, 9, 0, NULL, "10.0.0.1", 0, ADMIT_OK},
	{"mapped", "10.0.0.0/8", NULL, NULL, false, 9, 9, 0, NULL, "::ffff:10.0.0.1", 0, ADMIT_OK},
	{"unlisted", "10.0.0.0/8", NULL, NULL, false, 9, 9, 0, NULL, "11.0.0.1", 0, ADMIT_DENIED},
	{"unlisted IPv6", "10.0.0.0/8", NULL, NULL, false, 9, 9, 0, NULL, "::1", 0, ADMIT_DENIED},
	{"all of IPv6", "::/0", NULL, NULL, false, 9, 9, 0, NULL, "10.0.0.1", 0, ADMIT_DENIED},
	{"unix is on no list", "10.0.0.0/8", NULL, NULL, false, 9, 9, 0, NULL, "unix", 0, ADMIT_OK},
	{"tie", "10.0.0.0/8", "10.0.0.0/8", NULL, false, 9, 9, 0, NULL, "10.0.0.1", 0,
		ADMIT_DENIED},
	{"at noon", NULL, NULL, NULL, true, 9, 9, 0, NULL, "10.0.0.1", MONDAY_NOON, ADMIT_OK},
	{"at night", NULL, NULL, NULL, true, 9, 9, 0, NULL, "10.0.0.1", MIDNIGHT, ADMIT_TIMES},
	{"unix at night", NULL, NULL, NULL, true, 9, 9, 0, NULL, "unix", MIDNIGHT, ADMIT_TIMES},
	{"exempt at night", NULL, NULL, "10.0.0.1", true, 9, 9, 0, NULL, "10.0.0.1", MIDNIGHT,
		ADMIT_TIMES},
	{"exempt is not listed", "11.0.0.0/8", NULL, "10.0.0.1", false, 9, 9, 0, NULL, "10.0.0.1",
		0, ADMIT_DENIED},
	{"its share", NULL, NULL, NULL, false, 9, 1, 0, "10.0.0.1", "10.0.0.1", 0,
		ADMIT_SOURCE_FULL},
	{"exempt has no share", NULL, NULL, "10.0.0.0/24", false, 9, 1, 0, "10.0.0.1", "10.0.0.1",
		0, ADMIT_OK},
	{"mapped, exempt", NULL, NULL, "10.0.0.0/24", false, 9, 1, 0, "10.0.0.1", "::ffff:10.0.0.1",
		0, ADMIT_OK},
	{"exempt counts in instances", NULL, NULL, "10.0.0.0/24", false, 1, 1, 0, "10.0.0.1",
		"10.0.0.1", 0, ADMIT_FULL},
	{"none of a source, but exempt", NULL, NULL, "10.0.0.0/24", false, 9, 0, 0, NULL,
		"10.0.0.1", 0, ADMIT_OK},
	{"none of a source, others exempt", NULL, NULL, "10.0.0.0/24", false, 9, 0, 0, NULL,
		"10.0.1.1", 0, ADMIT_SOURCE_FULL},
	{"refused once", NULL, NULL, NULL, false, 9, 9, 1, NULL, "10.0.0.1", 0, ADMIT_OK},
	{"refused twice", NULL, NULL, NULL, false, 9, 9, 2, NULL, "10.0.0.1", 0, ADMIT_IGNORED},
	{"refused, exempt", NULL, NULL, "10.0.0.0/24", false, 9, 9, 2, NULL, "10.0.0.1", 0,
		ADMIT_OK},
	/* the order */
	{"ignored, then denied", "11.0.0.0/8", NULL, NULL, true, 1, 1, 2, "10.0.0.1", "10.0.0.1", 0,
		ADMIT_IGNORED},
	{"denied, then times", "11.0.0.0/8", NULL, NULL, true, 1, 1, 0, "10.0.0.1", "10.0.0.1", 0,
		ADMIT_DENIED},
	{"times, then the service", NULL, NULL, NULL, true, 1, 1, 0, "10.0.0.1", "10.0.0.1", 0,
		ADMIT_TIMES},
	{"the service, then the source", NULL, NULL, NULL, false, 1, 1, 0, "10.0.0.1", "10.0.0.1",
		0, ADMIT_FULL},
};

/* Has the peer refused by a list, as often as the row says. */
static void refuse_before(struct admit *admit, const struct row *row, struct access *access)
{
	struct sockaddr_len peer = peer_of(row->peer);
	struct access strict = {.deny_ms = access->deny_ms, .deny_after = access->deny_after};

	strict.no_access = list_of(3, "10.0.0.0/8");
	admit_set_access(admit, &strict);
	for (uint32_t i = 0; i < row->refused; i++)
		assert_int_equal(admit_access(admit, &(struct arrival){&peer, 0, 1000, 0, NULL}),
			ADMIT_DENIED);
	admit_set_access(admit, access);
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct row *row = &rows[i];
		struct limits limits = open_limits;
		struct access access = {.deny_ms = 60000, .deny_after = 2};
		struct sockaddr_len peer = peer_of(row->peer), busy;
		struct arrival arrival = {&peer, 1000, 1000, row->minute, NULL};
		struct admit_ticket ticket;
		struct admit admit;
		uint64_t before;
		uint64_t wait_ms;
		enum verdict verdict;

		print_message("# %s\n", row->name);
		access.only_from = list_of(0, row->only);
		access.no_access = list_of(1, row->no);
		access.exempt = list_of(2, row->exempt);
		access.times = (struct week_spans){office, row->office};
		limits.instances = row->instances;
		limits.per_source = row->per_source;
		admit_init(&admit, &limits, 1000);
		refuse_before(&admit, row, &access);
		if (row->busy) {
			busy = peer_of(row->busy);
			assert_int_equal(
				admit_commit(&admit, &(struct arrival){&busy, 0, 1000, 0, NULL},
					&ticket),
				ADMIT_OK);
		}
		before = admit.stats.refused[row->verdict];
		verdict = admit_check(&admit, &arrival, &wait_ms);
		assert_int_equal(verdict, row->verdict);
		assert_int_equal(wait_ms, 0);
		assert_int_equal(admit.stats.refused[verdict] - before, verdict != ADMIT_OK);
		if (verdict == ADMIT_IGNORED || verdict == ADMIT_DENIED || verdict == ADMIT_TIMES)
			assert_int_equal(admit_access(&admit, &arrival), verdict);
		else
			assert_int_equal(admit_access(&admit, &arrival), ADMIT_OK);
		admit_close(&admit);
	}
}

/* What counts against a source: its address and its own limits; not the hour, not the service's. */
static void test_what_counts_against_a_source(void **state)
{
	struct access access = {.deny_ms = 60000, .deny_after = 2};
	struct limits limits = open_limits;
	struct sockaddr_len peer = peer_of("10.0.0.1"), unix_peer = peer_of("unix");
	struct arrival arrival = {&peer, 0, 1000, 0, NULL}, local = {&unix_peer, 7, 1000, 0, NULL};
	struct admit_ticket ticket;
	struct admit admit;
	uint64_t wait_ms;

	(void)state;
	limits.instances = 1;
	limits.per_source = 1;
	access.times = (struct week_spans){office, 1};
	admit_init(&admit, &limits, 1000);
	admit_set_access(&admit, &access);
	for (int i = 0; i < 5; i++)
		assert_int_equal(admit_check(&admit, &arrival, &wait_ms), ADMIT_TIMES);
	arrival.week_minute = local.week_minute = MONDAY_NOON;
	assert_int_equal(admit_commit(&admit, &arrival, &ticket), ADMIT_OK);
	for (int i = 0; i < 5; i++)
		assert_int_equal(admit_check(&admit, &arrival, &wait_ms), ADMIT_FULL);
	for (int i = 0; i < 5; i++)
		admit_refused(&admit, ADMIT_LOAD);
	admit_refused_elsewhere(&admit, ADMIT_DENIED, 1000);
	limits.instances = 10;
	admit_update(&admit, &limits, 1000);
	for (int i = 0; i < 2; i++)
		assert_int_equal(admit_check(&admit, &arrival, &wait_ms), ADMIT_SOURCE_FULL);
	assert_int_equal(admit_check(&admit, &arrival, &wait_ms), ADMIT_IGNORED);
	/* being ignored does not make it longer */
	arrival.now_ms = 60999;
	assert_int_equal(admit_check(&admit, &arrival, &wait_ms), ADMIT_IGNORED);
	arrival.now_ms = 61000;
	assert_int_equal(admit_check(&admit, &arrival, &wait_ms), ADMIT_SOURCE_FULL);
	/* by uid */
	assert_int_equal(admit_commit(&admit, &local, &ticket), ADMIT_OK);
	for (int i = 0; i < 2; i++)
		assert_int_equal(admit_check(&admit, &local, &wait_ms), ADMIT_SOURCE_FULL);
	assert_int_equal(admit_check(&admit, &local, &wait_ms), ADMIT_IGNORED);
	local.uid = 8;
	assert_int_equal(admit_check(&admit, &local, &wait_ms), ADMIT_OK);
	assert_int_equal(admit.stats.refused[ADMIT_LOAD], 5);
	assert_int_equal(admit.stats.refused[ADMIT_DENIED], 1000);
	/* without deny_time nobody is ignored, and nothing is kept */
	access.deny_ms = 0;
	admit_set_access(&admit, &access);
	assert_null(admit.deny.entries);
	assert_int_equal(admit_check(&admit, &arrival, &wait_ms), ADMIT_SOURCE_FULL);
	admit_close(&admit);
}

/* A peer of the n-th /64, in the order of the bits that no counter has. */
static struct sockaddr_len stranger(uint32_t n)
{
	struct sockaddr_len peer;

	sockaddr_any_of(AF_INET6, 0, &peer);
	n *= 2654435761u;
	memcpy(peer.addr.in6.sin6_addr.s6_addr + 2, &n, sizeof(n));
	return peer;
}

/* A million networks come, three of four again so that the second is refused and soon ignored, with
 * a hundred of them running at any time, while one source that keeps its limits (one at once, one
 * connection a second) comes all the time: how often it is refused, and what it all costs, against
 * what sources.h and deny.h say. */
static void test_flood(void **state)
{
	static const struct access access = {.deny_ms = 3600000, .deny_after = 2};
	struct limits limits = open_limits;
	struct sockaddr_len quiet = peer_of("192.0.2.1");
	static struct admit_ticket running[100];
	unsigned rounds = unit_rounds(1000000), asked = 0, refused = 0;
	size_t before = unit_heap_bytes(), most = 0;
	struct admit_ticket ticket;
	struct admit admit;
	uint64_t wait_ms;

	(void)state;
	limits.per_source = 1;
	limits.per_source_rate = (struct rate){60, 60000, 1};
	admit_init(&admit, &limits, 0);
	admit_set_access(&admit, &access);
	for (unsigned i = 0; i < rounds; i++) {
		struct sockaddr_len peer = stranger(i);
		struct arrival arrival = {&peer, 0, i / 10, 0, NULL};
		struct admit_ticket *slot = &running[i % COUNT(running)];

		admit_release(&admit, slot);
		assert_int_equal(admit_check(&admit, &arrival, &wait_ms), ADMIT_OK);
		assert_int_equal(admit_commit(&admit, &arrival, slot), ADMIT_OK);
		for (unsigned j = i % 4; j; j--)
			assert_int_equal(admit_check(&admit, &arrival, &wait_ms),
				j == 1 && i % 4 == 3 ? ADMIT_IGNORED : ADMIT_SOURCE_FULL);
		if (i % 10000 == 0) {
			arrival.peer = &quiet;
			asked++;
			if (admit_check(&admit, &arrival, &wait_ms) != ADMIT_OK)
				refused++;
			else if (!admit_commit(&admit, &arrival, &ticket))
				admit_release(&admit, &ticket);
		}
		if (i % 1000 == 0 && unit_heap_bytes() - before > most)
			most = unit_heap_bytes() - before;
	}
	print_message("# %u of %u refused to the quiet one, %zu bytes\n", refused, asked, most);
	assert_int_equal(refused, 0);
	assert_true(most <= CLIENTS_IDLE_BYTES + COUNT(running) * CLIENTS_BYTES + DENY_BYTES);
	assert_true(admit.sources->count <= CLIENTS_IDLE + COUNT(running) + 1);
	admit_close(&admit);
}

/* One that keeps its limits is served whatever the clock does, and one over them is not served more
 * often than real time allows. The wall clock matters for access_times only. */
static void test_clock(void **state)
{
	static const uint64_t years_ms = 50ULL * 365 * 86400 * 1000;
	static const struct access access = {
		.deny_ms = 60000, .deny_after = 3, .times = {office, 1}};
	static const uint64_t steps[] = {5000, 4000, 1, 0, 5000, 5001};
	struct limits limits = open_limits;
	struct sockaddr_len one = peer_of("10.0.0.1"), other = peer_of("10.0.0.2");
	struct arrival arrival = {&one, 0, 5000, MONDAY_NOON, NULL};
	struct admit_ticket ticket;
	struct admit admit;
	uint64_t wait_ms;

	(void)state;
	limits.per_source_rate = (struct rate){1, 1000, 1};
	admit_init(&admit, &limits, 5000);
	admit_set_access(&admit, &access);
	assert_int_equal(admit_commit(&admit, &arrival, &ticket), ADMIT_OK);
	admit_release(&admit, &ticket);
	for (size_t i = 0; i < COUNT(steps); i++) {
		arrival.now_ms = steps[i];
		arrival.peer = &one;
		assert_int_equal(admit_check(&admit, &arrival, &wait_ms),
			i < 3 ? ADMIT_SOURCE_RATE : ADMIT_IGNORED);
		assert_true(wait_ms <= 1000);
		arrival.peer = &other;
		assert_int_equal(admit_check(&admit, &arrival, &wait_ms), ADMIT_OK);
	}
	/* the wall clock, by minutes, days and back */
	for (unsigned minute = 0; minute < WEEK_MINUTES; minute += 7) {
		arrival.week_minute = WEEK_MINUTES - 1 - minute;
		assert_int_equal(admit_check(&admit, &arrival, &wait_ms),
			week_contains(&access.times, arrival.week_minute) ? ADMIT_OK : ADMIT_TIMES);
	}
	arrival = (struct arrival){&one, 0, years_ms, MONDAY_NOON, NULL};
	for (int i = 0; i < 2; i++, arrival.now_ms = UINT64_MAX) {
		assert_int_equal(admit_check(&admit, &arrival, &wait_ms), ADMIT_OK);
		assert_int_equal(admit_commit(&admit, &arrival, &ticket), ADMIT_OK);
		assert_int_equal(admit_check(&admit, &arrival, &wait_ms), ADMIT_SOURCE_RATE);
		admit_release(&admit, &ticket);
	}
	assert_int_equal(admit.stats.running, 0);
	admit_close(&admit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_what_counts_against_a_source),
		cmocka_unit_test(test_flood),
		cmocka_unit_test(test_clock),
	};

	return cmocka_run_group_tests_name("admit/access", tests, NULL, NULL);
}
