/* What a line of the log may hold of bytes from the network. */
#include "unit.h"

#include <string.h>

#include "base/log.h"

static void check(const char *text, const char *expected)
{
	char buf[64];

	strlcpy(buf, text, sizeof(buf));
	assert_ptr_equal(log_mask(buf), buf);
	assert_string_equal(buf, expected);
}

static void test_stays(void **state)
{
	static const char *const texts[] = {"", "plain ~", "\xc3\xa9\xc2\xa0", "\xe2\x82\xac",
		"\xe2\x80\x8a\xe2\x80\x90\xe2\x80\xa7\xe2\x80\xaf", "\xe2\x81\x9f\xe2\x81\xb0",
		"\xef\xbb\xbe", "\xd8\x9b\xd8\x9d", "\xf0\x9f\x90\x99"};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++)
		check(texts[i], texts[i]);
}

static void test_controls(void **state)
{
	(void)state;
	check("a\nb\tc\x7f\x1b[2J", "a?b?c??[2J");
	check("\xc2\x80\xc2\x9f", "????");
}

/* RFC 3629: too long, surrogates, beyond the last, cut, alone. */
static void test_not_utf8(void **state)
{
	(void)state;
	check("\xc0\xaf\xe0\x80\x80\xf0\x80\x80\x80", "?????????");
	check("\xed\xa0\x80\xf4\x90\x80\x80\xff", "????????");
	check("a\xe2\x82", "a??");
	check("\x80z", "?z");
}

/* What would reorder or break a line on a terminal; as bytes, for it would do so here too. */
static void test_hidden(void **state)
{
	static const uint16_t points[] = {
		0x200b, 0x200f, 0x2028, 0x202e, 0x2060, 0x2066, 0x206f, 0xfeff};
	char text[4] = "";

	(void)state;
	for (size_t i = 0; i < COUNT(points); i++) {
		text[0] = (char)(0xe0 | points[i] >> 12);
		text[1] = (char)(0x80 | (points[i] >> 6 & 0x3f));
		text[2] = (char)(0x80 | (points[i] & 0x3f));
		check(text, "???");
	}
	check("\xd8\x9c", "??");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stays),
		cmocka_unit_test(test_controls),
		cmocka_unit_test(test_not_utf8),
		cmocka_unit_test(test_hidden),
	};

	return cmocka_run_group_tests_name("log_mask", tests, NULL, NULL);
}
