/* rate: see rate.h. */
#include "worker/rate.h"

#include <sys/param.h>

#define SETS  1024
#define WAYS  4
#define TOKEN 1000 /* parts of a token: one rate step of a millisecond */

struct entry {
	uint64_t key;   /* hash of socket and network; 0 = unused */
	uint64_t level; /* parts of tokens left at `at_ms` */
	uint64_t at_ms;
	uint64_t full; /* parts of tokens of a full bucket */
};

static struct entry table[SETS][WAYS];
static uint64_t key[2];

void rate_seed(const uint64_t seed[2])
{
	memcpy(key, seed, sizeof(key));
}

static uint64_t mix(uint64_t x)
{
	x = (x ^ (x >> 32)) * 0xd6e8feb86659fd93ULL;
	x = (x ^ (x >> 32)) * 0xd6e8feb86659fd93ULL;
	return x ^ (x >> 32);
}

static uint64_t network_hash(uint32_t id, const struct sockaddr_len *peer)
{
	struct sockaddr_len plain = *peer;
	uint8_t net[8] = {0};
	uint64_t word;

	sockaddr_unmap(&plain);
	net[0] = (uint8_t)plain.addr.sa.sa_family;
	if (plain.addr.sa.sa_family == AF_INET)
		memcpy(net + 2, &plain.addr.in.sin_addr, 3);
	else if (plain.addr.sa.sa_family == AF_INET6)
		memcpy(net + 2, &plain.addr.in6.sin6_addr, 6);
	memcpy(&word, net, sizeof(word));
	word = mix(mix(word ^ key[0]) + (id ^ key[1]));
	return word ? word : 1;
}

/* Its bucket, or the one that takes the place of the fullest of the set. */
static struct entry *entry_get(uint64_t hash, uint64_t full, uint64_t now_ms)
{
	struct entry *set = table[hash % SETS], *victim = set;
	uint64_t least = UINT64_MAX;

	for (int i = 0; i < WAYS; i++) {
		uint64_t missing = set[i].key ? set[i].full - set[i].level : 0;

		if (set[i].key == hash)
			return &set[i];
		if (missing < least) {
			least = missing;
			victim = &set[i];
		}
	}
	*victim = (struct entry){.key = hash, .level = full, .at_ms = now_ms, .full = full};
	return victim;
}

bool rate_take(uint32_t id, const struct sockaddr_len *peer, uint32_t per_second, uint32_t burst,
	uint64_t now_ms)
{
	uint64_t full = (uint64_t)MAX(burst, 1) * TOKEN;
	struct entry *e;

	if (!per_second)
		return true;
	e = entry_get(network_hash(id, peer), full, now_ms);
	if (now_ms > e->at_ms) {
		uint64_t gain = MIN(now_ms - e->at_ms, UINT32_MAX) * per_second;

		e->level = MIN(e->level + gain, full);
		e->at_ms = now_ms;
	}
	e->full = full;
	if (e->level < TOKEN)
		return false;
	e->level -= TOKEN;
	return true;
}
