/* Places that services and their sources share: who gets one when all are taken, who gives way, and
 * against a model, that counts are right and fair whatever comes. */
#include "unit.h"

#include <stdbool.h>
#include <string.h>

#include "admit/share.h"

#define SERVICES 3
#define SOURCES  4
#define PLACES   400

static char services[SERVICES]; /* their addresses name them */

struct place {
	struct share_hold hold; /* first: a hold is its place */
	int service, source;
	bool taken;
};

static struct place places[PLACES];
static struct share share;
static struct place *last_given; /* the last that gave way */

static void give_way(struct share_hold *hold)
{
	last_given = (struct place *)hold;
	assert_true(last_given->taken);
	last_given->taken = false;
	share_release(hold); /* nothing, any more */
}

static struct share_who who(int service, int source)
{
	struct share_who of = {.service = &services[service]};

	of.source.bytes[0] = (uint8_t)source;
	return of;
}

static bool take(struct place *place, int service, int source)
{
	struct share_who of = who(service, source);

	last_given = NULL;
	place->hold.give_way = give_way;
	place->service = service;
	place->source = source;
	place->taken = share_take(&share, &place->hold, &of);
	return place->taken;
}

static void release(struct place *place)
{
	share_release(&place->hold);
	place->taken = false;
}

/* So many of a service, or with a source of 0 or more of that. */
static unsigned count_of(int service, int source)
{
	unsigned count = 0;

	for (int i = 0; i < PLACES; i++)
		count += places[i].taken && places[i].service == service &&
			 (source < 0 || places[i].source == source);
	return count;
}

static int begin(void **state)
{
	(void)state;
	memset(places, 0, sizeof(places));
	share = (struct share){.most = 8};
	return 0;
}

static int end(void **state)
{
	(void)state;
	share_resize(&share, 0);
	assert_int_equal(share.count, 0);
	return 0;
}

static void test_all_for_who_is_alone(void **state)
{
	(void)state;
	for (int i = 0; i < 8; i++)
		assert_true(take(&places[i], 0, 0));
	assert_false(take(&places[8], 0, 0));
	assert_null(last_given);
	release(&places[3]);
	release(&places[3]);
	assert_true(take(&places[8], 0, 0));
	assert_int_equal(share.count, 8);
}

static void test_another_service_gets_its_half(void **state)
{
	(void)state;
	for (int i = 0; i < 8; i++)
		take(&places[i], 0, i % 2);
	for (int i = 8; i < 12; i++) {
		assert_true(take(&places[i], 1, 0));
		assert_int_equal(last_given->service, 0);
	}
	assert_false(take(&places[12], 1, 0));
	assert_false(take(&places[12], 0, 0));
	assert_int_equal(count_of(0, -1), 4);
	assert_int_equal(count_of(1, -1), 4);
	/* Both sources of the first have given, their oldest. */
	assert_int_equal(count_of(0, 0), 2);
	assert_true(places[6].taken && places[4].taken && !places[0].taken && !places[2].taken);
}

static void test_another_source_gets_its_half(void **state)
{
	(void)state;
	for (int i = 0; i < 8; i++)
		take(&places[i], 0, 0);
	for (int i = 8; i < 12; i++) {
		assert_true(take(&places[i], 0, 1));
		assert_ptr_equal(last_given, &places[i - 8]);
	}
	assert_false(take(&places[12], 0, 1));
	assert_false(take(&places[12], 0, 0));
	/* A third one has less than both. */
	assert_true(take(&places[12], 0, 2));
}

/* Who takes places from many addresses gets what one service may have, and no more. */
static void test_many_sources_of_one_service(void **state)
{
	(void)state;
	for (int i = 0; i < 8; i++)
		take(&places[i], 0, i);
	assert_false(take(&places[8], 0, 9));
	for (int i = 8; i < 12; i++)
		assert_true(take(&places[i], 1, 0));
	assert_int_equal(count_of(0, -1), 4);
}

static void test_resize(void **state)
{
	(void)state;
	for (int i = 0; i < 8; i++)
		take(&places[i], i > 5, 0);
	share_resize(&share, 3);
	assert_in_range(count_of(0, -1), 1, 2);
	assert_int_equal(count_of(0, -1) + count_of(1, -1), 3);
	assert_true(share_yield(&share));
	assert_int_equal(count_of(0, -1), 1);
	assert_int_equal(count_of(1, -1), 1);
	share_resize(&share, 0);
	assert_false(share_yield(&share));
	assert_false(take(&places[8], 0, 0));
}

/* The rule, said another way: of whom a place was taken, and for whom none was found. */
static void check_taken(const struct place *place)
{
	unsigned own = count_of(place->service, -1),
		 source = count_of(place->service, place->source);

	if (!last_given)
		return;
	if (last_given->service != place->service) {
		assert_true(count_of(last_given->service, -1) >= own);
	} else {
		assert_int_not_equal(last_given->source, place->source);
		assert_true(count_of(place->service, last_given->source) >= source);
	}
}

static void check_refused(const struct place *place)
{
	unsigned own = count_of(place->service, -1);

	assert_null(last_given);
	assert_int_equal(share.count, share.most);
	for (int i = 0; i < SERVICES; i++)
		assert_true(count_of(i, -1) <= own + 1);
	for (int i = 0; i < SOURCES; i++)
		assert_true(
			count_of(place->service, i) <= count_of(place->service, place->source) + 1);
}

static void test_random(void **state)
{
	uint64_t seed = 0x5eed;

	(void)state;
	share.most = 40;
	for (unsigned round = unit_rounds(20000); round; round--) {
		struct place *place = &places[unit_random(&seed) % PLACES];

		if (place->taken)
			release(place);
		else if (take(place, (int)(unit_random(&seed) % SERVICES),
				 (int)(unit_random(&seed) % SOURCES)))
			check_taken(place);
		else
			check_refused(place);
		assert_int_equal(count_of(0, -1) + count_of(1, -1) + count_of(2, -1), share.count);
		assert_true(share.count <= share.most);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_all_for_who_is_alone, begin, end),
		cmocka_unit_test_setup_teardown(test_another_service_gets_its_half, begin, end),
		cmocka_unit_test_setup_teardown(test_another_source_gets_its_half, begin, end),
		cmocka_unit_test_setup_teardown(test_many_sources_of_one_service, begin, end),
		cmocka_unit_test_setup_teardown(test_resize, begin, end),
		cmocka_unit_test_setup_teardown(test_random, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
