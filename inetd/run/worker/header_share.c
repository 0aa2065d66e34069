/* header_share: see header_share.h. Senders are told apart by a hash that nobody else knows; two
 * that have the same one share a share. */
#include "run/worker/header_share.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/param.h>
#include <sys/resource.h>

#include "admit/client_key.h"

#define MOST    8192
#define PART    4    /* at most one in so many descriptors */
#define SENDERS 4096 /* a power of two */
#define PREFIX4 32
#define PREFIX6 64

static struct {
	uint16_t counts[SENDERS];
	unsigned total, most;
	uint64_t seed[2];
} shares;

void header_share_open(void)
{
	struct rlimit limit;

	shares.most = getrlimit(RLIMIT_NOFILE, &limit) < 0
			      ? HEADER_SHARE
			      : (unsigned)MIN(limit.rlim_cur / PART, (rlim_t)MOST);
	arc4random_buf(shares.seed, sizeof(shares.seed));
}

bool header_share_take(const struct sockaddr_len *peer, uid_t uid, unsigned *share)
{
	struct client_key key = client_key_of(peer, uid, PREFIX4, PREFIX6);
	unsigned index = (unsigned)client_key_hash(&key, shares.seed) % SENDERS;

	if (shares.total >= shares.most || shares.counts[index] >= HEADER_SHARE)
		return false;
	shares.total++;
	shares.counts[index]++;
	*share = index;
	return true;
}

void header_share_give(unsigned share)
{
	if (share == HEADER_SHARE_NONE)
		return;
	shares.total--;
	shares.counts[share]--;
}
