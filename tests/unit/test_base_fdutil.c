/* fd_recv: one descriptor comes with a message; more than one is refused and none stays open.
 * fd_are_few: no more than a child copies in no time. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fdutil.h"

#define MOST 8

static int ends[2];

static int setup(void **state)
{
	(void)state;
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends);
}

static int teardown(void **state)
{
	(void)state;
	close(ends[0]);
	close(ends[1]);
	return 0;
}

/* The lowest number that is free tells whether one has stayed open. */
static int lowest_free(void)
{
	int fd = dup(ends[0]);

	close(fd);
	return fd;
}

/* Sends "x" with `count` descriptors. */
static void send_many(int count)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(MOST * sizeof(int))];
	} control = {0};
	char byte = 'x';
	struct iovec iov = {.iov_base = &byte, .iov_len = 1};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.room};
	struct cmsghdr *cmsg;

	msg.msg_controllen = CMSG_SPACE((size_t)count * sizeof(int));
	cmsg = CMSG_FIRSTHDR(&msg);
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN((size_t)count * sizeof(int));
	for (int i = 0; i < count; i++)
		memcpy(CMSG_DATA(cmsg) + (size_t)i * sizeof(int), &ends[0], sizeof(int));
	assert_int_equal(sendmsg(ends[0], &msg, 0), 1);
}

static void one(void **state)
{
	char data[2];
	int fd;

	(void)state;
	send_many(1);
	assert_int_equal(fd_recv(ends[1], data, sizeof(data), &fd), 1);
	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	close(fd);
	assert_int_equal(fd_send(ends[0], "yz", 2, -1), 0);
	assert_int_equal(fd_recv(ends[1], data, sizeof(data), &fd), 2);
	assert_int_equal(fd, -1);
}

static void more_than_one(void **state)
{
	const char *under = getenv("INETD_UNDER");
	int before = lowest_free();
	char data[2];
	int fd;

	(void)state;
	if (under && strstr(under, "qemu"))
		unit_skip("qemu-user gives recvmsg(2) twice the room for control data");
	for (int count = 2; count <= MOST; count++) {
		send_many(count);
		assert_int_equal(fd_recv(ends[1], data, sizeof(data), &fd), -1);
		assert_int_equal(errno, EMSGSIZE);
		assert_int_equal(fd, -1);
		assert_int_equal(lowest_free(), before);
	}
}

static void too_long(void **state)
{
	int before = lowest_free();
	char data[2];
	int fd;

	(void)state;
	assert_int_equal(fd_send(ends[0], "long", 4, ends[0]), 0);
	assert_int_equal(fd_recv(ends[1], data, sizeof(data), &fd), -1);
	assert_int_equal(errno, EMSGSIZE);
	assert_int_equal(lowest_free(), before);
}

static void few(void **state)
{
	int fds[100];

	(void)state;
	assert_true(fd_are_few());
	for (int i = 0; i < 100; i++)
		assert_true((fds[i] = dup(ends[0])) >= 0);
	assert_false(fd_are_few());
	for (int i = 0; i < 100; i++)
		close(fds[i]);
	assert_true(fd_are_few());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(one, setup, teardown),
		cmocka_unit_test_setup_teardown(more_than_one, setup, teardown),
		cmocka_unit_test_setup_teardown(too_long, setup, teardown),
		cmocka_unit_test_setup_teardown(few, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
