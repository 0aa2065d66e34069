/* Members of a struct as fields of the state, and from them: what is not written has its default,
 * and no number becomes another one because it does not fit. */
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/handover.h"
#include "base/handover_field.h"

struct all {
	uint8_t small;
	bool flag, off;
	uint16_t half, list[4];
	uint32_t word, id;
	uint64_t large, counts[3];
	int number, fd;
	struct sockaddr_len addr, none;
	uint32_t stays;
};

static const struct handover_field rows[] = {
	HANDOVER_ROW(NUMBER, all, small, "small"),
	HANDOVER_ROW(FLAG, all, flag, "flag"),
	HANDOVER_ROW(FLAG, all, off, "off"),
	HANDOVER_ROW(NUMBER, all, half, "half"),
	HANDOVER_ROW_LIST(all, list, "list"),
	HANDOVER_ROW(NUMBER, all, word, "word"),
	HANDOVER_ROW_ID(all, id, "id"),
	HANDOVER_ROW(NUMBER, all, large, "large"),
	HANDOVER_ROW_LIST(all, counts, "counts"),
	HANDOVER_ROW(NUMBER, all, number, "number"),
	HANDOVER_ROW(FD, all, fd, "fd"),
	HANDOVER_ROW(ADDRESS, all, addr, "addr"),
	HANDOVER_ROW(ADDRESS, all, none, "none"),
};

static struct all got;

static void see(const struct record *record)
{
	handover_get_rows(record, HANDOVER_ROWS(rows), &got);
}

static void read_state(int fd)
{
	assert_true(fd >= 0);
	assert_null(handover_read(fd));
	memset(&got, 0xaa, sizeof(got));
	handover_each("all", see);
	close(fd);
}

static void test_each_member_comes_back(void **state)
{
	struct all put = {.small = 0xa1,
		.flag = true,
		.half = 0xa2a3,
		.list = {1, 0, UINT16_MAX, 7},
		.word = 0xa4a5a6a7,
		.id = UINT32_MAX,
		.large = UINT64_MAX - 5,
		.counts = {UINT64_MAX, 0, 3},
		.number = 0x7ffffff1,
		.addr = {.len = sizeof(struct sockaddr_in)}};
	FILE *out = handover_begin();

	(void)state;
	put.fd = open("/dev/null", O_RDWR);
	put.addr.addr.in = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = 0x1234};
	record_begin(out, "all");
	handover_put_rows(out, HANDOVER_ROWS(rows), &put);
	record_end(out);
	read_state(handover_end(out));
	assert_int_equal(got.small, put.small);
	assert_true(got.flag);
	assert_false(got.off);
	assert_int_equal(got.half, put.half);
	assert_memory_equal(got.list, put.list, sizeof(put.list));
	assert_int_equal(got.word, put.word);
	assert_int_equal(got.id, UINT32_MAX);
	assert_true(got.large == put.large);
	assert_memory_equal(got.counts, put.counts, sizeof(put.counts));
	assert_int_equal(got.number, put.number);
	assert_int_equal(got.fd, put.fd);
	assert_int_equal(fcntl(got.fd, F_GETFD), FD_CLOEXEC);
	assert_memory_equal(&got.addr, &put.addr, sizeof(put.addr));
	assert_int_equal(got.none.len, 0);
	assert_int_equal(got.stays, 0xaaaaaaaa);
	close(got.fd);
}

static int state_of(const char *text)
{
	int fd = memfd_create("state", MFD_CLOEXEC);

	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	return fd;
}

static void test_what_is_missing_or_too_large(void **state)
{
	(void)state;
	read_state(state_of("inetd-state\tversion#1\nall\n"));
	assert_int_equal(got.small, 0);
	assert_int_equal(got.id, UINT32_MAX);
	assert_int_equal(got.fd, -1);
	assert_int_equal(got.addr.len, 0);
	assert_int_equal(got.counts[2], 0);
	read_state(state_of(
		"inetd-state\tversion#1\nall\tsmall#256\tflag#7\thalf#65536\tword#4294967296"
		"\tlist#1,2,3,4,5\tcounts#1\tid#0\n"));
	assert_int_equal(got.small, UINT8_MAX);
	assert_true(got.flag);
	assert_int_equal(got.half, UINT16_MAX);
	assert_int_equal(got.word, UINT32_MAX);
	assert_int_equal(got.list[3], 4);
	assert_int_equal(got.counts[0], 1);
	assert_int_equal(got.counts[1], 0);
	assert_int_equal(got.id, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_member_comes_back),
		cmocka_unit_test(test_what_is_missing_or_too_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
