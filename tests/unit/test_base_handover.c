/* What one daemon leaves for the next: written and read again; what is not known is passed over,
 * what is missing has a default, another version is refused. */
#include "unit.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/handover.h"

static struct {
	unsigned count;
	int fd;
	uint64_t number;
	char text[64];
	unsigned char bytes[4];
	size_t byte_count;
	struct sockaddr_len addr;
	bool has_addr;
} seen;

static void see(const struct record *record)
{
	const char *text = record_get(record, "text");

	seen.count++;
	seen.fd = handover_take_fd(record, "fd");
	seen.number = record_get_number(record, "number");
	snprintf(seen.text, sizeof(seen.text), "%s", text ? text : "none");
	seen.byte_count = handover_get_bytes(record, "bytes", seen.bytes, sizeof(seen.bytes));
	seen.has_addr = handover_get_address(record, "peer", &seen.addr);
}

static const char *read_text(const char *text)
{
	int fd = memfd_create("state", MFD_CLOEXEC);
	const char *why;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	why = handover_read(fd);
	if (!why)
		why = handover_check();
	if (why)
		handover_forget();
	close(fd);
	memset(&seen, 0, sizeof(seen));
	return why;
}

static void test_round_trip(void **state)
{
	struct sockaddr_len addr;
	FILE *out = handover_begin();
	int passed = dup(STDOUT_FILENO), fd;

	(void)state;
	assert_non_null(out);
	assert_true(passed > STDERR_FILENO);
	assert_int_equal(fcntl(passed, F_SETFD, FD_CLOEXEC), 0);
	assert_true(sockaddr_parse("2001:db8::7", &addr));
	record_begin(out, "thing");
	handover_put_fd(out, "fd", passed);
	handover_put_fd(out, "none", -1);
	record_number(out, "number", UINT64_MAX);
	record_text(out, "text", "a\tb");
	handover_put_bytes(out, "bytes", "\x00\xff\x10", 3);
	handover_put_address(out, "peer", &addr);
	record_end(out);
	record_begin(out, "things");
	record_end(out);
	fd = handover_end(out);
	assert_true(fd > STDERR_FILENO);
	handover_pass(fd, true);
	assert_int_equal(fcntl(passed, F_GETFD), 0);
	assert_int_equal(fcntl(fd, F_GETFD), 0);
	assert_null(handover_read(fd));
	memset(&seen, 0, sizeof(seen));
	handover_each("thing", see);
	assert_int_equal(seen.count, 1);
	assert_int_equal(seen.fd, passed);
	assert_int_equal(fcntl(passed, F_GETFD), FD_CLOEXEC);
	assert_true(seen.number == UINT64_MAX);
	assert_string_equal(seen.text, "a\tb");
	assert_int_equal(seen.byte_count, 3);
	assert_memory_equal(seen.bytes, "\x00\xff\x10", 3);
	assert_true(seen.has_addr);
	assert_int_equal(sockaddr_compare(&seen.addr, &addr), 0);
	/* A descriptor has one owner. */
	handover_each("thing", see);
	assert_int_equal(seen.fd, -1);
	handover_pass(fd, false);
	close(fd);
	close(passed);
	handover_forget();
	handover_each("thing", see);
	assert_int_equal(seen.count, 2);
}

static void test_next_and_last_release(void **state)
{
	(void)state;
	assert_null(read_text("inetd-state\tversion#1\tnew=x\nfuture\tx=y\n"
			      "thing\tfuture=y\tnumber#7\nthing\n"));
	handover_each("thing", see);
	assert_int_equal(seen.count, 2);
	assert_int_equal(seen.number, 0);
	assert_string_equal(seen.text, "none");
	assert_int_equal(seen.fd, -1);
	assert_int_equal(seen.byte_count, 0);
	assert_false(seen.has_addr);
	handover_forget();
}

static void test_refused(void **state)
{
	static const char *const texts[] = {"", "\n", "inetd-state\n", "inetd-state\tversion#2\n",
		"service\tservice=x\n", "inetd-state\tversion#1\nthing\tnumber#x\n",
		"inetd-state\tversion#1\n\n"};

	(void)state;
	assert_null(read_text("inetd-state\tversion#1\n"));
	for (size_t i = 0; i < COUNT(texts); i++) {
		assert_non_null(read_text(texts[i]));
		handover_each("thing", see);
		assert_int_equal(seen.count, 0);
	}
}

static void test_wrong_values(void **state)
{
	(void)state;
	assert_null(read_text("inetd-state\tversion#1\n"
			      "thing\tfd#2\tbytes=00112233445566\tpeer=zz\n"
			      "thing\tfd#123456789\tbytes=0g\tpeer=\n"));
	handover_each("thing", see);
	assert_int_equal(seen.count, 2);
	assert_int_equal(seen.fd, -1);
	assert_int_equal(seen.byte_count, 0);
	assert_false(seen.has_addr);
	handover_forget();
}

/* Writes more than a buffer has room for while files may not grow, then lets them. */
static int end_after(rlim_t most)
{
	FILE *out = handover_begin();
	struct rlimit before, less;

	assert_non_null(out);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	less = (struct rlimit){most, before.rlim_max};
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &less), 0);
	for (int i = 0; i < 10000; i++) {
		record_begin(out, "service");
		record_number(out, "number", (uint64_t)i);
		record_end(out);
	}
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	return handover_end(out);
}

static void test_part_is_missing(void **state)
{
	int fd = end_after(RLIM_INFINITY);

	(void)state;
	assert_true(fd >= 0);
	handover_pass(fd, false);
	close(fd);
	assert_int_equal(end_after(100), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_next_and_last_release),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_wrong_values),
		cmocka_unit_test(test_part_is_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
