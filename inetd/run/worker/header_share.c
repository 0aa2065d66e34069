/* header_share: see header_share.h. Senders are told apart by a hash that nobody else knows; two
 * that have the same one share a share. */
#include "run/worker/header_share.h"

#include <stdint.h>
#include <stdlib.h>

#include "admit/client_key.h"
#include "base/large.h"

#define SENDERS 4096 /* a power of two */
#define PREFIX4 32
#define PREFIX6 64

static struct {
	uint64_t seed[2];
	uint16_t counts[SENDERS];
} shares LARGE;

void header_share_open(void)
{
	arc4random_buf(shares.seed, sizeof(shares.seed));
}

bool header_share_take(const struct sockaddr_len *peer, uid_t uid, unsigned *share)
{
	struct client_key key = client_key_of(peer, uid, PREFIX4, PREFIX6);
	unsigned index = (unsigned)client_key_hash(&key, shares.seed) % SENDERS;

	if (shares.counts[index] >= HEADER_SHARE)
		return false;
	shares.counts[index]++;
	*share = index;
	return true;
}

void header_share_give(unsigned share)
{
	if (share != HEADER_SHARE_NONE)
		shares.counts[share]--;
}
