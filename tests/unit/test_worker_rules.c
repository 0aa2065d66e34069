/* Whose datagrams a socket answers: lists in parts, taken over whole, and what a message weighs. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "worker/rules.h"

static struct sockaddr_len peer_of(const char *text)
{
	struct sockaddr_len peer;

	assert_true(sockaddr_parse(text, &peer));
	return peer;
}

static void send_network(uint32_t id, enum worker_list list, const char *text)
{
	struct worker_down msg = {.verb = WORKER_ACCESS, .id = id, .list = list, .count = 1};

	assert_int_equal(network_parse(text, &msg.networks[0]), NETWORK_OK);
	rules_add(&msg);
}

static void send_span(uint32_t id, uint16_t from, uint16_t minutes)
{
	struct worker_down msg = {.verb = WORKER_ACCESS, .id = id, .list = LIST_TIMES, .count = 1};

	msg.spans[0] = (struct week_span){from, minutes};
	rules_add(&msg);
}

static enum rules_verdict check(const struct rules *rules, const char *peer_text, unsigned minute)
{
	struct sockaddr_len peer = peer_of(peer_text);

	return rules_check(rules, &peer, minute);
}

static void nothing_said(void **state)
{
	struct rules rules;

	(void)state;
	assert_int_equal(rules_take(1, &rules), 0);
	assert_int_equal(check(&rules, "192.0.2.1", 0), RULES_OK);
	assert_int_equal(check(&rules, "2001:db8::1", 5000), RULES_OK);
	rules_free(&rules);
}

static void each_list(void **state)
{
	struct sockaddr_len exempt = peer_of("198.51.100.1");
	struct rules rules;

	(void)state;
	send_network(7, LIST_ONLY_FROM, "192.0.2.0/24");
	send_network(7, LIST_ONLY_FROM, "2001:db8::/32");
	send_network(7, LIST_NO_ACCESS, "192.0.2.128/25");
	send_network(7, LIST_EXEMPT, "198.51.100.0/24");
	send_span(7, 60, 60);
	send_span(7, 10000, 100);
	assert_int_equal(rules_take(7, &rules), 0);
	assert_int_equal(check(&rules, "192.0.2.1", 60), RULES_OK);
	assert_int_equal(check(&rules, "::ffff:192.0.2.1", 119), RULES_OK);
	assert_int_equal(check(&rules, "2001:db8::1", 119), RULES_OK);
	assert_int_equal(check(&rules, "192.0.2.129", 60), RULES_DENIED);
	assert_int_equal(check(&rules, "198.51.100.1", 60), RULES_DENIED);
	assert_int_equal(check(&rules, "192.0.2.1", 59), RULES_TIMES);
	assert_int_equal(check(&rules, "192.0.2.1", 120), RULES_TIMES);
	/* over the end of the week */
	assert_int_equal(check(&rules, "192.0.2.1", WEEK_MINUTES - 1), RULES_OK);
	assert_int_equal(check(&rules, "192.0.2.1", 19), RULES_OK);
	assert_int_equal(check(&rules, "192.0.2.1", 20), RULES_TIMES);
	assert_int_equal(check(&rules, "192.0.2.1", 0), RULES_OK);
	assert_int_equal(check(&rules, "192.0.2.129", 0), RULES_DENIED);
	assert_int_equal(networks_match(&rules.exempt, &exempt), 24);
	rules_free(&rules);
	assert_int_equal(check(&rules, "198.51.100.1", 59), RULES_OK);
	/* what was taken is gone */
	assert_int_equal(rules_take(7, &rules), 0);
	assert_int_equal(check(&rules, "198.51.100.1", 59), RULES_OK);
}

/* Lists that were begun and not finished never become another socket's. */
static void another_id(void **state)
{
	struct rules rules;

	(void)state;
	send_network(1, LIST_NO_ACCESS, "192.0.2.1");
	send_network(2, LIST_NO_ACCESS, "192.0.2.2");
	assert_int_equal(rules_take(2, &rules), 0);
	assert_int_equal(check(&rules, "192.0.2.1", 0), RULES_OK);
	assert_int_equal(check(&rules, "192.0.2.2", 0), RULES_DENIED);
	rules_free(&rules);
	send_network(3, LIST_NO_ACCESS, "192.0.2.1");
	assert_int_equal(rules_take(4, &rules), 0);
	assert_int_equal(check(&rules, "192.0.2.1", 0), RULES_OK);
	rules_free(&rules);
}

static void thousands(void **state)
{
	struct worker_down msg = {.verb = WORKER_ACCESS, .id = 9, .list = LIST_ONLY_FROM};
	struct rules rules;
	char text[32];

	(void)state;
	for (unsigned i = 0; i < 5000; i++) {
		snprintf(text, sizeof(text), "10.%u.%u.0/24", i / 256, i % 256);
		network_parse(text, &msg.networks[msg.count++]);
		if (msg.count < WORKER_NETWORKS && i < 4999)
			continue;
		assert_true(worker_down_size(&msg) <= sizeof(msg));
		rules_add(&msg);
		msg.count = 0;
	}
	assert_int_equal(rules_take(9, &rules), 0);
	assert_int_equal(rules.only_from.count, 5000);
	for (unsigned i = 0; i < 5120; i++) {
		snprintf(text, sizeof(text), "10.%u.%u.7", i / 256, i % 256);
		assert_int_equal(check(&rules, text, 0), i < 5000 ? RULES_OK : RULES_DENIED);
	}
	rules_free(&rules);
}

/* A list that is none closes the door rather than opening it. */
static void nonsense(void **state)
{
	struct worker_down msg = {.verb = WORKER_ACCESS, .id = 5, .list = WORKER_LISTS, .count = 1};
	struct rules rules;

	(void)state;
	rules_add(&msg);
	assert_int_equal(rules_take(5, &rules), -1);
	assert_int_equal(rules_take(5, &rules), 0);
}

/* Small messages stay small, and none is longer than there is room. */
static void sizes(void **state)
{
	struct worker_down msg = {.verb = WORKER_STREAM};

	(void)state;
	assert_int_equal(worker_down_size(&msg), offsetof(struct worker_down, text) + 1);
	assert_true(worker_down_size(&msg) < 40);
	msg.verb = WORKER_SAY;
	strlcpy(msg.text, "hello", sizeof(msg.text));
	assert_int_equal(worker_down_size(&msg), offsetof(struct worker_down, text) + 6);
	memset(msg.text, 'x', sizeof(msg.text));
	assert_int_equal(worker_down_size(&msg), offsetof(struct worker_down, text) + WORKER_TEXT);
	msg = (struct worker_down){.verb = WORKER_ACCESS, .list = LIST_TIMES};
	for (msg.count = 0; msg.count <= WORKER_SPANS; msg.count++)
		assert_int_equal(
			worker_down_size(&msg), offsetof(struct worker_down, text) + 4 * msg.count);
	assert_true(worker_down_size(&msg) == 0);
	msg.list = LIST_NO_ACCESS;
	assert_int_equal(worker_down_size(&msg), 0);
	msg.count = WORKER_NETWORKS;
	assert_in_range(worker_down_size(&msg), 500, sizeof(msg));
	msg.count = UINT32_MAX;
	assert_int_equal(worker_down_size(&msg), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_said),
		cmocka_unit_test(each_list),
		cmocka_unit_test(another_id),
		cmocka_unit_test(thousands),
		cmocka_unit_test(nonsense),
		cmocka_unit_test(sizes),
	};

	return cmocka_run_group_tests_name("worker_rules", tests, NULL, NULL);
}
