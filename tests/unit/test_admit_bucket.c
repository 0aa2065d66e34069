/* The token bucket: rows of what happens, and a million steps against one that counts each
 * millisecond. */
#include "unit.h"

#include "base/bucket.h"

enum { TAKE = 'T', GIVE = 'G', WAIT = 'W', FULL = 'F' };

/* At `at_ms` do `op`; WAIT and FULL must give `want`. */
struct step {
	uint64_t at_ms;
	int op;
	uint64_t want;
};

struct row {
	const char *name;
	struct rate rate;
	struct step steps[12];
};

static const struct row rows[] = {
	{"three at once, then one each 20 s", {3, 60000, 3},
		{{1000, WAIT, 0}, {1000, TAKE, 0}, {1000, TAKE, 0}, {1000, WAIT, 0},
			{1000, TAKE, 0}, {1000, WAIT, 20000}, {1001, WAIT, 19999}, {20999, WAIT, 1},
			{21000, WAIT, 0}, {21000, TAKE, 0}, {21000, WAIT, 20000}}},
	{"a burst apart from the rate", {1, 1000, 2},
		{{5, TAKE, 0}, {5, WAIT, 0}, {5, TAKE, 0}, {5, WAIT, 1000}, {1005, WAIT, 0},
			{1005, TAKE, 0}, {1005, WAIT, 1000}, {3005, FULL, 1}}},
	{"thirds of a millisecond are not lost", {3000, 1000, 1},
		{{0, TAKE, 0}, {0, WAIT, 1}, {1, FULL, 1}, {1, TAKE, 0}, {1, WAIT, 1},
			{2, FULL, 1}}},
	{"seven a second: the third token after 429 ms", {7, 1000, 1},
		{{0, TAKE, 0}, {0, WAIT, 143}, {142, WAIT, 1}, {143, WAIT, 0}, {143, TAKE, 0},
			{143, WAIT, 142 + 1}, {286, WAIT, 0}}},
	{"none allowed", {0, 60000, 0}, {{0, WAIT, UINT64_MAX}, {1u << 30, WAIT, UINT64_MAX}}},
	{"no limit", {LIMIT_NONE, 60000, 0},
		{{0, WAIT, 0}, {0, TAKE, 0}, {0, TAKE, 0}, {0, WAIT, 0}, {0, FULL, 1}}},
	{"a burst of 0 still lets one through", {1, 1000, 0},
		{{0, WAIT, 0}, {0, TAKE, 0}, {0, WAIT, 1000}, {1000, WAIT, 0}}},
	{"giving back, never above full", {2, 1000, 2},
		{{0, TAKE, 0}, {0, FULL, 0}, {0, GIVE, 0}, {0, FULL, 1}, {0, GIVE, 0}, {0, TAKE, 0},
			{0, TAKE, 0}, {0, WAIT, 500}}},
	{"a clock that goes back", {1, 1000, 1},
		{{5000, TAKE, 0}, {5000, WAIT, 1000}, {100, WAIT, 1000}, {0, WAIT, 1000},
			{5000, WAIT, 1000}, {5999, WAIT, 1}, {6000, WAIT, 0}}},
	{"the largest numbers", {UINT32_MAX - 1, UINT32_MAX, UINT32_MAX},
		{{0, TAKE, 0}, {0, WAIT, 0}, {0, FULL, 0}, {1, FULL, 0}, {2, FULL, 1},
			{UINT64_MAX, FULL, 1}, {UINT64_MAX, TAKE, 0}, {UINT64_MAX, WAIT, 0}}},
};

static void step_run(struct bucket *bucket, const struct rate *rate, const struct step *step)
{
	switch (step->op) {
	case TAKE:
		bucket_refill(bucket, rate, step->at_ms);
		bucket_take(bucket, rate);
		break;
	case GIVE:
		bucket_give(bucket, rate);
		break;
	case WAIT:
		assert_int_equal(bucket_wait_ms(bucket, rate, step->at_ms), step->want);
		break;
	case FULL:
		assert_int_equal(bucket_is_full(bucket, rate, step->at_ms), step->want);
		break;
	}
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct bucket bucket;

		print_message("# %s\n", rows[i].name);
		bucket_init(&bucket, &rows[i].rate, rows[i].steps[0].at_ms);
		for (size_t j = 0; j < COUNT(rows[i].steps) && rows[i].steps[j].op; j++)
			step_run(&bucket, &rows[i].rate, &rows[i].steps[j]);
	}
}

static void test_zeroed_is_full(void **state)
{
	struct bucket bucket = {0};
	struct rate rate = {2, 60000, 2};

	(void)state;
	assert_int_equal(bucket_wait_ms(&bucket, &rate, 7), 0);
	bucket_take(&bucket, &rate);
	bucket_take(&bucket, &rate);
	assert_int_equal(bucket_wait_ms(&bucket, &rate, 7), 30000);
}

struct rescale_row {
	struct rate from, to;
	unsigned taken;
	uint64_t wait_ms; /* after the change */
	bool full;
};

static const struct rescale_row rescale_rows[] = {
	{{4, 1000, 4}, {4, 1000, 4}, 2, 0, false},
	{{4, 1000, 4}, {2, 1000, 2}, 4, 500, false}, /* empty stays empty */
	{{4, 1000, 4}, {2, 1000, 2}, 2, 0, false},   /* half of two is one */
	{{2, 1000, 2}, {60, 60000, 4}, 1, 0, false}, /* half of four are two */
	{{2, 1000, 2}, {1, 60000, 1}, 1, 30000, false},
	{{2, 1000, 2}, {LIMIT_NONE, 0, 0}, 2, 0, true},
	{{LIMIT_NONE, 0, 0}, {2, 1000, 2}, 5, 0, true},
	{{2, 1000, 2}, {0, 1000, 0}, 2, UINT64_MAX, true},
	{{0, 1000, 0}, {2, 1000, 2}, 0, 0, true},
	{{UINT32_MAX - 1, UINT32_MAX, UINT32_MAX}, {1, UINT32_MAX, UINT32_MAX}, 1, 0, false},
};

static void test_rescale(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rescale_rows); i++) {
		const struct rescale_row *row = &rescale_rows[i];
		struct bucket bucket;

		print_message("# row %zu\n", i);
		bucket_init(&bucket, &row->from, 1000);
		for (unsigned j = 0; j < row->taken; j++)
			bucket_take(&bucket, &row->from);
		bucket_rescale(&bucket, &row->from, &row->to, 1000);
		assert_int_equal(bucket_wait_ms(&bucket, &row->to, 1000), row->wait_ms);
		assert_int_equal(bucket_is_full(&bucket, &row->to, 1000), row->full);
	}
}

/* What is missing changes in the ratio of the sizes, to the unit; for sizes whose product needs 128
 * bits where the compiler can tell. */
static void test_rescale_random(void **state)
{
	uint64_t seed = 0xca1e;

	(void)state;
	for (unsigned i = 0, most = unit_rounds(100000); i < most; i++) {
#ifdef __SIZEOF_INT128__
		unsigned bits = i % 2 ? 32 : 8;
		unsigned __int128 product;
#else
		unsigned bits = 8;
		uint64_t product;
#endif
		struct rate from = {1, (unit_random(&seed) >> (32 - bits)) | 1,
			(unit_random(&seed) >> (32 - bits)) | 1};
		struct rate to = {1, (unit_random(&seed) >> (32 - bits)) | 1,
			(unit_random(&seed) >> (32 - bits)) | 1};
		uint64_t full = (uint64_t)from.period_ms * from.burst;
		uint64_t any = (uint64_t)unit_random(&seed) << 32 | unit_random(&seed);
		struct bucket bucket = {.missing = i % 5 ? any % full : full};

		product = bucket.missing;
		product *= (uint64_t)to.period_ms * to.burst;
		bucket_rescale(&bucket, &from, &to, 0);
		assert_true(bucket.missing == (uint64_t)(product / full));
	}
}

/* The reference: the level in 1/period token, raised once for every millisecond that passes. */
static void test_random(void **state)
{
	uint64_t seed = 0x5eed, now_ms = 0, level = 0;
	struct rate rate = {0};
	struct bucket bucket;

	(void)state;
	for (unsigned i = 0, most = unit_rounds(1000000); i < most; i++) {
		if (i % 1000 == 0) {
			rate.count = 1 + unit_random(&seed) % 50;
			rate.period_ms = 1 + unit_random(&seed) % 2000;
			rate.burst = 1 + unit_random(&seed) % 20;
			bucket_init(&bucket, &rate, now_ms);
			level = (uint64_t)rate.burst * rate.period_ms;
		}
		for (unsigned pass_ms = unit_random(&seed) % 40; pass_ms; pass_ms--, now_ms++) {
			level += rate.count;
			if (level > (uint64_t)rate.burst * rate.period_ms)
				level = (uint64_t)rate.burst * rate.period_ms;
		}
		if (level >= rate.period_ms) {
			assert_int_equal(bucket_wait_ms(&bucket, &rate, now_ms), 0);
			bucket_take(&bucket, &rate);
			level -= rate.period_ms;
		} else {
			assert_int_equal(bucket_wait_ms(&bucket, &rate, now_ms),
				(rate.period_ms - level + rate.count - 1) / rate.count);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_zeroed_is_full),
		cmocka_unit_test(test_rescale),
		cmocka_unit_test(test_rescale_random),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests_name("admit/bucket", tests, NULL, NULL);
}
