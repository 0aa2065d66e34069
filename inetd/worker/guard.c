/* guard: see guard.h. */
#include "worker/guard.h"

#include <arpa/inet.h>

/* Services on each port. Untouched pages of it cost nothing. */
static uint16_t own_ports[65536];

void guard_add_port(uint16_t port)
{
	if (port && own_ports[port] < UINT16_MAX)
		own_ports[port]++;
}

void guard_drop_port(uint16_t port)
{
	if (port && own_ports[port] > 0)
		own_ports[port]--;
}

#define SERVERS_BELOW 1024 /* reserved ports: clients of these services have others */

static bool port_allowed(uint16_t port)
{
	if (port < SERVERS_BELOW)
		return false;
	switch (port) {
	case 1900:  /* SSDP */
	case 3702:  /* WS-Discovery */
	case 5353:  /* mDNS */
	case 5683:  /* CoAP */
	case 11211: /* memcached */
		return false;
	default:
		return own_ports[port] == 0;
	}
}

/* RFC 6890: "this network" 0/8, multicast 224/4, and 240/4, where the broadcast address is. */
static bool in4_allowed(struct in_addr in)
{
	uint32_t addr = ntohl(in.s_addr);

	return addr >> 24 != 0 && addr >> 28 < 14;
}

bool guard_allows(const struct sockaddr_len *peer)
{
	struct sockaddr_len plain = *peer;

	if (peer->len <= sizeof(sa_family_t))
		return false;
	sockaddr_unmap(&plain);
	switch (plain.addr.sa.sa_family) {
	case AF_INET:
		return port_allowed(sockaddr_port(&plain.addr)) &&
		       in4_allowed(plain.addr.in.sin_addr);
	case AF_INET6:
		return port_allowed(sockaddr_port(&plain.addr)) &&
		       !IN6_IS_ADDR_UNSPECIFIED(&plain.addr.in6.sin6_addr) &&
		       !IN6_IS_ADDR_MULTICAST(&plain.addr.in6.sin6_addr);
	default:
		return true;
	}
}
