/* The reply rate: buckets by network, and a table that does not forget whom it refuses. */
#include "unit.h"

#include <stdio.h>

#include "worker/rate.h"

static struct sockaddr_len address(const char *text)
{
	struct sockaddr_len addr;

	assert_true(sockaddr_parse(text, &addr));
	return addr;
}

/* How many answers in a row, at most 1000. */
static unsigned burst(uint32_t id, const char *text, uint32_t rate, uint32_t size, uint64_t now_ms)
{
	struct sockaddr_len peer = address(text);
	unsigned n = 0;

	while (n < 1000 && rate_take(id, &peer, rate, size, now_ms))
		n++;
	return n;
}

static void bucket(void **state)
{
	(void)state;
	assert_int_equal(burst(1, "192.0.2.1", 50, 100, 5000), 100);
	assert_int_equal(burst(1, "192.0.2.1", 50, 100, 5019), 0);
	assert_int_equal(burst(1, "192.0.2.1", 50, 100, 5020), 1);
	assert_int_equal(burst(1, "192.0.2.1", 50, 100, 6020), 50);
	assert_int_equal(burst(1, "192.0.2.1", 50, 100, 60000), 100);
	/* a clock that goes back gives nothing */
	assert_int_equal(burst(1, "192.0.2.1", 50, 100, 10), 0);
	assert_int_equal(burst(1, "192.0.2.1", 50, 100, 60020), 1);
	/* milliseconds without a whole token add up */
	for (uint64_t ms = 60021; ms < 60040; ms++)
		assert_int_equal(burst(1, "192.0.2.1", 50, 100, ms), 0);
	assert_int_equal(burst(1, "192.0.2.1", 50, 100, 60040), 1);
}

static void special_sizes(void **state)
{
	(void)state;
	assert_int_equal(burst(2, "192.0.2.1", 0, 0, 1), 1000);
	assert_int_equal(burst(2, "192.0.2.1", 0, 5, 1), 1000);
	assert_int_equal(burst(3, "192.0.2.1", 1, 0, 1), 1);
	assert_int_equal(burst(4, "192.0.2.1", UINT32_MAX, UINT32_MAX, 1), 1000);
	assert_int_equal(burst(4, "192.0.2.1", UINT32_MAX, UINT32_MAX, UINT64_MAX), 1000);
}

static void networks(void **state)
{
	(void)state;
	assert_int_equal(burst(10, "192.0.2.1", 1, 5, 1), 5);
	assert_int_equal(burst(10, "192.0.2.255", 1, 5, 1), 0);
	assert_int_equal(burst(10, "::ffff:192.0.2.9", 1, 5, 1), 0);
	assert_int_equal(burst(10, "192.0.3.1", 1, 5, 1), 5);
	assert_int_equal(burst(11, "192.0.2.1", 1, 5, 1), 5);
	assert_int_equal(burst(10, "2001:db8:1:2::3", 1, 5, 1), 5);
	assert_int_equal(burst(10, "2001:db8:1:ffff::1", 1, 5, 1), 0);
	assert_int_equal(burst(10, "2001:db8:2::1", 1, 5, 1), 5);
}

/* One network is refused while as many others as the table has room for, and a hundred times more,
 * come by: each of them is served, and the one stays refused. */
static void crowd(void **state)
{
	unsigned rounds = unit_rounds(400000), forgotten = 0;

	(void)state;
	assert_int_equal(burst(20, "198.51.100.1", 1, 100, 1), 100);
	for (unsigned i = 0; i < rounds; i++) {
		struct sockaddr_len peer = address("10.0.0.1");

		peer.addr.in.sin_addr.s_addr += (uint32_t)i << 8;
		assert_true(rate_take(20, &peer, 1, 100, 1));
		if (i % 1000 == 0)
			forgotten += burst(20, "198.51.100.7", 1, 100, 1);
	}
	assert_int_equal(forgotten, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bucket),
		cmocka_unit_test(special_sizes),
		cmocka_unit_test(networks),
		cmocka_unit_test(crowd),
	};
	const uint64_t seed[2] = {0x1234567890abcdefULL, 0xfedcba0987654321ULL};

	rate_seed(seed);
	return cmocka_run_group_tests_name("worker_rate", tests, NULL, NULL);
}
