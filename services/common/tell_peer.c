/* tell_peer: see tell_peer.h. */
#include "common/tell_peer.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>

#include "common/given.h"

/* In figures, without the zone of a link-local address, which the header has no place for; its
 * port.
 */
static int tell_end(const struct given_address *end, char text[INET6_ADDRSTRLEN])
{
	const struct sockaddr_in6 *six = (const void *)&end->at;
	const struct sockaddr_in *four = (const void *)&end->at;
	bool is_six = end->at.ss_family == AF_INET6;

	inet_ntop(end->at.ss_family, is_six ? (const void *)&six->sin6_addr : &four->sin_addr, text,
		INET6_ADDRSTRLEN);
	return ntohs(is_six ? six->sin6_port : four->sin_port);
}

size_t tell_peer(int fd, char *line, size_t size)
{
	struct given_address ends[2] = {given_peer(fd), given_local(fd)};
	char hosts[2][INET6_ADDRSTRLEN];
	int ports[2];

	for (int i = 0; i < 2; i++) {
		if (!ends[i].len || ends[i].at.ss_family == AF_UNIX)
			return (size_t)snprintf(line, size, "PROXY UNKNOWN\r\n");
		ports[i] = tell_end(&ends[i], hosts[i]);
	}
	return (size_t)snprintf(line, size, "PROXY TCP%d %s %s %d %d\r\n",
		ends[0].at.ss_family == AF_INET6 ? 6 : 4, hosts[0], hosts[1], ports[0], ports[1]);
}
