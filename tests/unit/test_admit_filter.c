/* access_filter: the program for the kernel decides as networks_let_in() does. It is run by a small
 * interpreter here, over headers as the kernel would show them. */
#include "unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "admit/access_filter.h"

#define NETWORKS 64
#define ROOM     BPF_MAXINSNS

static struct sock_filter code[ROOM];

/* What a load of `bytes` from the network header gives, in host order. */
static uint32_t load(const uint8_t *header, uint32_t at, unsigned bytes)
{
	uint32_t offset = at - (uint32_t)SKF_NET_OFF, value = 0;

	assert_true(offset + bytes <= 40);
	for (unsigned i = 0; i < bytes; i++)
		value = value << 8 | header[offset + i];
	return value;
}

/* Runs a program of the operations that access_filter() uses; any other fails the test, and so does
 * one that leaves the program. Returns what it returns. */
static uint32_t run(int count, const uint8_t *header)
{
	uint32_t a = 0, x = 0;

	for (int at = 0; at < count; at++) {
		const struct sock_filter *op = &code[at];

		switch (op->code) {
		case BPF_LD | BPF_B | BPF_ABS:
			a = load(header, op->k, 1);
			break;
		case BPF_LD | BPF_W | BPF_ABS:
			a = load(header, op->k, 4);
			break;
		case BPF_ALU | BPF_RSH | BPF_K:
			a >>= op->k;
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= op->k;
			break;
		case BPF_MISC | BPF_TXA:
			a = x;
			break;
		case BPF_MISC | BPF_TAX:
			x = a;
			break;
		case BPF_JMP | BPF_JA:
			at += (int)op->k;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
			at += a == op->k ? op->jt : op->jf;
			break;
		case BPF_RET | BPF_K:
			return op->k;
		default:
			fail_msg("operation %#x at %d", op->code, at);
		}
	}
	fail_msg("the program ends without a verdict");
	return 0;
}

/* A header with the address as its source. */
static void make_header(const struct sockaddr_len *addr, uint8_t header[40])
{
	memset(header, 0xa5, 40);
	if (addr->addr.sa.sa_family == AF_INET) {
		header[0] = 0x45;
		memcpy(header + 12, &addr->addr.in.sin_addr, 4);
	} else {
		header[0] = 0x60;
		memcpy(header + 8, &addr->addr.in6.sin6_addr, 16);
	}
}

static void check_address(const struct access *access, int count, const struct sockaddr_len *addr)
{
	bool wanted = networks_let_in(&access->only_from, &access->no_access, addr);
	uint8_t header[40];
	char text[SOCKADDR_TEXT];

	make_header(addr, header);
	if ((run(count, header) != 0) == wanted)
		return;
	fail_msg("%s should be %s", sockaddr_text(addr, text, sizeof(text)),
		wanted ? "let in" : "dropped");
}

/* An address of a few of whose first bits there are many, so that prefixes of every length hit. */
static struct sockaddr_len random_address(uint64_t *random, bool v4)
{
	struct sockaddr_len addr;
	uint8_t bytes[16];
	unsigned same = unit_random(random) % 17;

	for (unsigned i = 0; i < sizeof(bytes); i++)
		bytes[i] = i < same ? 0x20 : (uint8_t)unit_random(random);
	memset(&addr, 0, sizeof(addr));
	if (v4) {
		addr.len = sizeof(addr.addr.in);
		addr.addr.in.sin_family = AF_INET;
		memcpy(&addr.addr.in.sin_addr, bytes + unit_random(random) % 13, 4);
		return addr;
	}
	addr.len = sizeof(addr.addr.in6);
	addr.addr.in6.sin6_family = AF_INET6;
	if (unit_random(random) % 8 == 0) { /* one that holds an IPv4 address, or nearly */
		memset(bytes, 0, 10);
		bytes[10] = bytes[11] = unit_random(random) % 4 ? 0xff : 0xfe;
		bytes[unit_random(random) % 8] = unit_random(random) % 4 == 0;
	}
	memcpy(&addr.addr.in6.sin6_addr, bytes, sizeof(bytes));
	return addr;
}

static struct network random_network(uint64_t *random)
{
	bool v4 = unit_random(random) % 2;
	struct sockaddr_len addr = random_address(random, v4);
	char text[SOCKADDR_TEXT + 8], host[INET6_ADDRSTRLEN];
	struct network network;

	inet_ntop(addr.addr.sa.sa_family,
		v4 ? (void *)&addr.addr.in.sin_addr : (void *)&addr.addr.in6.sin6_addr, host,
		sizeof(host));
	snprintf(text, sizeof(text), "%s/%u", host, unit_random(random) % (v4 ? 33 : 129));
	if (network_parse(text, &network) == NETWORK_PREFIX) /* one that holds an IPv4 address */
		network_parse("10.0.0.0/8", &network);
	return network;
}

static struct sockaddr_len parsed(const char *text)
{
	struct sockaddr_len addr;

	assert_true(sockaddr_parse(text, &addr));
	return addr;
}

/* The list's own address, so that the longest prefixes are hit too. */
static struct sockaddr_len address_in(const struct network *network)
{
	struct sockaddr_len addr = {0};

	if (network->v4) {
		addr.len = sizeof(addr.addr.in);
		addr.addr.in.sin_family = AF_INET;
		memcpy(&addr.addr.in.sin_addr, (const uint8_t *)network->addr + 12, 4);
	} else {
		addr.len = sizeof(addr.addr.in6);
		addr.addr.in6.sin6_family = AF_INET6;
		memcpy(&addr.addr.in6.sin6_addr, network->addr, 16);
	}
	return addr;
}

static void test_random_lists_and_addresses(void **state)
{
	uint64_t random = 20261130;
	unsigned lists = unit_rounds(1000);

	(void)state;
	for (unsigned round = 0; round < lists; round++) {
		struct network only[NETWORKS], no[NETWORKS];
		struct access access = {.only_from = {only, unit_random(&random) % NETWORKS, NULL},
			.no_access = {no, unit_random(&random) % NETWORKS, NULL}};
		int count;

		for (size_t i = 0; i < NETWORKS; i++) {
			only[i] = random_network(&random);
			no[i] = unit_random(&random) % 4 ? random_network(&random) : only[i];
		}
		count = access_filter(&access, code, ROOM);
		assert_true(count >= 0);
		for (unsigned i = 0; count && i < 1000; i++) {
			struct sockaddr_len addr = random_address(&random, i % 2);

			check_address(&access, count, &addr);
		}
		for (size_t i = 0; count && i < NETWORKS; i++) {
			struct sockaddr_len addr = address_in(&no[i]);

			check_address(&access, count, &addr);
			addr = address_in(&only[i]);
			check_address(&access, count, &addr);
		}
	}
}

static void test_chosen_addresses(void **state)
{
	static const char *const addresses[] = {"0.0.0.0", "10.0.0.1", "10.1.2.3", "11.0.0.0",
		"255.255.255.255", "::", "::1", "::ffff:10.0.0.1", "::ffff:10.1.2.3",
		"::fffe:10.0.0.1", "2001:db8::1", "2001:db8:1::", "ffff::ffff"};
	struct network only[3], no[2];
	struct access access = {.only_from = {only, 3, NULL}, .no_access = {no, 2, NULL}};
	int count;

	(void)state;
	network_parse("10.0.0.0/8", &only[0]);
	network_parse("2001:db8::/32", &only[1]);
	network_parse("10.1.2.3", &only[2]);
	network_parse("10.1.0.0/16", &no[0]);
	network_parse("2001:db8::/32", &no[1]); /* alike: no_access decides */
	count = access_filter(&access, code, ROOM);
	assert_true(count > 0);
	for (size_t i = 0; i < COUNT(addresses); i++) {
		struct sockaddr_len addr = parsed(addresses[i]);

		check_address(&access, count, &addr);
	}
	access.only_from.count = 0;
	count = access_filter(&access, code, ROOM);
	for (size_t i = 0; i < COUNT(addresses); i++) {
		struct sockaddr_len addr = parsed(addresses[i]);

		check_address(&access, count, &addr);
	}
	network_parse("0.0.0.0/0", &no[0]);
	network_parse("::/0", &no[1]);
	count = access_filter(&access, code, ROOM);
	for (size_t i = 0; i < COUNT(addresses); i++) {
		struct sockaddr_len addr = parsed(addresses[i]);

		check_address(&access, count, &addr);
	}
}

static void test_no_lists_need_no_filter(void **state)
{
	struct access access = {0};

	(void)state;
	assert_int_equal(access_filter(&access, code, ROOM), 0);
}

static void test_what_does_not_fit_is_refused(void **state)
{
	static struct network many[2000];
	struct access access = {.only_from = {many, COUNT(many), NULL}};
	int count;

	(void)state;
	for (size_t i = 0; i < COUNT(many); i++)
		network_parse("2001:db8::1", &many[i]);
	assert_int_equal(access_filter(&access, code, ROOM), -1);
	assert_int_equal(errno, E2BIG);
	access.only_from.count = NETWORKS;
	count = access_filter(&access, code, ROOM);
	assert_true(count > 0);
	assert_int_equal(access_filter(&access, code, (size_t)count - 1), -1);
	assert_int_equal(access_filter(&access, code, (size_t)count), count);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_lists_and_addresses),
		cmocka_unit_test(test_chosen_addresses),
		cmocka_unit_test(test_no_lists_need_no_filter),
		cmocka_unit_test(test_what_does_not_fit_is_refused),
	};

	return cmocka_run_group_tests_name("access_filter", tests, NULL, NULL);
}
