/* Networks: what is one, and which of a list holds an address. */
#include "unit.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/host_name.h"
#include "base/network.h"

static const struct {
	const char *text;
	enum network_error error;
	const char *back; /* as it is written again; NULL = not filled in */
} parsed[] = {
	{"192.0.2.1", NETWORK_OK, "192.0.2.1"},
	{"192.0.2.1/32", NETWORK_OK, "192.0.2.1"},
	{"192.0.2.0/24", NETWORK_OK, "192.0.2.0/24"},
	{"192.0.2.128/25", NETWORK_OK, "192.0.2.128/25"},
	{"0.0.0.0/0", NETWORK_OK, "0.0.0.0/0"},
	{"0.0.0.0", NETWORK_OK, "0.0.0.0"},
	{"255.255.255.255", NETWORK_OK, "255.255.255.255"},
	{"2001:db8::1", NETWORK_OK, "2001:db8::1"},
	{"2001:DB8:0::/32", NETWORK_OK, "2001:db8::/32"},
	{"2001:db8::1/128", NETWORK_OK, "2001:db8::1"},
	{"2001:db8:0:8000::/49", NETWORK_OK, "2001:db8:0:8000::/49"},
	{"2001:db8:0:0:8000::/65", NETWORK_OK, "2001:db8:0:0:8000::/65"},
	{"::/0", NETWORK_OK, "::/0"},
	{"::", NETWORK_OK, "::"},
	{"[2001:db8::]/32", NETWORK_OK, "2001:db8::/32"},
	{"[::1]", NETWORK_OK, "::1"},
	{"::ffff:192.0.2.1", NETWORK_OK, "192.0.2.1"},
	{"::ffff:192.0.2.0/24", NETWORK_OK, "192.0.2.0/24"},
	{"192.0.2.1/24", NETWORK_STRAY, "192.0.2.0/24"},
	{"192.0.2.1/0", NETWORK_STRAY, "0.0.0.0/0"},
	{"2001:db8::1/64", NETWORK_STRAY, "2001:db8::/64"},
	{"192.0.2.1/33", NETWORK_PREFIX, NULL},
	{"::ffff:192.0.2.1/96", NETWORK_PREFIX, NULL},
	{"2001:db8::/129", NETWORK_PREFIX, NULL},
	{"192.0.2.1/", NETWORK_PREFIX, NULL},
	{"192.0.2.1/-1", NETWORK_PREFIX, NULL},
	{"192.0.2.1/+8", NETWORK_PREFIX, NULL},
	{"192.0.2.1/ 8", NETWORK_PREFIX, NULL},
	{"192.0.2.1/8 ", NETWORK_PREFIX, NULL},
	{"192.0.2.1/8/8", NETWORK_PREFIX, NULL},
	{"192.0.2.1/0x8", NETWORK_PREFIX, NULL},
	{"192.0.2.1/99999999999999999999", NETWORK_PREFIX, NULL},
	{"192.0.2.1/255.255.255.0", NETWORK_PREFIX, NULL},
	{"", NETWORK_NOT, NULL},
	{"/24", NETWORK_NOT, NULL},
	{"192.0.2", NETWORK_NOT, NULL},
	{"192.0.2.", NETWORK_NOT, NULL},
	{"192.0.2.256", NETWORK_NOT, NULL},
	{"192.0.2.1.2", NETWORK_NOT, NULL},
	{"192.0.2.1 ", NETWORK_NOT, NULL},
	{"192.0.2.1:80", NETWORK_NOT, NULL},
	{"2001:db8::g", NETWORK_NOT, NULL},
	{"2001:db8:::1", NETWORK_NOT, NULL},
	{"fe80::1%lo", NETWORK_NOT, NULL},
	{"[2001:db8::", NETWORK_NOT, NULL},
	{"localhost", NETWORK_NOT, NULL},
	{"10000000000000000000000000000000000000000000000000000000000000000000000/8", NETWORK_NOT,
		NULL},
};

static void test_parse(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(parsed); i++) {
		char text[NETWORK_TEXT];
		struct network network, again;
		enum network_error error = network_parse(parsed[i].text, &network);

		print_message("# %s\n", parsed[i].text);
		assert_int_equal(error, parsed[i].error);
		if (!parsed[i].back)
			continue;
		assert_string_equal(network_text(&network, text, sizeof(text)), parsed[i].back);
		assert_int_equal(network_parse(text, &again), NETWORK_OK);
		assert_int_equal(network_compare(&network, &again), 0);
	}
}

/* Lists are words with blanks between. */
struct list {
	struct network networks[16];
	struct networks all;
};

static void list_of(struct list *list, const char *text)
{
	char copy[256], *at = copy, *word;

	strlcpy(copy, text, sizeof(copy));
	list->all = (struct networks){list->networks, 0, NULL};
	while ((word = strsep(&at, " ")))
		if (*word)
			assert_int_equal(network_parse(word, &list->networks[list->all.count++]),
				NETWORK_OK);
}

static struct sockaddr_len peer_of(const char *text)
{
	struct sockaddr_len peer = {.len = sizeof(sa_family_t), .addr.sa.sa_family = AF_UNIX};

	if (!strcmp(text, "-"))
		peer.len = 0;
	else if (!strncmp(text, "vsock:", 6))
		assert_true(sockaddr_parse_vsock(text, &peer));
	else if (strcmp(text, "unix") != 0)
		assert_true(sockaddr_parse(text, &peer));
	return peer;
}

static const struct {
	const char *list, *peer;
	int bits;
} matches[] = {
	{"", "192.0.2.1", -1},
	{"vsock:3", "vsock:3:1024", 128},
	{"vsock:3", "vsock:4:1024", -1},
	{"::/0 0.0.0.0/0 ::3", "vsock:3:1024", -1},
	{"vsock:3", "::3", -1},
	{"192.0.2.0/24", "192.0.2.1", 24},
	{"192.0.2.0/24", "192.0.2.0", 24},
	{"192.0.2.0/24", "192.0.2.255", 24},
	{"192.0.2.0/24", "192.0.1.255", -1},
	{"192.0.2.0/24", "192.0.3.0", -1},
	{"192.0.2.0/24", "::ffff:192.0.2.7", 24},
	{"::ffff:192.0.2.0/24", "192.0.2.7", 24},
	{"192.0.2.0/24 192.0.2.4/30 192.0.0.0/16", "192.0.2.7", 30},
	{"192.0.2.4/30 192.0.2.0/24 192.0.0.0/16", "192.0.2.8", 24},
	{"192.0.2.1 192.0.2.0/31", "192.0.2.1", 32},
	{"0.0.0.0/0", "198.51.100.1", 0},
	{"0.0.0.0/0", "::ffff:198.51.100.1", 0},
	{"0.0.0.0/0", "2001:db8::1", -1},
	{"0.0.0.0/0", "::", -1},
	{"::/0", "2001:db8::1", 0},
	{"::/0", "192.0.2.1", -1},
	{"::/0", "::ffff:192.0.2.1", -1},
	{"::/64", "::ffff:192.0.2.1", -1},
	{"::/64", "::1", 64},
	{"2001:db8::/32", "2001:db8:ffff::1", 32},
	{"2001:db8::/32", "2001:db9::", -1},
	{"2001:db8:0:8000::/49", "2001:db8:0:7fff::", -1},
	{"2001:db8:0:8000::/49", "2001:db8:0:ffff::", 49},
	{"2001:db8::8000:0:0:0/65", "2001:db8::7fff:ffff:ffff:ffff", -1},
	{"2001:db8::8000:0:0:0/65", "2001:db8::8000:0:0:1", 65},
	{"2001:db8::/64 2001:db8::/63", "2001:db8::1", 64},
	{"2001:db8::1", "2001:db8::1", 128},
	{"2001:db8::1", "2001:db8::", -1},
	{"0.0.0.0/0 ::/0", "unix", -1},
	{"0.0.0.0/0 ::/0", "-", -1},
};

static void test_match(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(matches); i++) {
		struct sockaddr_len peer = peer_of(matches[i].peer);
		struct list list;

		print_message("# %s in %s\n", matches[i].peer, matches[i].list);
		list_of(&list, matches[i].list);
		assert_int_equal(networks_match(&list.all, &peer), matches[i].bits);
	}
}

static const struct {
	const char *only, *no, *peer;
	bool in;
} rules[] = {
	{"", "", "192.0.2.1", true},
	{"", "", "unix", true},
	{"192.0.2.0/24", "", "192.0.2.1", true},
	{"192.0.2.0/24", "", "198.51.100.1", false},
	{"192.0.2.0/24", "", "::ffff:192.0.2.1", true},
	{"192.0.2.0/24", "", "2001:db8::1", false},
	{"192.0.2.0/24", "", "unix", true},
	{"192.0.2.0/24", "0.0.0.0/0", "-", true},
	{"", "192.0.2.0/24", "192.0.2.1", false},
	{"", "192.0.2.0/24", "198.51.100.1", true},
	{"", "192.0.2.0/24", "::ffff:192.0.2.1", false},
	{"", "192.0.2.0/24", "2001:db8::1", true},
	{"", "192.0.2.0/24", "unix", true},
	/* the most specific decides, whichever list it is in */
	{"192.0.2.0/24", "192.0.2.4/30", "192.0.2.5", false},
	{"192.0.2.0/24", "192.0.2.4/30", "192.0.2.8", true},
	{"192.0.2.4/30", "192.0.2.0/24", "192.0.2.5", true},
	{"192.0.2.4/30", "192.0.2.0/24", "192.0.2.8", false},
	{"192.0.2.0/24 192.0.2.5", "192.0.2.4/30", "192.0.2.5", true},
	{"192.0.2.0/24 192.0.2.5", "192.0.2.4/30", "192.0.2.6", false},
	/* of two that are equally so, the one that denies */
	{"192.0.2.0/24", "192.0.2.0/24", "192.0.2.1", false},
	{"192.0.2.1", "192.0.2.1", "192.0.2.1", false},
	{"0.0.0.0/0", "0.0.0.0/0", "192.0.2.1", false},
	{"192.0.2.0/24 192.0.2.0/25", "192.0.2.0/24", "192.0.2.1", true},
	{"192.0.2.0/24 192.0.2.0/25", "192.0.2.0/24", "192.0.2.129", false},
	/* each family for itself */
	{"::/0", "", "192.0.2.1", false},
	{"::/0", "", "::ffff:192.0.2.1", false},
	{"::/0", "", "2001:db8::1", true},
	{"0.0.0.0/0", "", "192.0.2.1", true},
	{"0.0.0.0/0", "", "2001:db8::1", false},
	{"", "::/0", "192.0.2.1", true},
	{"", "::/0", "2001:db8::1", false},
	{"0.0.0.0/0 ::/0", "2001:db8::/32", "2001:db8::1", false},
	{"0.0.0.0/0 ::/0", "2001:db8::/32", "2001:db9::1", true},
	{"::ffff:192.0.2.0/24", "", "192.0.2.1", true},
};

static void test_let_in(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rules); i++) {
		struct sockaddr_len peer = peer_of(rules[i].peer);
		struct list only, no;

		print_message(
			"# only '%s' no '%s': %s\n", rules[i].only, rules[i].no, rules[i].peer);
		list_of(&only, rules[i].only);
		list_of(&no, rules[i].no);
		assert_int_equal(networks_let_in(&only.all, &no.all, &peer), rules[i].in);
	}
}

/* Bit by bit, as the definition says. */
static bool slow_holds(const struct network *network, const uint8_t addr[16], bool v4)
{
	uint8_t prefix[16];
	unsigned bits = network->bits + (network->v4 ? 96u : 0);

	memcpy(prefix, network->addr, sizeof(prefix));
	if (v4 != network->v4)
		return false;
	for (unsigned i = 0; i < bits; i++)
		if ((prefix[i / 8] ^ addr[i / 8]) >> (7 - i % 8) & 1)
			return false;
	return true;
}

static void test_random(void **state)
{
	uint64_t seed = 0x6e657477;
	unsigned hits = 0, rounds = unit_rounds(300000);

	(void)state;
	for (unsigned i = 0; i < rounds; i++) {
		bool v4 = unit_random(&seed) % 2;
		/* few bits differ, so that many match */
		uint8_t bytes[16] = {0x20, 1}, other[16];
		unsigned flip = unit_random(&seed) % 128,
			 bits = unit_random(&seed) % (v4 ? 33 : 129);
		char host[INET6_ADDRSTRLEN], text[NETWORK_TEXT];
		struct sockaddr_len peer;
		struct network network;
		struct networks list = {&network, 1, NULL};

		for (int j = 0; j < 16; j++)
			bytes[j] ^= (uint8_t)(unit_random(&seed) % 2);
		if (v4)
			memcpy(bytes, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
		memcpy(other, bytes, sizeof(other));
		if (v4)
			flip = 96 + flip % 32;
		other[flip / 8] ^= (uint8_t)(0x80 >> flip % 8);
		inet_ntop(AF_INET6, bytes, host, sizeof(host));
		snprintf(text, sizeof(text), "%s/%u", host, bits);
		assert_true(network_parse(text, &network) != NETWORK_PREFIX);
		assert_int_equal(network.v4, v4);
		inet_ntop(AF_INET6, other, host, sizeof(host));
		peer = peer_of(host);
		assert_int_equal(networks_match(&list, &peer),
			slow_holds(&network, other, v4) ? (int)bits : -1);
		hits += slow_holds(&network, other, v4);
	}
	assert_in_range(hits, rounds / 5, rounds * 4 / 5);
}

/* --- names --- */

static void test_judge(void **state)
{
	static char *in_example[] = {(char *)".example.com", NULL},
		    *bad[] = {(char *)"bad.example.com", NULL};
	struct network ten, one;
	const struct networks none = {0}, only = {&ten, 1, in_example}, no = {&one, 1, bad},
			      names_only = {NULL, 0, in_example}, names_no = {NULL, 0, bad};
	static const struct {
		const char *addr, *name;
		enum networks_verdict only, no, both, named_only, named_no;
	} rows[] = {
		{"10.0.0.1", NULL, NETWORKS_IN, NETWORKS_OUT, NETWORKS_OUT, NETWORKS_ASK,
			NETWORKS_ASK},
		{"10.0.0.2", NULL, NETWORKS_IN, NETWORKS_ASK, NETWORKS_ASK, NETWORKS_ASK,
			NETWORKS_ASK},
		{"10.0.0.2", "", NETWORKS_IN, NETWORKS_OUT, NETWORKS_OUT, NETWORKS_OUT,
			NETWORKS_OUT},
		{"10.0.0.2", "bad.example.com", NETWORKS_IN, NETWORKS_OUT, NETWORKS_OUT,
			NETWORKS_IN, NETWORKS_OUT},
		{"10.0.0.2", "other.test", NETWORKS_IN, NETWORKS_IN, NETWORKS_IN, NETWORKS_OUT,
			NETWORKS_IN},
		{"11.0.0.1", NULL, NETWORKS_ASK, NETWORKS_ASK, NETWORKS_ASK, NETWORKS_ASK,
			NETWORKS_ASK},
		{"11.0.0.1", "", NETWORKS_OUT, NETWORKS_OUT, NETWORKS_OUT, NETWORKS_OUT,
			NETWORKS_OUT},
		{"11.0.0.1", "A.EXAMPLE.COM", NETWORKS_IN, NETWORKS_IN, NETWORKS_IN, NETWORKS_IN,
			NETWORKS_IN},
		{"11.0.0.1", "bad.example.com", NETWORKS_IN, NETWORKS_OUT, NETWORKS_OUT,
			NETWORKS_IN, NETWORKS_OUT},
		{"::ffff:11.0.0.1", "example.com", NETWORKS_OUT, NETWORKS_IN, NETWORKS_OUT,
			NETWORKS_OUT, NETWORKS_IN},
	};

	(void)state;
	network_parse("10.0.0.0/8", &ten);
	network_parse("10.0.0.1", &one);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sockaddr_len peer = peer_of(rows[i].addr);

		print_message("# %s %s\n", rows[i].addr, rows[i].name ? rows[i].name : "?");
		assert_int_equal(networks_judge(&none, &none, &peer, rows[i].name), NETWORKS_IN);
		assert_int_equal(networks_judge(&only, &none, &peer, rows[i].name), rows[i].only);
		assert_int_equal(networks_judge(&none, &no, &peer, rows[i].name), rows[i].no);
		assert_int_equal(networks_judge(&only, &no, &peer, rows[i].name), rows[i].both);
		assert_int_equal(networks_judge(&names_only, &none, &peer, rows[i].name),
			rows[i].named_only);
		assert_int_equal(
			networks_judge(&none, &names_no, &peer, rows[i].name), rows[i].named_no);
	}
}

static void test_names(void **state)
{
	static const char *const good[] = {
		"host", ".test", "a.b-c.example.com", ".x1.3com", "_srv.test", "4u"};
	static const char *const bad[] = {"", ".", "..", "a..b", "a.", "10", "10.1", "a.1",
		"-a.test", "a b", "a/b", "a*", "host.192", "\xc3\xbc.test"};
	char label[80] = "";

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		assert_true(host_name_valid(good[i]));
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(host_name_valid(bad[i]));
	memset(label, 'a', 63);
	assert_true(host_name_valid(label));
	label[63] = 'a';
	assert_false(host_name_valid(label));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_match),
		cmocka_unit_test(test_let_in),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_judge),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests_name("base/network", tests, NULL, NULL);
}
