/* alive: see alive.h. */
#include "rpc/alive.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/sockaddr.h"

#define WAIT_MS 1000

/* "0.0.0.0.3.4" (RFC 5665, 5.2.3): host, then the two bytes of the port. A wildcard becomes the
 * loopback address. */
static bool read_address(const char *text, struct sockaddr_len *out)
{
	char copy[128];
	unsigned bytes[2];

	if (strlcpy(copy, text, sizeof(copy)) >= sizeof(copy))
		return false;
	for (int i = 1; i >= 0; i--) {
		char *dot = strrchr(copy, '.');

		if (!dot || sscanf(dot + 1, "%3u", &bytes[i]) != 1 || bytes[i] > 255)
			return false;
		*dot = 0;
	}
	if (!sockaddr_parse(copy, out))
		return false;
	sockaddr_set_port(&out->addr, (uint16_t)(bytes[0] << 8 | bytes[1]));
	if (sockaddr_is_wildcard(&out->addr) && out->addr.sa.sa_family == AF_INET)
		out->addr.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else if (sockaddr_is_wildcard(&out->addr))
		out->addr.in6.sin6_addr = in6addr_loopback;
	return true;
}

/* False for an address of another machine, to which nobody here is to send anything. */
static bool is_here(const struct sockaddr_len *addr)
{
	struct sockaddr_len copy = *addr;
	int fd = socket(addr->addr.sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0), result;

	if (fd < 0)
		return false;
	sockaddr_set_port(&copy.addr, 0);
	result = bind(fd, &copy.addr.sa, copy.len);
	close(fd);
	return result == 0;
}

/* A call as one datagram (RFC 5531, 9), without credentials. */
static void ask(int fd, const struct rpcbind_entry *entry)
{
	const uint32_t call[] = {htonl((uint32_t)getpid()), htonl(0), htonl(2),
		htonl(entry->program), htonl(entry->version), 0, 0, 0, 0, 0};

	(void)!send(fd, call, sizeof(call), MSG_NOSIGNAL);
}

bool alive_at(const struct rpcbind_entry *entry)
{
	bool datagrams = !strncmp(entry->netid, "udp", 3);
	struct pollfd poll_fd = {.events = datagrams ? POLLIN : POLLOUT};
	struct sockaddr_len addr;
	int err = 0;
	socklen_t len = sizeof(err);

	if (!read_address(entry->address, &addr) || !is_here(&addr))
		return true;
	poll_fd.fd = socket(addr.addr.sa.sa_family,
		(datagrams ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (poll_fd.fd < 0)
		return true;
	if (connect(poll_fd.fd, &addr.addr.sa, addr.len) < 0 && errno != EINPROGRESS)
		err = errno;
	if (!err && datagrams)
		ask(poll_fd.fd, entry);
	if (!err && poll(&poll_fd, 1, WAIT_MS) > 0)
		getsockopt(poll_fd.fd, SOL_SOCKET, SO_ERROR, &err, &len);
	close(poll_fd.fd);
	return err != ECONNREFUSED;
}
