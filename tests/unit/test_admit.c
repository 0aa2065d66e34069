/* Admission: rows of arrivals, and what is given back, changed or flooded. */
#include "unit.h"

#include <string.h>

#include "admit/admit.h"

static const struct limits open_limits = {
	.instances = LIMIT_NONE,
	.per_source = LIMIT_NONE,
	.rate = {LIMIT_NONE, 1000, 0},
	.per_source_rate = {LIMIT_NONE, 1000, 0},
	.prefix4 = 32,
	.prefix6 = 64,
};

static struct sockaddr_len peer_of(const char *text)
{
	struct sockaddr_len peer;

	assert_true(sockaddr_parse(text, &peer));
	return peer;
}

static enum verdict arrive(
	struct admit *admit, const char *peer_text, uint64_t now_ms, struct admit_ticket *ticket)
{
	struct sockaddr_len peer = peer_of(peer_text);
	uint64_t wait_ms;
	enum verdict verdict =
		admit_check(admit, &(struct arrival){&peer, 0, now_ms, 0, NULL}, &wait_ms);

	if (verdict == ADMIT_OK)
		verdict = admit_commit(admit, &(struct arrival){&peer, 0, now_ms, 0, NULL}, ticket);
	return verdict;
}

/* Peers as they come at `at_ms`; each stays. What the last of them hears, and how long to wait. */
struct row {
	const char *name;
	uint32_t instances, per_source;
	struct rate rate, per_source_rate;
	const char *peers[6];
	enum verdict last;
	uint64_t wait_ms;
};

#define ANY LIMIT_NONE
#define ANY_RATE                                                                                   \
	{                                                                                          \
		LIMIT_NONE, 1000, 0                                                                \
	}
#define TWO_A_MIN                                                                                  \
	{                                                                                          \
		2, 60000, 2                                                                        \
	}

static const struct row rows[] = {
	{"no limits", ANY, ANY, ANY_RATE, ANY_RATE, {"::1", "::1", "::1"}, ADMIT_OK, 0},
	{"instances not reached", 3, ANY, ANY_RATE, ANY_RATE, {"::1", "::1", "::1"}, ADMIT_OK, 0},
	{"instances reached", 2, ANY, ANY_RATE, ANY_RATE, {"::1", "::2", "10.0.0.1"}, ADMIT_FULL,
		0},
	{"no instances", 0, ANY, ANY_RATE, ANY_RATE, {"::1"}, ADMIT_NEVER, 0},
	{"none of a source", ANY, 0, ANY_RATE, ANY_RATE, {"::1"}, ADMIT_NEVER, 0},
	{"rate of 0", ANY, ANY, {0, 60000, 0}, ANY_RATE, {"::1"}, ADMIT_NEVER, 0},
	{"rate of a source of 0", ANY, ANY, ANY_RATE, {0, 60000, 0}, {"::1"}, ADMIT_NEVER, 0},
	{"rate", ANY, ANY, TWO_A_MIN, ANY_RATE, {"::1", "10.0.0.2", "10.0.0.3"}, ADMIT_RATE, 30000},
	{"per source", ANY, 2, ANY_RATE, ANY_RATE, {"10.0.0.1", "10.0.0.1", "10.0.0.1"},
		ADMIT_SOURCE_FULL, 0},
	{"another source", ANY, 2, ANY_RATE, ANY_RATE, {"10.0.0.1", "10.0.0.1", "10.0.0.2"},
		ADMIT_OK, 0},
	{"v4-mapped is IPv4", ANY, 2, ANY_RATE, ANY_RATE,
		{"10.0.0.1", "::ffff:10.0.0.1", "10.0.0.1"}, ADMIT_SOURCE_FULL, 0},
	{"a /64 is one source", ANY, 1, ANY_RATE, ANY_RATE, {"2001:db8::1", "2001:db8::2"},
		ADMIT_SOURCE_FULL, 0},
	{"two /64 are two", ANY, 1, ANY_RATE, ANY_RATE, {"2001:db8::1", "2001:db8:0:1::1"},
		ADMIT_OK, 0},
	{"rate of a source", ANY, ANY, ANY_RATE, TWO_A_MIN, {"10.0.0.1", "10.0.0.1", "10.0.0.1"},
		ADMIT_SOURCE_RATE, 30000},
	{"rate of another source", ANY, ANY, ANY_RATE, TWO_A_MIN,
		{"10.0.0.1", "10.0.0.1", "10.0.0.2"}, ADMIT_OK, 0},
	{"the service before the source", 1, 1, ANY_RATE, ANY_RATE, {"10.0.0.1", "10.0.0.1"},
		ADMIT_FULL, 0},
};

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct row *row = &rows[i];
		struct limits limits = open_limits;
		struct admit_ticket ticket;
		enum verdict verdict = ADMIT_VERDICTS;
		struct sockaddr_len peer;
		struct admit admit;
		uint64_t wait_ms = 1;

		print_message("# %s\n", row->name);
		limits.instances = row->instances;
		limits.per_source = row->per_source;
		limits.rate = row->rate;
		limits.per_source_rate = row->per_source_rate;
		admit_init(&admit, &limits, 1000);
		for (size_t j = 0; j < COUNT(row->peers) && row->peers[j]; j++) {
			if (j)
				assert_int_equal(verdict, ADMIT_OK);
			peer = peer_of(row->peers[j]);
			verdict = admit_check(
				&admit, &(struct arrival){&peer, 0, 1000, 0, NULL}, &wait_ms);
			if (verdict == ADMIT_OK)
				admit_commit(&admit, &(struct arrival){&peer, 0, 1000, 0, NULL},
					&ticket);
		}
		assert_int_equal(verdict, row->last);
		assert_int_equal(wait_ms, row->wait_ms);
		assert_int_equal(admit.stats.refused[verdict], verdict != ADMIT_OK);
		admit_close(&admit);
	}
}

static void test_lent_socket_has_no_source(void **state)
{
	struct limits limits = open_limits;
	struct admit_ticket tickets[3];
	struct admit admit;
	uint64_t wait_ms;

	(void)state;
	limits.per_source = 1;
	limits.instances = 2;
	admit_init(&admit, &limits, 0);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(
			admit_check(&admit, &(struct arrival){NULL, 0, 0, 0, NULL}, &wait_ms),
			ADMIT_OK);
		assert_int_equal(
			admit_commit(&admit, &(struct arrival){NULL, 0, 0, 0, NULL}, &tickets[i]),
			ADMIT_OK);
		assert_int_equal(admit_running_of(&tickets[i]), 0);
	}
	assert_int_equal(
		admit_check(&admit, &(struct arrival){NULL, 0, 0, 0, NULL}, &wait_ms), ADMIT_FULL);
	admit_release(&admit, &tickets[0]);
	assert_int_equal(
		admit_check(&admit, &(struct arrival){NULL, 0, 0, 0, NULL}, &wait_ms), ADMIT_OK);
	admit_release(&admit, &tickets[1]);
	assert_null(admit.sources);
	admit_close(&admit);
}

static void test_ready_changes_nothing(void **state)
{
	struct limits limits = open_limits;
	struct admit_ticket ticket;
	struct admit admit;
	uint64_t wait_ms;

	(void)state;
	limits.instances = 1;
	admit_init(&admit, &limits, 0);
	for (int i = 0; i < 100; i++)
		assert_int_equal(admit_ready(&admit, 0, &wait_ms), ADMIT_OK);
	assert_int_equal(arrive(&admit, "10.0.0.1", 0, &ticket), ADMIT_OK);
	assert_int_equal(admit_ready(&admit, 0, &wait_ms), ADMIT_FULL);
	assert_int_equal(admit.stats.refused[ADMIT_FULL], 0);
	admit_release(&admit, &ticket);
	assert_int_equal(admit_ready(&admit, 0, &wait_ms), ADMIT_OK);
	admit_close(&admit);
}

static void test_twice_is_nothing(void **state)
{
	struct admit_ticket ticket, other;
	struct admit admit;

	(void)state;
	admit_init(&admit, &open_limits, 0);
	assert_int_equal(arrive(&admit, "10.0.0.1", 0, &ticket), ADMIT_OK);
	assert_int_equal(arrive(&admit, "10.0.0.1", 0, &other), ADMIT_OK);
	assert_int_equal(admit_running_of(&other), 2);
	for (int i = 0; i < 3; i++) {
		admit_release(&admit, &ticket);
		admit_undo(&admit, &ticket);
	}
	assert_int_equal(admit.stats.running, 1);
	assert_int_equal(admit.stats.ended, 1);
	assert_int_equal(admit.stats.undone, 0);
	assert_int_equal(admit_running_of(&other), 1);
	for (int i = 0; i < 3; i++) {
		admit_undo(&admit, &other);
		admit_release(&admit, &other);
	}
	assert_int_equal(admit.stats.running, 0);
	assert_int_equal(admit.stats.undone, 1);
	assert_int_equal(admit.stats.peak, 1); /* what never started does not count */
	admit_close(&admit);
}

/* A failed start uses up neither the rate of the service nor that of the source. */
static void test_undo_gives_tokens_back(void **state)
{
	struct limits limits = open_limits;
	struct admit_ticket ticket;
	struct admit admit;

	(void)state;
	limits.rate = (struct rate){1, 60000, 1};
	limits.per_source_rate = (struct rate){1, 60000, 1};
	admit_init(&admit, &limits, 0);
	for (int i = 0; i < 1000; i++) {
		assert_int_equal(arrive(&admit, "10.0.0.1", 0, &ticket), ADMIT_OK);
		admit_undo(&admit, &ticket);
	}
	assert_int_equal(arrive(&admit, "10.0.0.1", 0, &ticket), ADMIT_OK);
	admit_release(&admit, &ticket);
	assert_int_equal(arrive(&admit, "10.0.0.2", 0, &ticket), ADMIT_RATE);
	admit_close(&admit);
}

static void test_clock_back_changes_nothing(void **state)
{
	struct limits limits = open_limits;
	struct admit_ticket ticket;
	struct admit admit;

	(void)state;
	limits.rate = (struct rate){2, 1000, 2};
	limits.per_source_rate = (struct rate){1, 1000, 1};
	admit_init(&admit, &limits, 50000);
	assert_int_equal(arrive(&admit, "10.0.0.1", 50000, &ticket), ADMIT_OK);
	assert_int_equal(arrive(&admit, "10.0.0.1", 50000, &ticket), ADMIT_SOURCE_RATE);
	assert_int_equal(arrive(&admit, "10.0.0.2", 50000, &ticket), ADMIT_OK);
	for (uint64_t now_ms = 50000; now_ms > 1000; now_ms -= 999)
		assert_int_equal(arrive(&admit, "10.0.0.3", now_ms, &ticket), ADMIT_RATE);
	assert_int_equal(arrive(&admit, "10.0.0.1", 50499, &ticket), ADMIT_RATE);
	assert_int_equal(arrive(&admit, "10.0.0.1", 50500, &ticket), ADMIT_SOURCE_RATE);
	assert_int_equal(arrive(&admit, "10.0.0.1", 51000, &ticket), ADMIT_OK);
	admit_close(&admit);
}

static void test_update(void **state)
{
	struct limits limits = open_limits;
	struct admit_ticket tickets[4];
	struct admit admit;
	uint64_t wait_ms;

	(void)state;
	limits.instances = 4;
	admit_init(&admit, &limits, 0);
	for (int i = 0; i < 4; i++)
		assert_int_equal(arrive(&admit, "10.0.0.1", 0, &tickets[i]), ADMIT_OK);
	limits.instances = 2;
	admit_update(&admit, &limits, 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(admit_ready(&admit, 0, &wait_ms), ADMIT_FULL);
		admit_release(&admit, &tickets[i]);
	}
	assert_int_equal(admit_ready(&admit, 0, &wait_ms), ADMIT_OK);
	limits.per_source = 1;
	admit_update(&admit, &limits, 0);
	assert_int_equal(arrive(&admit, "10.0.0.2", 0, &tickets[0]), ADMIT_OK);
	admit_release(&admit, &tickets[0]);
	assert_int_equal(arrive(&admit, "10.0.0.1", 0, &tickets[0]), ADMIT_SOURCE_FULL);
	limits.instances = 0;
	admit_update(&admit, &limits, 0);
	assert_int_equal(admit_ready(&admit, 0, &wait_ms), ADMIT_NEVER);
	admit_release(&admit, &tickets[3]);
	assert_int_equal(admit.stats.running, 0);
	admit_close(&admit);
}

/* One source may have used its rate up; a new rate neither forgives nor forgets that. */
static void test_update_of_source_rate(void **state)
{
	struct limits limits = open_limits, later = open_limits;
	struct admit_ticket ticket;
	struct admit admit;

	(void)state;
	limits.per_source_rate = (struct rate){2, 60000, 2};
	admit_init(&admit, &limits, 0);
	for (int i = 0; i < 2; i++)
		assert_int_equal(arrive(&admit, "10.0.0.1", 0, &ticket), ADMIT_OK);
	assert_int_equal(arrive(&admit, "10.0.0.1", 0, &ticket), ADMIT_SOURCE_RATE);
	later.per_source_rate = (struct rate){4, 60000, 4};
	admit_update(&admit, &later, 0);
	assert_int_equal(arrive(&admit, "10.0.0.1", 14999, &ticket), ADMIT_SOURCE_RATE);
	assert_int_equal(arrive(&admit, "10.0.0.1", 15000, &ticket), ADMIT_OK);
	assert_int_equal(arrive(&admit, "10.0.0.2", 15000, &ticket), ADMIT_OK);
	admit_close(&admit);
}

static void test_a_million_networks(void **state)
{
	struct limits limits = open_limits;
	struct admit_ticket ticket;
	struct sockaddr_len peer;
	struct admit admit;
	uint64_t wait_ms;

	(void)state;
	limits.per_source_rate = (struct rate){1, 3600000, 1};
	limits.per_source = 1;
	admit_init(&admit, &limits, 0);
	sockaddr_any_of(AF_INET6, 0, &peer);
	for (uint32_t i = 0, most = unit_rounds(1000000); i < most; i++) {
		memcpy(peer.addr.in6.sin6_addr.s6_addr + 2, &i, sizeof(i));
		assert_int_equal(
			admit_check(&admit, &(struct arrival){&peer, 0, i, 0, NULL}, &wait_ms),
			ADMIT_OK);
		admit_commit(&admit, &(struct arrival){&peer, 0, i, 0, NULL}, &ticket);
		assert_int_equal(
			admit_check(&admit, &(struct arrival){&peer, 0, i, 0, NULL}, &wait_ms),
			ADMIT_SOURCE_FULL);
		admit_release(&admit, &ticket);
		assert_int_equal(
			admit_check(&admit, &(struct arrival){&peer, 0, i, 0, NULL}, &wait_ms),
			ADMIT_SOURCE_RATE);
		assert_true(admit.sources->count <= CLIENTS_IDLE + 1);
	}
	assert_int_equal(arrive(&admit, "10.0.0.1", 0, &ticket), ADMIT_OK);
	admit_close(&admit);
}

static void test_keys_have_names(void **state)
{
	(void)state;
	for (int i = 0; i < ADMIT_VERDICTS; i++)
		assert_non_null(verdict_key((enum verdict)i));
	for (int i = ADMIT_OK + 1; i < ADMIT_VERDICTS; i++)
		assert_non_null(reason_of_verdict((enum verdict)i)->refused);
	assert_string_equal(verdict_key(ADMIT_FULL), "instances");
	assert_string_equal(verdict_key(ADMIT_SOURCE_FULL), "per_source");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_lent_socket_has_no_source),
		cmocka_unit_test(test_ready_changes_nothing),
		cmocka_unit_test(test_twice_is_nothing),
		cmocka_unit_test(test_undo_gives_tokens_back),
		cmocka_unit_test(test_clock_back_changes_nothing),
		cmocka_unit_test(test_update),
		cmocka_unit_test(test_update_of_source_rate),
		cmocka_unit_test(test_a_million_networks),
		cmocka_unit_test(test_keys_have_names),
	};

	return cmocka_run_group_tests_name("admit", tests, NULL, NULL);
}
