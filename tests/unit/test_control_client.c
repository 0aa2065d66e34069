/* One client of the control socket: what a request is, and how long it may take with its request
 * and with the answer, by a clock that stands still until it is moved. */
#include "unit.h"

#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "control/client.h"

#define BODY 4000000 /* more than a socket takes at once */

static uint64_t clock_ms = 1000000;

/* In place of the C library's, for the loop as well. */
int clock_gettime(clockid_t id, struct timespec *now)
{
	(void)id;
	now->tv_sec = (time_t)(clock_ms / 1000);
	now->tv_nsec = (long)(clock_ms % 1000) * 1000000;
	return 0;
}

static int verb_long(FILE *out, const char *arg)
{
	(void)arg;
	for (int i = 0; i < BODY; i++)
		putc('x', out);
	return 0;
}

static control_fn *const verbs[VERBS] = {[VERB_LIST] = verb_long};

static void ready(struct watch *watch, uint32_t events)
{
	(void)watch;
	(void)events;
}

static void late(struct timer *timer)
{
	(void)timer;
}

static void pass(uint64_t ms)
{
	clock_ms += ms;
	loop_tick();
}

/* Until it is late, in milliseconds from now. */
static uint64_t left(const struct client *client)
{
	return loop_timer_running(&client->limit) ? client->limit.at_ms - clock_ms : UINT64_MAX;
}

static int setup(void **state)
{
	sigset_t none;

	(void)state;
	sigemptyset(&none);
	client_verbs(verbs);
	return loop_open(&none, NULL);
}

static int teardown(void **state)
{
	(void)state;
	loop_close();
	return 0;
}

static struct client *connect_client(int *peer)
{
	struct client *client;
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	loop_tick();
	client = client_new(pair[0], ready, late);
	assert_non_null(client);
	*peer = pair[1];
	return client;
}

static void say(int peer, const char *text)
{
	assert_int_equal(write(peer, text, strlen(text)), strlen(text));
}

static size_t take_all(int peer)
{
	char buf[65536];
	size_t taken = 0;
	ssize_t len;

	while ((len = read(peer, buf, sizeof(buf))) > 0)
		taken += (size_t)len;
	return taken;
}

static void test_request_has_10_seconds_in_all(void **state)
{
	int peer;
	struct client *client = connect_client(&peer);

	(void)state;
	assert_int_equal(left(client), 10000);
	for (int i = 0; i < 4; i++) {
		pass(2000);
		say(peer, "i");
		assert_true(client_read(client));
		assert_false(client->asked && client->state == REQUEST_WHOLE);
		assert_int_equal(left(client), 10000 - 2000 * (uint64_t)(i + 1));
	}
	client_free(client);
	close(peer);
}

/* However it takes its time: 3 s at most between two parts, and 10 s for all of them. */
static void test_answer_has_10_seconds_in_all(void **state)
{
	static const struct {
		uint64_t pass, left;
	} steps[] = {{2900, 3000}, {2900, 3000}, {1000, 3000}, {200, 3000}, {400, 2600},
		{2000, 600}, {500, 100}, {100, 0}, {100, 0}};
	int peer;
	struct client *client = connect_client(&peer);
	size_t taken = 0;

	(void)state;
	say(peer, "inetd/2 list\n");
	assert_true(client_read(client) && client->asked);
	pass(5000); /* what its request has taken is not the answer's */
	client_compose(client);
	assert_true(client_answer(client));
	assert_int_equal(left(client), 3000);
	for (size_t i = 0; i < COUNT(steps); i++) {
		pass(steps[i].pass);
		taken += take_all(peer);
		assert_true(client_send(client));
		assert_int_equal(left(client), steps[i].left);
	}
	/* What cannot be sent is no reason to wait longer. */
	assert_true(taken > 0 && taken < BODY);
	client_free(client);
	close(peer);
}

static void test_answer_is_whole(void **state)
{
	int peer;
	struct client *client = connect_client(&peer);
	size_t taken;
	bool more;

	(void)state;
	say(peer, "inetd/2 list\n");
	assert_true(client_read(client) && client->asked);
	client_compose(client);
	more = client_answer(client);
	taken = take_all(peer);
	while (more) {
		more = client_send(client);
		taken += take_all(peer);
	}
	assert_int_equal(taken, strlen("inetd/2 0 4000000\n") + BODY);
	client_free(client);
	close(peer);
}

static void test_requests(void **state)
{
	static const struct {
		const char *line, *verb, *arg;
		enum request_state is;
	} rows[] = {
		{"inetd/1 a\n", NULL, NULL, REQUEST_FOREIGN},
		{"inetd/2 a\n", "a", NULL, REQUEST_WHOLE},
		{"inetd/2 a \n", "a", NULL, REQUEST_WHOLE},
		{"inetd/2 a  b c \n", "a", " b c ", REQUEST_WHOLE},
		{"inetd/2 a\ninetd/1 b\n", "a", NULL, REQUEST_WHOLE},
		{"inetd/2 a", NULL, NULL, REQUEST_PART},
		{"inetd/2 \n", NULL, NULL, REQUEST_WRONG},
		{"inetd/2  a\n", NULL, NULL, REQUEST_WRONG},
		{"inetd/2 a\tb\n", NULL, NULL, REQUEST_WRONG},
		{"inetd/2\n", NULL, NULL, REQUEST_FOREIGN},
		{"inetd/3 a\n", NULL, NULL, REQUEST_FOREIGN},
		{"inetd/2a\n", NULL, NULL, REQUEST_FOREIGN},
		{"GET / HTTP/1.0\r\n", NULL, NULL, REQUEST_FOREIGN},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char buf[REQUEST_BYTES] = "";
		struct request request;

		strlcpy(buf, rows[i].line, sizeof(buf));
		assert_int_equal(request_parse(buf, strlen(rows[i].line), &request), rows[i].is);
		if (!rows[i].verb)
			continue;
		assert_string_equal(request.verb, rows[i].verb);
		assert_int_equal(request.arg != NULL, rows[i].arg != NULL);
		if (rows[i].arg)
			assert_string_equal(request.arg, rows[i].arg);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_request_has_10_seconds_in_all, setup, teardown),
		cmocka_unit_test_setup_teardown(test_answer_has_10_seconds_in_all, setup, teardown),
		cmocka_unit_test_setup_teardown(test_answer_is_whole, setup, teardown),
		cmocka_unit_test(test_requests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
