/* Which sources are answered. */
#include "unit.h"

#include "worker/guard.h"

static const struct {
	const char *host;
	uint16_t port;
	bool allowed;
} sources[] = {
	{"192.0.2.1", 40000, true},
	{"192.0.2.1", 1024, true},
	{"192.0.2.1", 1, false},
	{"192.0.2.1", 53, false},
	{"192.0.2.1", 123, false},
	{"192.0.2.1", 1023, false},
	{"192.0.2.1", 1900, false},
	{"192.0.2.1", 5353, false},
	{"192.0.2.1", 11211, false},
	{"192.0.2.1", 65535, true},
	{"127.0.0.1", 40000, true},
	{"::1", 40000, true},
	{"2001:db8::1", 53, false},
	{"fe80::1", 1024, true},
	{"192.0.2.255", 40000, true}, /* who knows whose broadcast address that is */
	{"192.0.2.1", 0, false},
	{"192.0.2.1", 7, false},
	{"192.0.2.1", 13, false},
	{"192.0.2.1", 17, false},
	{"192.0.2.1", 19, false},
	{"192.0.2.1", 37, false},
	{"2001:db8::1", 7, false},
	{"::ffff:192.0.2.1", 7, false},
	{"::ffff:192.0.2.1", 40000, true},
	{"255.255.255.255", 40000, false},
	{"224.0.0.1", 40000, false},
	{"239.255.255.255", 40000, false},
	{"240.0.0.1", 40000, false},
	{"0.0.0.0", 40000, false},
	{"0.1.2.3", 40000, false},
	{"::", 40000, false},
	{"ff02::1", 40000, false},
	{"::ffff:255.255.255.255", 40000, false},
	{"::ffff:0.0.0.0", 40000, false},
	{"::ffff:224.0.0.1", 40000, false},
};

static bool allows(const char *host, uint16_t port)
{
	struct sockaddr_len peer;

	assert_true(sockaddr_parse(host, &peer));
	sockaddr_set_port(&peer.addr, port);
	return guard_allows(&peer);
}

static void rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(sources); i++)
		if (allows(sources[i].host, sources[i].port) != sources[i].allowed)
			fail_msg("%s port %u", sources[i].host, sources[i].port);
}

static void own_ports(void **state)
{
	(void)state;
	assert_true(allows("192.0.2.1", 5007));
	guard_add_port(5007);
	guard_add_port(5007);
	guard_add_port(0);
	assert_false(allows("192.0.2.1", 5007));
	assert_false(allows("2001:db8::1", 5007));
	assert_true(allows("192.0.2.1", 5008));
	guard_drop_port(5007);
	assert_false(allows("192.0.2.1", 5007));
	guard_drop_port(5007);
	guard_drop_port(5007);
	assert_true(allows("192.0.2.1", 5007));
}

static void unnamed(void **state)
{
	struct sockaddr_len peer = {.len = 0};

	(void)state;
	assert_false(guard_allows(&peer));
	peer.addr.sa.sa_family = AF_UNIX;
	peer.len = sizeof(sa_family_t);
	assert_false(guard_allows(&peer));
	peer.len = sizeof(sa_family_t) + 6;
	assert_true(guard_allows(&peer));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows),
		cmocka_unit_test(own_ports),
		cmocka_unit_test(unnamed),
	};

	return cmocka_run_group_tests_name("worker_guard", tests, NULL, NULL);
}
