/* network: see network.h. */
#include "base/network.h"

#include <arpa/inet.h>
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/host_name.h"

#define MAPPED_BITS 96

/* An address as a network of its own, IPv4 mapped into IPv6. False for other families. */
static bool network_of(const struct sockaddr_len *addr, struct network *out)
{
	struct in6_addr six = IN6ADDR_ANY_INIT;
	uint32_t cid;

	switch (addr->len ? addr->addr.sa.sa_family : AF_UNSPEC) {
	case AF_INET:
		six.s6_addr[10] = six.s6_addr[11] = 0xff;
		memcpy(six.s6_addr + 12, &addr->addr.in.sin_addr, 4);
		break;
	case AF_INET6:
		six = addr->addr.in6.sin6_addr;
		break;
	case AF_VSOCK:
		cid = htonl(addr->addr.vm.svm_cid);
		memcpy(six.s6_addr + 12, &cid, sizeof(cid));
		break;
	default:
		return false;
	}
	memcpy(out->addr, &six, sizeof(six));
	out->v4 = IN6_IS_ADDR_V4MAPPED(&six);
	out->vsock = addr->addr.sa.sa_family == AF_VSOCK;
	return true;
}

/* "vsock:3" */
static bool parse_cid(const char *text, struct network *out)
{
	char whole[NETWORK_TEXT];
	struct sockaddr_len addr;

	snprintf(whole, sizeof(whole), "%s:0", text);
	if (strncmp(text, "vsock:", 6) != 0 || strlen(text) + 3 > sizeof(whole) ||
		!sockaddr_parse_vsock(whole, &addr) || addr.addr.vm.svm_cid == VMADDR_CID_ANY)
		return false;
	network_of(&addr, out);
	out->mask[0] = out->mask[1] = UINT64_MAX;
	out->bits = 128;
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
	struct network whole = {0};
	int prefix, most;
	bool stray;

	*out = (struct network){0};
	if (parse_cid(text, out))
		return NETWORK_OK;
	if (len >= sizeof(host))
		return NETWORK_NOT;
	memcpy(host, text, len);
	host[len] = 0;
	if (strchr(host, '%') || !sockaddr_parse(host, &addr) || !network_of(&addr, &whole))
		return NETWORK_NOT;
	out->v4 = whole.v4;
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
	out->addr[0] = whole.addr[0] & out->mask[0];
	out->addr[1] = whole.addr[1] & out->mask[1];
	stray = memcmp(out->addr, whole.addr, sizeof(out->addr)) != 0;
	return stray ? NETWORK_STRAY : NETWORK_OK;
}

static int longest_match(const struct networks *networks, const struct network *whole)
{
	int longest = -1;

	for (size_t i = 0; i < networks->count; i++) {
		const struct network *one = &networks->list[i];
		uint64_t differ = ((whole->addr[0] ^ one->addr[0]) & one->mask[0]) |
				  ((whole->addr[1] ^ one->addr[1]) & one->mask[1]);

		if (!differ && one->v4 == whole->v4 && one->vsock == whole->vsock &&
			one->bits > longest)
			longest = one->bits;
	}
	return longest;
}

int networks_match(const struct networks *networks, const struct sockaddr_len *addr)
{
	struct network whole;

	if (!networks->count || !network_of(addr, &whole))
		return -1;
	return longest_match(networks, &whole);
}

enum networks_verdict networks_judge(const struct networks *only, const struct networks *no,
	const struct sockaddr_len *addr, const char *name)
{
	bool anybody = !only->count && !only->names, by_address;
	struct network whole;
	int yes, nay;

	if ((anybody && !no->count && !no->names) || !network_of(addr, &whole))
		return NETWORKS_IN;
	yes = longest_match(only, &whole);
	nay = longest_match(no, &whole);
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
	if (network->vsock) {
		uint32_t cid;

		memcpy(&cid, bytes + 12, sizeof(cid));
		snprintf(buf, size, "vsock:%u", ntohl(cid));
		return buf;
	}
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
	if (a->vsock != b->vsock)
		return a->vsock ? -1 : 1;
	if (a->bits != b->bits)
		return a->bits < b->bits ? -1 : 1;
	return memcmp(a->addr, b->addr, sizeof(a->addr));
}
