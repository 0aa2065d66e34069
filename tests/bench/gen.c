/* gen: see gen.h. */
#include "gen.h"

#include <errno.h>
#include <sys/param.h>
#include <sys/socket.h>
#include <unistd.h>

uint64_t gen_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

int gen_until_ms(uint64_t until_ns)
{
	uint64_t now_ns = gen_now_ns();

	if (until_ns <= now_ns)
		return 0;
	return (int)MIN((until_ns - now_ns) / 1000000 + 1, 1000);
}

struct in_addr gen_source(const struct gen_options *options, uint32_t host)
{
	uint32_t network = ntohl(options->server.sin_addr.s_addr) & 0xff000000U;

	return (struct in_addr){.s_addr = htonl(network | host)};
}

static int bind_source(int fd, struct in_addr source)
{
	struct sockaddr_in addr = {.sin_family = AF_INET};
	int on = 1;

	addr.sin_addr = source;
	if (setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on)) < 0)
		return -1;
	return bind(fd, (struct sockaddr *)&addr, sizeof(addr));
}

int gen_connect(const struct gen_options *options, uint64_t serial)
{
	static const struct linger reset = {.l_onoff = 1, .l_linger = 0};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (options->sources &&
		bind_source(fd, gen_source(options, 2 + (uint32_t)(serial % options->sources))) < 0)
		goto fail;
	if (setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset)) < 0)
		goto fail;
	if (connect(fd, (const struct sockaddr *)&options->server, sizeof(options->server)) < 0 &&
		errno != EINPROGRESS)
		goto fail;
	return fd;
fail:;
	int saved = errno;

	close(fd);
	errno = saved;
	return -1;
}

int gen_socket_error(int fd)
{
	int error = 0;
	socklen_t len = sizeof(error);

	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0 ? errno : error;
}

void failures_add(struct failures *failures, int error)
{
	failures->total++;
	if (error >= 0 && error < FAILED_ERRNO)
		failures->by_errno[error]++;
}

void failures_print(const struct failures *failures)
{
	printf(" failed=%llu", (unsigned long long)failures->total);
	for (int error = 0; error < FAILED_ERRNO; error++) {
		const char *name = error == FAILED_SHORT ? "SHORT" : strerrorname_np(error);

		if (failures->by_errno[error])
			printf(" %s=%llu", name ? name : "?",
				(unsigned long long)failures->by_errno[error]);
	}
}
