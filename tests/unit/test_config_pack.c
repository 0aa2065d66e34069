/* test_config_pack: a draft is the same when it is taken out of its pack, whatever was packed
 * before; and entries that are alike take little. */
#include "unit.h"

#include "config/keys/draft_pack.h"

#define DRAFTS 3000
#define WORDS  (sizeof(struct draft) / sizeof(unsigned long))

static struct arena arena;
static struct draft blank;
static struct draft_base base;

static int begin(void **state)
{
	(void)state;
	arena_init(&arena);
	blank.arena = &arena;
	base = (struct draft_base){.draft = &blank};
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static void change(struct draft *draft, size_t at, unsigned long to)
{
	memcpy((char *)draft + at * sizeof(to), &to, sizeof(to));
}

/* Some words of any value, but for the pointer to the arena; now and then very many. */
static void make_any(struct draft *draft, uint64_t *random)
{
	size_t changes = unit_random(random) % 20;

	if (unit_random(random) % 50 == 0)
		changes = 2 * WORDS;
	*draft = blank;
	while (changes--)
		change(draft, 1 + unit_random(random) % (WORDS - 1), unit_random(random) % 4);
}

static void test_any_drafts_come_out_as_they_were(void **state)
{
	static struct draft drafts[DRAFTS], out;
	static struct draft_pack packs[DRAFTS];
	uint64_t random = 42;

	(void)state;
	for (size_t i = 0; i < DRAFTS; i++) {
		make_any(&drafts[i], &random);
		assert_int_equal(draft_pack(&packs[i], &drafts[i], &base), 0);
	}
	for (size_t i = 0; i < DRAFTS; i += 3) { /* some have changed meanwhile */
		make_any(&drafts[i], &random);
		assert_int_equal(draft_pack(&packs[i], &drafts[i], &base), 0);
	}
	for (size_t i = 0; i < DRAFTS; i++) {
		draft_unpack(&packs[i], &out);
		assert_memory_equal(&out, &drafts[i], sizeof(out));
		assert_ptr_equal(draft_pack_name(&packs[i]), drafts[i].name);
		assert_ptr_equal(draft_pack_protocol(&packs[i]), drafts[i].protocol);
	}
}

/* Entries of two kinds, one after the other, which differ among themselves by line and name. */
static void test_entries_that_are_alike_take_little(void **state)
{
	static struct draft_pack packs[DRAFTS];
	static const char *const names[] = {"one", "other"};
	struct draft draft = blank;

	(void)state;
	for (size_t at = 100; at < 130; at++)
		change(&draft, at, 7);
	for (unsigned i = 0; i < DRAFTS; i++) {
		draft.where.line = i;
		draft.name = names[i % 2];
		draft.positional = draft.internal = i % 2;
		assert_int_equal(draft_pack(&packs[i], &draft, &base), 0);
	}
	assert_true(arena.used_bytes < DRAFTS * 8 * sizeof(unsigned long));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_any_drafts_come_out_as_they_were, begin, end),
		cmocka_unit_test_setup_teardown(
			test_entries_that_are_alike_take_little, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
