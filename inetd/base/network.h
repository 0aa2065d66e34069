/* network: address prefixes (CIDR, RFC 4632, RFC 4291 2.3) and lists of them, which may hold names
 * of hosts too. Pure: nothing is looked up. */
#ifndef BASE_NETWORK_H
#define BASE_NETWORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/sockaddr.h"

/* An IPv4 prefix is kept as the IPv6 one it is mapped to, but never holds IPv6 addresses, nor an
 * IPv6 prefix IPv4 ones. Network byte order. */
struct network {
	uint64_t addr[2], mask[2];
	uint8_t bits; /* as written: 0 to 32, 0 to 128 */
	bool v4;
	bool vsock; /* a CID of vsock(7), in the last 32 bits */
};

struct networks {
	const struct network *list; /* borrowed */
	size_t count;
	char *const *names; /* of hosts (base/host_name.h), ended by NULL; borrowed; NULL: none */
};

/* What two lists say of a client. */
enum networks_verdict {
	NETWORKS_IN,
	NETWORKS_OUT,
	NETWORKS_ASK, /* it depends on the name of its host */
};

#define NETWORK_TEXT 64

enum network_error {
	NETWORK_OK,
	NETWORK_NOT,    /* no address */
	NETWORK_PREFIX, /* no prefix length of its family after the slash */
	NETWORK_STRAY,  /* filled in, but the address has bits after its prefix */
};

/* "192.0.2.1", "192.0.2.0/24", "2001:db8::/32", "vsock:3", brackets allowed; a v4-mapped address is
 * the IPv4 one. Fills *out for OK and STRAY (stray bits taken away). */
enum network_error network_parse(const char *text, struct network *out);

/* The bits of the longest prefix of the list that holds the address (v4-mapped counts as IPv4); -1
 * if none does, or the address is of no family that has some. */
int networks_match(const struct networks *networks, const struct sockaddr_len *addr);

/* What two lists say of an address: the most specific prefix of both decides, of two that are
 * equally so the one in `no`; an address in neither is let in where `only` is empty. Names decide
 * where prefixes leave it open: who has one of `no` is kept out, whatever prefix lets him in, and
 * who has one of `only` is let in where no prefix of `no` holds his address. `name` is that of the
 * client, "" where it has none that is to be believed, who is kept out wherever names matter, and
 * NULL while it is not known. An address of another family, as unix, is let in: the lists do not
 * apply. */
enum networks_verdict networks_judge(const struct networks *only, const struct networks *no,
	const struct sockaddr_len *addr, const char *name);

/* True if they let in the address of a client without a name. */
bool networks_let_in(
	const struct networks *only, const struct networks *no, const struct sockaddr_len *addr);

/* "192.0.2.0/24"; without a slash where it is one address. Returns buf. */
char *network_text(const struct network *network, char *buf, size_t size);

/* Order of two for comparison; 0 = equal. */
int network_compare(const struct network *a, const struct network *b);

#endif
