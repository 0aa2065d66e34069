/* The value of Host, as services look at it (RFC 9112 3.2). */
#include "unit.h"

#include "common/http_host.h"

static void test_hosts(void **state)
{
	static const struct {
		const char *host;
		bool valid, address;
	} rows[] = {{"", true, false}, {"a", true, false}, {"a.b-c.example:80", true, false},
		{"192.0.2.1", true, true}, {"192.0.2.1:8080", true, true}, {"[::1]", true, true},
		{"[2001:db8::1]:80", true, true}, {"a:", true, false}, {"%41b", true, false},
		{"a b", false, false}, {"[::1", false, false}, {"::1", false, false},
		{"[a]", false, false}, {"a:80x", false, false}, {"a:b", false, false},
		{"u@a", false, false}, {"a/b", false, false}, {"a%4", false, false},
		{"[::1]x", false, true}, {"a\"b", false, false}};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (http_host_valid(rows[i].host) != rows[i].valid)
			fail_msg("valid: %s", rows[i].host);
		if (rows[i].valid && http_host_is_address(rows[i].host) != rows[i].address)
			fail_msg("address: %s", rows[i].host);
	}
	assert_true(http_host_is("Box.example:80", "box.example"));
	assert_true(http_host_is("box.", "box"));
	assert_false(http_host_is("box.evil.example", "box"));
	assert_false(http_host_is("bo", "box"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hosts),
	};

	return cmocka_run_group_tests_name("host", tests, NULL, NULL);
}
