/* Numbers as text: as printf(3) has them. */
#include "unit.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/decimal.h"

static void check(uint64_t value)
{
	char text[DECIMAL_BYTES], seconds[DECIMAL_SECONDS_BYTES], expected[32];

	snprintf(expected, sizeof(expected), "%" PRIu64, value);
	assert_ptr_equal(decimal_text(value, text), text);
	assert_string_equal(text, expected);
	snprintf(expected, sizeof(expected), "%" PRIu64 ".%03u", value / 1000,
		(unsigned)(value % 1000));
	assert_ptr_equal(decimal_seconds(value, seconds), seconds);
	assert_string_equal(seconds, expected);
}

static void test_as_printf(void **state)
{
	uint64_t value = 1;

	(void)state;
	for (uint64_t small = 0; small < 12345; small++)
		check(small);
	for (int bits = 0; bits < 64; bits++, value *= 2) {
		check(value - 1);
		check(value);
	}
	check(UINT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_as_printf)};

	return cmocka_run_group_tests_name("decimal", tests, NULL, NULL);
}
