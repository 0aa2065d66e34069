/* client_key: what makes two peers one source, and a hash of it that a peer cannot predict.
 * Pure. */
#ifndef ADMIT_CLIENT_KEY_H
#define ADMIT_CLIENT_KEY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/sockaddr.h"

struct client_key {
	uint8_t bytes[17]; /* family or kind, then the masked address or the uid */
};

/* The source of a peer: v4-mapped counts as IPv4; prefix lengths in bits; for unix, and for a peer
 * that has no address, the uid. */
struct client_key client_key_of(
	const struct sockaddr_len *peer, uid_t uid, unsigned prefix4, unsigned prefix6);

bool client_key_equal(const struct client_key *a, const struct client_key *b);

/* SipHash-1-3 of the key (Aumasson and Bernstein, 2012). The seed is random and kept from peers, so
 * that they cannot choose addresses that meet. */
uint64_t client_key_hash(const struct client_key *key, const uint64_t seed[2]);

#endif
