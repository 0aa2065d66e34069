/* share: a limited number of places (descriptors, helper processes) that services and their clients
 * have between them. While there is room everybody gets one. When all are taken, who asks gets the
 * place of who has more: of the service with the most, the source with the most, and of that its
 * oldest. Only who has at least two more than the one who asks gives way; else the one who asks is
 * refused. So nobody can take everything, and nobody loses what others do not have too. Pure but
 * for memory. */
#ifndef ADMIT_SHARE_H
#define ADMIT_SHARE_H

#include <stdbool.h>
#include <sys/queue.h>
#include <sys/tree.h>

#include "admit/client_key.h"

/* Whose a place is. */
struct share_who {
	const void *service; /* compared only */
	struct client_key source;
};

struct share_party;
RB_HEAD(share_names, share_party);
RB_HEAD(share_counts, share_party);

/* Services, or the sources of one, that have a place. */
struct share_parties {
	struct share_names names;
	struct share_counts counts;
};

/* Zeroed = no places. */
struct share {
	unsigned most, count;
	struct share_parties services;
};

/* One place; embed it in what it is taken for. Zeroed = not taken. */
struct share_hold {
	/* Called when this one has given way: it is not held any more, and what it was taken for is
	 * to be given up. May free it; may not take another place. */
	void (*give_way)(struct share_hold *hold);
	struct share *share;
	struct share_party *source; /* NULL: not taken */
	TAILQ_ENTRY(share_hold) in_source;
};

/* Takes a place, with hold->give_way set. True: until share_release(). False: all are taken by such
 * as have no more than this one, or there is no memory. */
bool share_take(struct share *share, struct share_hold *hold, const struct share_who *who);

/* Gives it back; nothing if it is not taken. */
void share_release(struct share_hold *hold);

/* There are so many places from now on: who has the most gives way until that is enough. */
void share_resize(struct share *share, unsigned most);

/* Has one give way although nobody asks: of who has the most. False if no place is taken. */
bool share_yield(struct share *share);

#endif
