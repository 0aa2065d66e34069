/* Lines that wait: nothing is lost, doubled or out of order, however little the reader's queue
 * takes at once. */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log_queue.h"

static bool add(unsigned number)
{
	char text[600];
	int len = snprintf(text, sizeof(text), "%u", number);

	/* Of many lengths, so that the room is used in many ways. */
	memset(text + len, '.', sizeof(text) - (size_t)len);
	return log_queue_add(text, (size_t)len + number % 500);
}

/* Reads what is there; each has to be the next. */
static unsigned take(int fd, unsigned next, unsigned most)
{
	char text[700];
	ssize_t len;

	while (most-- && (len = recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT)) >= 0) {
		text[len] = 0;
		assert_int_equal(strtoul(text, NULL, 10), next);
		next++;
	}
	return next;
}

static void test_in_order(void **state)
{
	unsigned rounds = unit_rounds(20000), number = 0, next = 0, full = 0;
	uint64_t seed = 7;
	int ends[2], bytes = 8192;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, ends), 0);
	assert_int_equal(setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes)), 0);
	while (number < rounds) {
		for (unsigned n = unit_random(&seed) % 40; n && add(number); n--)
			number++;
		if (log_queue_send(ends[0]) < 0) {
			assert_true(errno == EAGAIN || errno == ENOBUFS);
			full++;
		} else {
			assert_int_equal(log_queue_count(), 0);
		}
		next = take(ends[1], next, unit_random(&seed) % 60);
	}
	assert_true(full > 0);
	while (log_queue_send(ends[0]) < 0)
		next = take(ends[1], next, UINT32_MAX);
	assert_int_equal(take(ends[1], next, UINT32_MAX), number);
	close(ends[0]);
	close(ends[1]);
}

static void test_full_and_dropped(void **state)
{
	unsigned count = 0;

	(void)state;
	while (log_queue_add("x", 1))
		count++;
	assert_int_equal(count, LOG_QUEUE_LINES);
	assert_int_equal(log_queue_drop(), LOG_QUEUE_LINES);
	assert_int_equal(log_queue_count(), 0);
	assert_true(log_queue_add("x", 1));
	assert_int_equal(log_queue_send(-1), -1);
	assert_int_equal(errno, EBADF);
	assert_int_equal(log_queue_drop(), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in_order),
		cmocka_unit_test(test_full_and_dropped),
	};

	return cmocka_run_group_tests_name("log_queue", tests, NULL, NULL);
}
