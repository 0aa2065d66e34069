/* Addresses as text. */
#include "unit.h"

#include <arpa/inet.h>

#include "base/sockaddr.h"

static void expect_as_inet_ntop(uint32_t number)
{
	struct sockaddr_len addr = {.len = sizeof(addr.addr.in)};
	char text[SOCKADDR_TEXT], expected[INET_ADDRSTRLEN];

	addr.addr.in.sin_family = AF_INET;
	addr.addr.in.sin_addr.s_addr = htonl(number);
	inet_ntop(AF_INET, &addr.addr.in.sin_addr, expected, sizeof(expected));
	assert_string_equal(sockaddr_host(&addr, text, sizeof(text)), expected);
}

static void test_ipv4(void **state)
{
	(void)state;
	expect_as_inet_ntop(0);
	expect_as_inet_ntop(UINT32_MAX);
	for (uint32_t byte = 0; byte < 256; byte++)
		for (unsigned shift = 0; shift < 32; shift += 8)
			expect_as_inet_ntop(byte << shift);
}

static void test_ipv4_cut(void **state)
{
	struct sockaddr_len addr = {.len = sizeof(addr.addr.in)};
	char text[5];

	(void)state;
	addr.addr.in.sin_family = AF_INET;
	addr.addr.in.sin_addr.s_addr = htonl(0x0a141e28);
	assert_string_equal(sockaddr_host(&addr, text, sizeof(text)), "10.2");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ipv4),
		cmocka_unit_test(test_ipv4_cut),
	};

	return cmocka_run_group_tests_name("base/sockaddr", tests, NULL, NULL);
}
