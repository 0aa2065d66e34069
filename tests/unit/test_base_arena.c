/* test_base_arena: what is shared in an arena, and what is left when it is cleared. */
#include "unit.h"

#include "base/arena.h"

static void test_equal_values_of_late_are_one(void **state)
{
	struct arena arena;
	const uint64_t numbers[] = {1, 2};
	const char *text;
	char other[20];

	(void)state;
	arena_init(&arena);
	text = arena_share_text(&arena, "nobody");
	for (int i = 0; i < 10000; i++) {
		snprintf(other, sizeof(other), "%d", i);
		assert_string_equal(arena_share_text(&arena, other), other);
		assert_ptr_equal(arena_share_text(&arena, "nobody"), text);
	}
	assert_ptr_not_equal(arena_share_text(&arena, "0"), NULL);
	assert_ptr_equal(arena_share(&arena, numbers, sizeof(numbers)),
		arena_share(&arena, numbers, sizeof(numbers)));
	assert_ptr_not_equal(arena_share(&arena, numbers, sizeof(numbers)),
		arena_share(&arena, numbers, sizeof(*numbers)));
	arena_free(&arena);
}

/* A text may begin anywhere, a value with pointers in it may not. */
static void test_shared_values_are_aligned(void **state)
{
	struct arena arena;
	const char bytes[] = "fifteen letters";

	(void)state;
	arena_init(&arena);
	arena_share_text(&arena, "x");
	assert_int_equal((uintptr_t)arena_share_text(&arena, bytes) % 8, 2);
	assert_int_equal((uintptr_t)arena_share(&arena, bytes, sizeof(bytes)) % 8, 0);
	assert_string_equal(arena_share_text(&arena, bytes), bytes);
	arena_free(&arena);
}

static void test_values_stay_when_sharing_ends(void **state)
{
	struct arena arena;
	const char *text;

	(void)state;
	arena_init(&arena);
	text = arena_share_text(&arena, "stays");
	arena_share_end(&arena);
	assert_string_equal(text, "stays");
	assert_ptr_not_equal(arena_share_text(&arena, "stays"), text);
	arena_free(&arena);
}

/* The same memory again and again, zeroed as all of it is. */
static void test_a_cleared_arena_takes_no_more(void **state)
{
	struct arena arena;
	char *first, *again;

	(void)state;
	arena_init(&arena);
	arena_clear(&arena);
	first = arena_alloc(&arena, 100);
	memset(first, 'x', 100);
	for (int i = 0; i < 100; i++) {
		arena_alloc(&arena, i % 2 ? 1000 : 100000);
		arena_share_text(&arena, "forgotten");
		arena_clear(&arena);
		assert_int_equal(arena.used_bytes, 0);
		again = arena_calloc(&arena, 100, 1);
		assert_ptr_equal(again, first);
		for (int at = 0; at < 100; at++)
			assert_int_equal(again[at], 0);
		memset(again, 'x', 100);
	}
	arena_free(&arena);
	assert_null(arena.blocks);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_equal_values_of_late_are_one),
		cmocka_unit_test(test_shared_values_are_aligned),
		cmocka_unit_test(test_values_stay_when_sharing_ends),
		cmocka_unit_test(test_a_cleared_arena_takes_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
