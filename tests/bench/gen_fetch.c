/* gen_fetch: one file over HTTP/1.0, timed from connect to end of file. The bytes are counted and
 * dropped in the kernel, so that the client costs as little as it can and what is measured is the
 * server. */
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gen.h"

#define REQUEST "GET /data HTTP/1.0\r\n\r\n"
#define AT_ONCE (4 << 20)

/* Waits for events on the socket, as long as there is time. */
static int wait_for(int fd, short events, uint64_t until_ns)
{
	struct pollfd wish = {.fd = fd, .events = events};

	while (poll(&wish, 1, gen_until_ms(until_ns)) <= 0)
		if (gen_now_ns() >= until_ns)
			return ETIMEDOUT;
	return gen_socket_error(fd);
}

static int fetch(int fd, uint64_t until_ns, uint64_t *bytes)
{
	int error = wait_for(fd, POLLOUT, until_ns);

	if (!error && send(fd, REQUEST, strlen(REQUEST), MSG_NOSIGNAL) < 0)
		error = errno;
	while (!error) {
		ssize_t n = recv(fd, NULL, AT_ONCE, MSG_TRUNC);

		if (n == 0)
			return 0;
		if (n > 0)
			*bytes += (size_t)n;
		else if (errno != EAGAIN)
			error = errno;
		else
			error = wait_for(fd, POLLIN, until_ns);
	}
	return error;
}

int gen_fetch(const struct gen_options *options)
{
	uint64_t began_ns = gen_now_ns(), bytes = 0;
	int fd = gen_connect(options, 0), error;
	struct failures failures = {0};
	double seconds;

	if (fd < 0) {
		perror("loadgen");
		return 1;
	}
	error = fetch(fd, began_ns + options->run_ms * 1000000, &bytes);
	seconds = (double)(gen_now_ns() - began_ns) / 1e9;
	close(fd);
	if (error || bytes < options->answer_bytes)
		failures_add(&failures, error);
	printf("mode=fetch bytes=%llu mib_per_second=%.1f", (unsigned long long)bytes,
		(double)bytes / 1048576.0 / seconds);
	failures_print(&failures);
	putchar('\n');
	return 0;
}
