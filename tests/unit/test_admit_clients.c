/* The table of sources: who counts as whom, and how much is remembered of a flood. */
#include "unit.h"

#include <arpa/inet.h>
#include <string.h>

#include "admit/clients.h"

static const struct rate no_limit = {LIMIT_NONE, 1000, 0};

static struct sockaddr_len peer_of(const char *text)
{
	struct sockaddr_len peer = {
		.len = sizeof(struct sockaddr_un), .addr.sa.sa_family = AF_UNIX};

	if (text && text[0] != '/')
		assert_true(sockaddr_parse(text, &peer));
	else if (!text)
		peer.len = 0;
	return peer;
}

struct key_row {
	const char *a, *b; /* NULL = no address, "/" = unix */
	uid_t uid_a, uid_b;
	unsigned prefix4, prefix6;
	bool same;
};

static const struct key_row key_rows[] = {
	{"192.0.2.1", "192.0.2.1", 0, 0, 32, 64, true},
	{"192.0.2.1", "192.0.2.2", 0, 0, 32, 64, false},
	{"192.0.2.1", "192.0.2.2", 0, 0, 31, 64, false},
	{"192.0.2.2", "192.0.2.3", 0, 0, 31, 64, true},
	{"192.0.2.1", "192.0.2.254", 0, 0, 24, 64, true},
	{"192.0.2.1", "192.0.3.1", 0, 0, 24, 64, false},
	{"192.0.2.1", "203.0.113.9", 0, 0, 0, 64, true},
	{"192.0.2.1", "::ffff:192.0.2.1", 0, 0, 32, 64, true},
	{"::ffff:192.0.2.1", "::ffff:192.0.2.2", 0, 0, 32, 64, false},
	{"::ffff:192.0.2.1", "::ffff:192.0.2.2", 0, 0, 24, 128, true},
	{"2001:db8::1", "2001:db8::2", 0, 0, 32, 64, true},
	{"2001:db8::1", "2001:db8::2", 0, 0, 32, 128, false},
	{"2001:db8::1", "2001:db8:0:1::1", 0, 0, 32, 64, false},
	{"2001:db8::1", "2001:db8:0:1::1", 0, 0, 32, 48, true},
	{"2001:db8:0:2::1", "2001:db8:0:3::1", 0, 0, 32, 63, true},
	{"2001:db8:0:1::1", "2001:db8:0:2::1", 0, 0, 32, 63, false},
	{"::", "0.0.0.0", 0, 0, 0, 0, false},
	{"/", "/", 1000, 1000, 32, 64, true},
	{"/", "/", 1000, 1001, 32, 64, false},
	{"/", NULL, 1000, 1000, 32, 64, true},
	{"192.0.2.1", "192.0.2.1", 1, 2, 32, 64, true},
	{"/", "0.0.0.0", 0, 0, 32, 64, false},
};

static void test_keys(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(key_rows); i++) {
		const struct key_row *row = &key_rows[i];
		struct sockaddr_len a = peer_of(row->a), b = peer_of(row->b);
		struct client_key x = client_key_of(&a, row->uid_a, row->prefix4, row->prefix6);
		struct client_key y = client_key_of(&b, row->uid_b, row->prefix4, row->prefix6);

		print_message("# %s and %s\n", row->a ? row->a : "-", row->b ? row->b : "-");
		assert_int_equal(memcmp(&x, &y, sizeof(x)) == 0, row->same);
	}
}

/* The n-th of as many /64 networks as one likes. */
static struct client_key network(uint32_t n)
{
	struct sockaddr_len peer;

	sockaddr_any_of(AF_INET6, 0, &peer);
	peer.addr.in6.sin6_addr.s6_addr[0] = 0x20;
	memcpy(peer.addr.in6.sin6_addr.s6_addr + 4, &n, sizeof(n));
	return client_key_of(&peer, 0, 32, 64);
}

static size_t idle_length(const struct clients *sources)
{
	const struct client_entry *source;
	size_t length = 0;

	TAILQ_FOREACH (source, &sources->idle, in_idle)
		length++;
	return length;
}

static void flood(const struct rate *rate, size_t most)
{
	struct clients sources;

	clients_init(&sources);
	for (uint32_t i = 0, rounds = unit_rounds(1000000); i < rounds; i++) {
		struct client_key key = network(i);
		struct client_entry *source = clients_get(&sources, &key, rate, i);

		assert_non_null(source);
		clients_start(&sources, source);
		bucket_take(&source->bucket, rate);
		clients_end(&sources, source);
		clients_expire(&sources, rate, i, 2);
		assert_true(sources.count <= most);
		assert_true(sources.chain_count <= 8 * CLIENTS_IDLE);
	}
	assert_int_equal(sources.count, sources.idle_count);
	assert_int_equal(sources.idle_count, idle_length(&sources));
	clients_free(&sources);
	assert_null(sources.chains);
}

static void test_flood_is_bounded(void **state)
{
	static const struct rate slow = {1, 3600000, 1}, fast = {1, 100, 1};

	(void)state;
	flood(&slow, CLIENTS_IDLE + 1);
	flood(&fast, 101);
	flood(&no_limit, 1);
}

/* What runs is never forgotten, however many others come and go. */
static void test_running_stays(void **state)
{
	static const struct rate slow = {1, 3600000, 1};
	struct clients sources;
	struct client_entry *held[300];

	(void)state;
	clients_init(&sources);
	for (uint32_t i = 0; i < COUNT(held); i++) {
		struct client_key key = network(i);

		held[i] = clients_get(&sources, &key, &slow, 0);
		clients_start(&sources, held[i]);
		bucket_take(&held[i]->bucket, &slow);
	}
	for (uint32_t i = 1000; i < 50000; i++) {
		struct client_key key = network(i);
		struct client_entry *source = clients_get(&sources, &key, &slow, 0);

		clients_start(&sources, source);
		bucket_take(&source->bucket, &slow);
		clients_end(&sources, source);
	}
	assert_int_equal(sources.count, COUNT(held) + CLIENTS_IDLE);
	for (uint32_t i = 0; i < COUNT(held); i++) {
		struct client_key key = network(i);

		assert_ptr_equal(clients_find(&sources, &key), held[i]);
		assert_int_equal(held[i]->running, 1);
		clients_end(&sources, held[i]);
	}
	clients_free(&sources);
}

/* Of the idle ones the longest unused goes first, and one that comes back is not among them. */
static void test_oldest_goes_first(void **state)
{
	static const struct rate slow = {1, 3600000, 1};
	struct clients sources;
	struct client_key first = network(0), second = network(1);

	(void)state;
	clients_init(&sources);
	for (uint32_t i = 0; i < CLIENTS_IDLE; i++) {
		struct client_key key = network(i);
		struct client_entry *source = clients_get(&sources, &key, &slow, 0);

		clients_start(&sources, source);
		bucket_take(&source->bucket, &slow);
		clients_end(&sources, source);
	}
	clients_start(&sources, clients_find(&sources, &first));
	clients_end(&sources, clients_find(&sources, &first));
	assert_non_null(clients_find(&sources, &second));
	for (uint32_t i = CLIENTS_IDLE; i < CLIENTS_IDLE + 2; i++) {
		struct client_key key = network(i);

		clients_get(&sources, &key, &slow, 0);
	}
	assert_non_null(clients_find(&sources, &first));
	assert_null(clients_find(&sources, &second));
	clients_free(&sources);
}

static void test_table_shrinks(void **state)
{
	struct clients sources;

	(void)state;
	clients_init(&sources);
	for (uint32_t i = 0; i < 20000; i++) {
		struct client_key key = network(i);

		clients_start(&sources, clients_get(&sources, &key, &no_limit, 0));
	}
	assert_int_equal(sources.count, 20000);
	assert_true(sources.chain_count >= 16384);
	for (uint32_t i = 0; i < 20000; i++) {
		struct client_key key = network(i);

		clients_end(&sources, clients_find(&sources, &key));
		clients_expire(&sources, &no_limit, 0, 2);
	}
	assert_int_equal(sources.count, 0);
	assert_true(sources.chain_count <= 64);
	clients_free(&sources);
}

/* Two tables put the same sources into different chains: nobody can aim at one. */
static void test_hash_is_keyed(void **state)
{
	struct clients a, b;
	unsigned same = 0;

	(void)state;
	clients_init(&a);
	clients_init(&b);
	for (uint32_t i = 0; i < 16; i++) {
		struct client_key key = network(i);

		clients_get(&a, &key, &no_limit, 0);
		clients_get(&b, &key, &no_limit, 0);
	}
	for (uint32_t i = 0; i < 16; i++) {
		struct client_key key = network(i);
		size_t chain = 0;

		while (chain < b.chain_count &&
			LIST_FIRST(&a.chains[chain]) != clients_find(&a, &key))
			chain++;
		if (chain < b.chain_count)
			same += LIST_FIRST(&b.chains[chain]) == clients_find(&b, &key);
	}
	assert_memory_not_equal(a.seed, b.seed, sizeof(a.seed));
	assert_true(same < 16);
	clients_free(&a);
	clients_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_flood_is_bounded),
		cmocka_unit_test(test_running_stays),
		cmocka_unit_test(test_oldest_goes_first),
		cmocka_unit_test(test_table_shrinks),
		cmocka_unit_test(test_hash_is_keyed),
	};

	return cmocka_run_group_tests_name("admit/sources", tests, NULL, NULL);
}
