/* source_key: what makes two peers one source, and a hash of it that nobody outside can aim at.
 * Pure. */
#ifndef ADMIT_SOURCE_KEY_H
#define ADMIT_SOURCE_KEY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/sockaddr.h"

struct source_key {
	uint8_t bytes[17]; /* family or kind, then the masked address or the uid */
};

/* The source of a peer: v4-mapped counts as IPv4; prefix lengths in bits; for unix, and for a peer
 * that has no address, the uid. */
struct source_key source_key_of(
	const struct sockaddr_len *peer, uid_t uid, unsigned prefix4, unsigned prefix6);

bool source_key_equal(const struct source_key *a, const struct source_key *b);

/* SipHash-1-3 of the key (Aumasson and Bernstein, 2012). The seed is random and kept from peers, so
 * that they cannot choose addresses that meet. */
uint64_t source_key_hash(const struct source_key *key, const uint64_t seed[2]);

#endif
