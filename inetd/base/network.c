/* network: see network.h. */
#include "base/network.h"

#include <arpa/inet.h>
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/host_name.h"

#define MAPPED_BITS 96

/* The 128 bits of an address, IPv4 mapped into IPv6. False for other families. */
static bool address_bits(const struct sockaddr_len *addr, uint64_t out[2], bool *v4)
{
	struct in6_addr six = IN6ADDR_ANY_INIT;

	switch (addr->len ? addr->addr.sa.sa_family : AF_UNSPEC) {
	case AF_INET:
		six.s6_addr[10] = six.s6_addr[11] = 0xff;
		memcpy(six.s6_addr + 12, &addr->addr.in.sin_addr, 4);
		break;
	case AF_INET6:
		six = addr->addr.in6.sin6_addr;
		break;
	default:
		return false;
	}
	memcpy(out, &six, sizeof(six));
	*v4 = IN6_IS_ADDR_V4MAPPED(&six);
	return true;
}

/* The first `bits` of 64 set, in network byte order. */
static uint64_t high_bits(int bits)
{
	if (bits <= 0)
		return 0;
	return htobe64(bits >= 64 ? UINT64_MAX : UINT64_MAX << (64 - bits));
}

enum network_error network_parse(const char *text, struct network *out)
{
	char host[NETWORK_TEXT];
	size_t len = strcspn(text, "/");
	const char *err = NULL;
	struct sockaddr_len addr;
	uint64_t bits[2];
	int prefix, most;
	bool stray;

	if (len >= sizeof(host))
		return NETWORK_NOT;
	memcpy(host, text, len);
	host[len] = 0;
	*out = (struct network){0};
	if (strchr(host, '%') || !sockaddr_parse(host, &addr) ||
		!address_bits(&addr, bits, &out->v4))
		return NETWORK_NOT;
	most = out->v4 ? 32 : 128;
	prefix = most;
	if (text[len]) {
		if (!text[len + 1] || text[len + 1 + strspn(text + len + 1, "0123456789")])
			return NETWORK_PREFIX;
		prefix = (int)strtonum(text + len + 1, 0, most, &err);
		if (err)
			return NETWORK_PREFIX;
	}
	out->bits = (uint8_t)prefix;
	prefix += out->v4 ? MAPPED_BITS : 0;
	out->mask[0] = high_bits(prefix);
	out->mask[1] = high_bits(prefix - 64);
	out->addr[0] = bits[0] & out->mask[0];
	out->addr[1] = bits[1] & out->mask[1];
	stray = out->addr[0] != bits[0] || out->addr[1] != bits[1];
	return stray ? NETWORK_STRAY : NETWORK_OK;
}

static int longest_match(const struct networks *networks, const uint64_t bits[2], bool v4)
{
	int longest = -1;

	for (size_t i = 0; i < networks->count; i++) {
		const struct network *one = &networks->list[i];
		uint64_t differ = ((bits[0] ^ one->addr[0]) & one->mask[0]) |
				  ((bits[1] ^ one->addr[1]) & one->mask[1]);

		if (!differ && one->v4 == v4 && one->bits > longest)
			longest = one->bits;
	}
	return longest;
}

int networks_match(const struct networks *networks, const struct sockaddr_len *addr)
{
	uint64_t bits[2];
	bool v4;

	if (!networks->count || !address_bits(addr, bits, &v4))
		return -1;
	return longest_match(networks, bits, v4);
}

enum networks_verdict networks_judge(const struct networks *only, const struct networks *no,
	const struct sockaddr_len *addr, const char *name)
{
	bool anybody = !only->count && !only->names, by_address;
	uint64_t bits[2];
	int yes, nay;
	bool v4;

	if ((anybody && !no->count && !no->names) || !address_bits(addr, bits, &v4))
		return NETWORKS_IN;
	yes = longest_match(only, bits, v4);
	nay = longest_match(no, bits, v4);
	by_address = anybody ? nay < 0 : yes > nay;
	if (by_address && !no->names)
		return NETWORKS_IN;
	if (!by_address && (nay >= 0 || !only->names))
		return NETWORKS_OUT;
	if (!name)
		return NETWORKS_ASK;
	if (!*name || host_name_in(no->names, name))
		return NETWORKS_OUT;
	return by_address || host_name_in(only->names, name) ? NETWORKS_IN : NETWORKS_OUT;
}

bool networks_let_in(
	const struct networks *only, const struct networks *no, const struct sockaddr_len *addr)
{
	return networks_judge(only, no, addr, "") == NETWORKS_IN;
}

char *network_text(const struct network *network, char *buf, size_t size)
{
	char host[INET6_ADDRSTRLEN] = "?";
	uint8_t bytes[16];

	memcpy(bytes, network->addr, sizeof(bytes));
	inet_ntop(network->v4 ? AF_INET : AF_INET6, bytes + (network->v4 ? 12 : 0), host,
		sizeof(host));
	if (network->bits == (network->v4 ? 32 : 128))
		strlcpy(buf, host, size);
	else
		snprintf(buf, size, "%s/%u", host, network->bits);
	return buf;
}

int network_compare(const struct network *a, const struct network *b)
{
	if (a->v4 != b->v4)
		return a->v4 ? -1 : 1;
	if (a->bits != b->bits)
		return a->bits < b->bits ? -1 : 1;
	return memcmp(a->addr, b->addr, sizeof(a->addr));
}
