/* Requests of the Identification Protocol: which are two ports, and what is repeated of the others.
 */
#include "unit.h"

#include <string.h>

#include "common/ident.h"

#define BYTES(text) text, sizeof(text) - 1

static const struct {
	const char *line;
	size_t len;
	bool want;
	struct ident_query query;
} requests[] = {
	{BYTES("6191,23"), true, {6191, 23}},
	{BYTES("6191, 23"), true, {6191, 23}},
	{BYTES(" \t6191 \t,\t 23 "), true, {6191, 23}},
	{BYTES("1,65535"), true, {1, 65535}},
	{BYTES("00022,00001"), true, {22, 1}},
	{BYTES("0,23"), false, {0, 23}},
	{BYTES("23,0"), false, {23, 0}},
	{BYTES("65536,1"), false, {65536, 1}},
	{BYTES("1,99999"), false, {1, 99999}},
	{BYTES("100000,1"), false, {0, 0}},
	{BYTES("1,100000"), false, {1, 0}},
	{BYTES("-1,23"), false, {0, 0}},
	{BYTES("+1,23"), false, {0, 0}},
	{BYTES("1.5,23"), false, {1, 0}},
	{BYTES("0x17,23"), false, {0, 0}},
	{BYTES("23"), false, {23, 0}},
	{BYTES("23,"), false, {23, 0}},
	{BYTES(",23"), false, {0, 0}},
	{BYTES("23 24"), false, {23, 0}},
	{BYTES("23,24,25"), false, {23, 24}},
	{BYTES("23,24x"), false, {23, 24}},
	{BYTES("23,2 4"), false, {23, 2}},
	{BYTES("23\0,24"), false, {23, 0}},
	{BYTES("23,24\0"), false, {23, 24}},
	{BYTES("23,24\r"), false, {23, 24}},
	{BYTES("\v23,24"), false, {0, 0}},
	{BYTES(""), false, {0, 0}},
	{BYTES(","), false, {0, 0}},
};

static void parse(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(requests); i++) {
		struct ident_query got = {7, 7};
		bool right = ident_parse(requests[i].line, requests[i].len, &got);

		if (right != requests[i].want || got.here != requests[i].query.here ||
			got.there != requests[i].query.there)
			fail_msg("\"%s\": %d, %u , %u", requests[i].line, right, got.here,
				got.there);
	}
}

static void user(void **state)
{
	char name[514];

	(void)state;
	assert_true(ident_is_user("mail"));
	assert_true(ident_is_user("a b:c"));
	assert_false(ident_is_user(""));
	assert_false(ident_is_user("a\nb"));
	assert_false(ident_is_user("a\r"));
	memset(name, 'x', sizeof(name));
	name[512] = '\0';
	assert_true(ident_is_user(name));
	name[512] = 'x';
	name[513] = '\0';
	assert_false(ident_is_user(name));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parse),
		cmocka_unit_test(user),
	};

	return cmocka_run_group_tests_name("service_ident", tests, NULL, NULL);
}
