/* The request line of tcpmux: what is a line, whose it is, and that nothing beyond it is looked at.
 */
#include "unit.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "worker/muxline.h"
#include "worker/muxnames.h"

#define X64  "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define X256 X64 X64 X64 X64

static const struct {
	const char *data;
	enum muxline want;
	size_t len, all;
} lines[] = {
	{"", MUXLINE_PART, 0, 0},
	{"git", MUXLINE_PART, 0, 0},
	{"git\r", MUXLINE_PART, 0, 0},
	{"git\n", MUXLINE_WHOLE, 3, 4},
	{"git\r\n", MUXLINE_WHOLE, 3, 5},
	{"git\r\nmore\r\n", MUXLINE_WHOLE, 3, 5},
	{"git\r\r\n", MUXLINE_WHOLE, 4, 6},
	{"\n", MUXLINE_WHOLE, 0, 1},
	{"\r\n", MUXLINE_WHOLE, 0, 2},
	{X256, MUXLINE_PART, 0, 0},
	{X256 "\r", MUXLINE_PART, 0, 0},
	{X256 "\n", MUXLINE_WHOLE, 256, 257},
	{X256 "\r\n", MUXLINE_WHOLE, 256, 258},
	{X256 "x\n", MUXLINE_LONG, 257, 258},
	{X256 "xx", MUXLINE_LONG, 0, 0},
	{X256 "x\r\n", MUXLINE_LONG, 0, 0},
};

static void scan(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		size_t len = 0, all = 0, n = strlen(lines[i].data);
		enum muxline got;

		/* As many bytes as the worker ever looks at. */
		if (n > MUXLINE_MAX + 2)
			n = MUXLINE_MAX + 2;
		got = muxline_scan(lines[i].data, n, &len, &all);
		if (got != lines[i].want)
			fail_msg("%s: %d, not %d", lines[i].data, got, lines[i].want);
		if (got == MUXLINE_WHOLE) {
			assert_int_equal(len, lines[i].len);
			assert_int_equal(all, lines[i].all);
		}
	}
}

static const char *const list[] = {"git", "Finger", "a b", X64};

static const struct {
	const char *line;
	size_t len;
	const char *want; /* NULL: not found */
} names[] = {
	{"git", 3, "git"},
	{"GIT", 3, "git"},
	{"finger", 6, "Finger"},
	{"a b", 3, "a b"},
	{X64, 64, X64},
	{"gi", 2, NULL},
	{"gits", 4, NULL},
	{"", 0, NULL},
	{"git\0", 4, NULL},
	{"\0", 1, NULL},
	{"it", 2, NULL},
	{"git\r\nFinger", 11, NULL},
	{"\r\n", 2, NULL},
	{X256, 256, NULL},
};

static void find(void **state)
{
	struct muxnames offered = {0}, none = {0};

	(void)state;
	for (size_t i = 0; i < COUNT(list); i++)
		assert_int_equal(muxnames_add(&offered, list[i], strlen(list[i])), 0);
	assert_memory_equal(offered.text, "git\r\nFinger\r\na b\r\n", 18);
	muxnames_sort(&offered);
	for (size_t i = 0; i < COUNT(names); i++) {
		char name[WORKER_NAME] = "";
		bool found = muxnames_find(&offered, names[i].line, names[i].len, name);

		if (found != (names[i].want != NULL))
			fail_msg("%s: %d", names[i].line, found);
		if (found)
			assert_string_equal(name, names[i].want);
		assert_false(muxnames_find(&none, names[i].line, names[i].len, name));
	}
	muxnames_free(&offered);
}

static unsigned compared; /* names */

/* The one that is used, counted. */
int strncasecmp(const char *a, const char *b, size_t len)
{
	int order = 0;

	compared++;
	for (size_t i = 0; i < len && !order; i++)
		order = tolower((unsigned char)a[i]) - tolower((unsigned char)b[i]);
	return order;
}

/* As many as 100 000 are found by some comparisons, however they came. */
static void find_among_many(void **state)
{
	struct muxnames offered = {0};
	char text[WORKER_NAME], name[WORKER_NAME];

	(void)state;
	for (unsigned i = 0; i < 100000; i++) {
		snprintf(text, sizeof(text), "Name-%05u", (i * 7919) % 100000);
		assert_int_equal(muxnames_add(&offered, text, strlen(text)), 0);
	}
	muxnames_sort(&offered);
	compared = 0;
	for (unsigned i = 0; i < 100000; i++) {
		snprintf(text, sizeof(text), "name-%05u", i);
		assert_true(muxnames_find(&offered, text, strlen(text), name));
		assert_memory_equal(name, "Name", 4);
		assert_string_equal(name + 4, text + 4);
	}
	assert_false(muxnames_find(&offered, "name-100000", 11, name));
	assert_true(compared > 100000 && compared < 20 * 100000);
	muxnames_free(&offered);
}

static void help(void **state)
{
	(void)state;
	assert_true(muxline_is_help("help", 4));
	assert_true(muxline_is_help("HeLP", 4));
	assert_false(muxline_is_help("helper", 6));
	assert_false(muxline_is_help("hel", 3));
	assert_false(muxline_is_help("", 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scan),
		cmocka_unit_test(find),
		cmocka_unit_test(find_among_many),
		cmocka_unit_test(help),
	};

	return cmocka_run_group_tests_name("worker_muxline", tests, NULL, NULL);
}
