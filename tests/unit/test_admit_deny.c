/* Sources that are ignored: when it begins and ends, what is held against whom, and how much is
 * remembered of a flood. */
#include "unit.h"

#include <endian.h>
#include <stdbool.h>
#include <string.h>

#include "admit/deny.h"

static const struct deny_rule rule = {1000, 3};

/* The n-th of as many /64 networks as one likes. */
static struct client_key network(uint32_t n)
{
	struct sockaddr_len peer;

	sockaddr_any_of(AF_INET6, 0, &peer);
	peer.addr.in6.sin6_addr.s6_addr[0] = 0x20;
	n = htole32(n);
	memcpy(peer.addr.in6.sin6_addr.s6_addr + 4, &n, sizeof(n));
	return client_key_of(&peer, 0, 32, 64);
}

static void refuse(struct deny *deny, uint32_t n, uint64_t now_ms)
{
	struct client_key key = network(n);

	deny_count(deny, &rule, &key, now_ms);
}

static bool ignored(const struct deny *deny, uint32_t n, uint64_t now_ms)
{
	struct client_key key = network(n);

	return deny_holds(deny, &rule, &key, now_ms);
}

/* Refusals at these times (0 ends); the first and the last millisecond at which it is ignored. */
static const struct {
	uint64_t refused_ms[8], first_ms, last_ms;
} rows[] = {
	{{1000}, 0, 0},
	{{1000, 1001}, 0, 0},
	{{1000, 1001, 1002}, 1002, 2001},
	{{1000, 1000, 1000}, 1000, 1999},
	{{1000, 1500, 1999}, 1999, 2998},
	/* the first is too long ago: a new window begins */
	{{1000, 1500, 2000}, 0, 0},
	{{1000, 1500, 2000, 2001}, 0, 0},
	{{1000, 1500, 2000, 2001, 2002}, 2002, 3001},
	{{1000, 1001, 1002, 2002, 2003}, 1002, 2001},
	{{1000, 1001, 1002, 2002, 2003, 2004}, 1002, 3003},
};

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct deny deny = {0};
		uint64_t first_ms = 0, last_ms = 0;
		size_t next = 0;

		print_message("# row %zu\n", i);
		for (uint64_t now_ms = 999; now_ms < 5000; now_ms++) {
			while (rows[i].refused_ms[next] == now_ms) {
				assert_false(ignored(&deny, 1, now_ms));
				refuse(&deny, 1, now_ms);
				next++;
			}
			if (!ignored(&deny, 1, now_ms))
				continue;
			first_ms = first_ms ? first_ms : now_ms;
			last_ms = now_ms;
			assert_false(ignored(&deny, 2, now_ms));
		}
		assert_int_equal(first_ms, rows[i].first_ms);
		assert_int_equal(last_ms, rows[i].last_ms);
		deny_free(&deny);
	}
}

static void test_rule_in_force_decides(void **state)
{
	const struct deny_rule off = {0, 3}, once = {1000, 1}, often = {1000, 10}, brief = {10, 3};
	struct client_key key = network(1);
	struct deny deny = {0};

	(void)state;
	deny_count(&deny, &off, &key, 5000);
	assert_null(deny.entries);
	for (int i = 0; i < 3; i++)
		deny_count(&deny, &rule, &key, 5000);
	assert_true(deny_holds(&deny, &rule, &key, 5500));
	assert_true(deny_holds(&deny, &once, &key, 5500));
	assert_false(deny_holds(&deny, &off, &key, 5500));
	assert_false(deny_holds(&deny, &often, &key, 5500));
	assert_false(deny_holds(&deny, &brief, &key, 5500));
	deny_free(&deny);
	assert_null(deny.entries);
	assert_false(deny_holds(&deny, &rule, &key, 5500));
}

/* Nothing but time ends it, in either direction: a clock that goes back changes nothing, one that
 * goes on by years ends it. */
static void test_clock(void **state)
{
	const uint64_t years_ms = 100ULL * 365 * 86400 * 1000;
	struct deny deny = {0};

	(void)state;
	for (int i = 0; i < 3; i++)
		refuse(&deny, 1, 50000);
	refuse(&deny, 2, 50000);
	for (uint64_t now_ms = 51000; now_ms >= 1000; now_ms -= 1000) {
		assert_int_equal(ignored(&deny, 1, now_ms), now_ms < 51000);
		assert_false(ignored(&deny, 2, now_ms));
		assert_false(ignored(&deny, 3, now_ms));
	}
	assert_true(ignored(&deny, 1, 0));
	assert_true(ignored(&deny, 1, 50999));
	assert_false(ignored(&deny, 1, 51000));
	assert_false(ignored(&deny, 1, years_ms));
	assert_false(ignored(&deny, 1, UINT64_MAX));
	/* refusals from before a jump do not add up with those after it */
	refuse(&deny, 2, years_ms);
	refuse(&deny, 2, years_ms);
	assert_false(ignored(&deny, 2, years_ms));
	/* and those from after it count at most as if no time had passed */
	refuse(&deny, 2, 60000);
	assert_true(ignored(&deny, 2, 60000));
	refuse(&deny, 4, UINT64_MAX);
	refuse(&deny, 4, UINT64_MAX);
	refuse(&deny, 4, UINT64_MAX);
	assert_true(ignored(&deny, 4, UINT64_MAX));
	deny_free(&deny);
}

/* An address or a network is forgiven with all it touches, and nobody else. */
static void test_forget(void **state)
{
	static const struct {
		const char *text;
		unsigned forgotten;
		bool first, second, four; /* still ignored */
	} steps[] = {
		{"2001:db8:0:2::/64", 0, true, true, true},
		{"203.0.113.8", 0, true, true, true},
		{"::/0", 2, false, false, true},
		{"0.0.0.0/0", 1, true, true, false},
		{"203.0.113.9", 1, true, true, false},
		{"203.0.113.0/25", 1, true, true, false},
		{"203.0.113.128/25", 0, true, true, true},
		{"2000:0:100::5", 1, false, true, true}, /* lies in the source */
		{"2000:0:100::/40", 1, false, true, true},
		{"2000:0:200::/63", 1, true, false, true},
	};
	struct sockaddr_len peer;
	struct client_key four;

	(void)state;
	sockaddr_parse("203.0.113.9", &peer);
	four = client_key_of(&peer, 0, 32, 64);
	for (size_t i = 0; i < COUNT(steps); i++) {
		struct deny deny = {0};
		struct network net;

		print_message("# %s\n", steps[i].text);
		assert_int_equal(network_parse(steps[i].text, &net), NETWORK_OK);
		assert_int_equal(deny_forget(&deny, &net, 32, 64), 0);
		for (int n = 0; n < 3; n++) {
			refuse(&deny, 1, 5000);
			refuse(&deny, 2, 5000);
			deny_count(&deny, &rule, &four, 5000);
		}
		assert_int_equal(deny_forget(&deny, &net, 32, 64), steps[i].forgotten);
		assert_int_equal(ignored(&deny, 1, 5000), steps[i].first);
		assert_int_equal(ignored(&deny, 2, 5000), steps[i].second);
		assert_int_equal(deny_holds(&deny, &rule, &four, 5000), steps[i].four);
		deny_free(&deny);
	}
}

/* A million sources that are each refused once or twice, in a moment: the memory stays what the
 * header says, nobody is ignored for it, and almost all of those who are stay so. */
static void test_flood(void **state)
{
	const unsigned rounds = unit_rounds(1000000), wanted = 256;
	struct deny deny = {0};
	size_t before = unit_heap_bytes();
	unsigned innocent = 0, kept = 0;

	(void)state;
	for (unsigned i = 0; i < wanted; i++)
		for (int j = 0; j < 3; j++)
			refuse(&deny, i, 1000);
	for (unsigned i = 0; i < wanted; i++)
		assert_true(ignored(&deny, i, 1000));
	for (unsigned i = 0; i < rounds; i++) {
		innocent += ignored(&deny, 1000 + i, 1001);
		refuse(&deny, 1000 + i, 1001);
		if (i % 2)
			refuse(&deny, 1000 + i, 1001);
		innocent += ignored(&deny, 1000 + i, 1001);
	}
	for (unsigned i = 0; i < wanted; i++)
		kept += ignored(&deny, i, 1001);
	print_message("# %u of %u quiet sources ignored, %u of %u kept, %zu bytes\n", innocent,
		2 * rounds, kept, wanted, unit_heap_bytes() - before);
	assert_int_equal(innocent, 0);
	assert_true(kept >= wanted - 2);
	assert_true(unit_heap_bytes() - before <= DENY_BYTES + 4096);
	assert_int_equal(DENY_BYTES, 128 << 10);
	deny_free(&deny);
}

/* Those that are over make room first, then those with the fewest refusals. */
static void test_who_is_forgotten(void **state)
{
	struct deny deny = {0};
	unsigned kept = 0, late = 0;

	(void)state;
	for (uint32_t i = 0; i < 100000; i++)
		for (int j = 0; j < 3; j++)
			refuse(&deny, i, 1000);
	for (uint32_t i = 0; i < 100000; i++)
		kept += ignored(&deny, i, 1000);
	assert_int_equal(kept, DENY_SETS * DENY_WAYS);
	/* a table full of what is over is as good as an empty one */
	for (uint32_t i = 200000; i < 200256; i++)
		for (int j = 0; j < 3; j++)
			refuse(&deny, i, 2000);
	for (uint32_t i = 200000; i < 200256; i++)
		late += ignored(&deny, i, 2000);
	assert_true(late >= 254);
	deny_free(&deny);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_rule_in_force_decides),
		cmocka_unit_test(test_clock),
		cmocka_unit_test(test_flood),
		cmocka_unit_test(test_forget),
		cmocka_unit_test(test_who_is_forgotten),
	};

	return cmocka_run_group_tests_name("admit/deny", tests, NULL, NULL);
}
