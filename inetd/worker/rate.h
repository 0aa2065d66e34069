/* rate: how many answers each source network (IPv4 /24, IPv6 /48; anything else is one network) has
 * had recently: token buckets in a table of fixed size. Where it is full, the fullest bucket of a
 * few is forgotten, which is the one whose loss gives the least away; so a network is never refused
 * because of others, and one that is being refused is remembered longest. Pure. */
#ifndef WORKER_RATE_H
#define WORKER_RATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/sockaddr.h"

/* Sets the key of the hash, from random bytes: nobody can choose networks that meet. */
void rate_seed(const uint64_t seed[2]);

/* Takes a token of the bucket of `peer`'s network for socket `id`. `per_second` 0 = no limit; a
 * `burst` of 0 counts as 1. Returns false if there is none: no answer. */
bool rate_take(uint32_t id, const struct sockaddr_len *peer, uint32_t per_second, uint32_t burst,
	uint64_t now_ms);

#endif
