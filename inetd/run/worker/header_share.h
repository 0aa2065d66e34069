/* header_share: how many connections of one sender may wait for the header of the PROXY protocol at
 * once. How many of all may is the pool `kept`'s affair (run/service/kept.h). */
#ifndef RUN_HEADER_SHARE_H
#define RUN_HEADER_SHARE_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/sockaddr.h"

/* Of one address (an IPv6 /64), or one user at the other end of unix sockets. */
#define HEADER_SHARE 1024

void header_share_open(void);

/* Counts one more of that sender: *share names it, to be given back. False: it has its share. */
bool header_share_take(const struct sockaddr_len *peer, uid_t uid, unsigned *share);
void header_share_give(unsigned share);

/* What is no share, to be given back. */
#define HEADER_SHARE_NONE UINT_MAX

#endif
