/* admit: may this service start one more, for this source, now? Counters of one service change
 * here and nowhere else, through check, commit, undo and release. Pure: no I/O, no clock (the
 * caller passes monotonic milliseconds), no log. */
#ifndef ADMIT_ADMIT_H
#define ADMIT_ADMIT_H

#include "admit/bucket.h"
#include "admit/sources.h"
#include "base/sockaddr.h"
#include "config/service.h"

enum verdict {
	ADMIT_OK,
	ADMIT_FULL,        /* instances reached: hold until one ends */
	ADMIT_RATE,        /* no token: hold for *wait_ms */
	ADMIT_NEVER,       /* a limit of 0: nothing is allowed until a reload */
	ADMIT_SOURCE_FULL, /* this source has its share: refuse this one */
	ADMIT_SOURCE_RATE, /* this source comes too fast: refuse this one */
	ADMIT_MEMORY,      /* no memory to count it: refuse this one */
	ADMIT_VERDICTS
};

/* Counts since the service exists, all but `running` and `peak` only rise. */
struct admit_stats {
	uint64_t started;                 /* committed */
	uint64_t ended;                   /* released */
	uint64_t undone;                  /* committed, then not started; in `started` too */
	uint64_t refused[ADMIT_VERDICTS]; /* by reason */
	uint32_t running, peak;
};

struct admit {
	struct limits limits;
	struct bucket bucket;
	struct sources sources; /* owned */
	struct admit_stats stats;
};

/* What a commit took, to be given back. Zeroed = nothing. Owned by the child or session. */
struct admit_ticket {
	struct source *source; /* in the table of the same admit; NULL: not counted by source */
	bool held;
};

void admit_init(struct admit *admit, const struct limits *limits, uint64_t now_ms);
void admit_close(struct admit *admit); /* with running 0 or not: tickets are worthless after it */

/* New limits from a reload; counts and sources are carried over, and buckets keep their share. A
 * change of prefix4 or prefix6 is for connections from then on: what runs stays with the source it
 * was counted for. */
void admit_update(struct admit *admit, const struct limits *limits, uint64_t now_ms);

/* Service-wide part, before accepting: ADMIT_OK, ADMIT_FULL, ADMIT_NEVER, or ADMIT_RATE with the
 * milliseconds until the next token in *wait_ms (at least 1). Changes no count. */
enum verdict admit_ready(struct admit *admit, uint64_t now_ms, uint64_t *wait_ms);

/* The whole question for one peer. `peer` NULL: not by source (a lent socket). `peer_uid` matters
 * for unix peers only. Refusals are counted in stats.refused here; nothing is taken. *wait_ms as
 * above, also for ADMIT_SOURCE_RATE; else 0. */
enum verdict admit_check(struct admit *admit, const struct sockaddr_len *peer, uid_t peer_uid,
	uint64_t now_ms, uint64_t *wait_ms);

/* Takes what admit_check() allowed: a slot, a token, a place and a token of the source. Returns
 * ADMIT_OK or ADMIT_MEMORY (nothing taken). Call admit_check() right before. */
enum verdict admit_commit(struct admit *admit, const struct sockaddr_len *peer, uid_t peer_uid,
	uint64_t now_ms, struct admit_ticket *ticket);

/* Gives back a slot whose program could not be started; tokens too (one of the rate that is in
 * force now, never above full), so that failures do not use up the rate. Empties the ticket.
 * Twice is nothing. */
void admit_undo(struct admit *admit, struct admit_ticket *ticket);

/* Gives back the slot of a program or session that ended. Empties the ticket. Twice is nothing. */
void admit_release(struct admit *admit, struct admit_ticket *ticket);

/* How many of one peer's source run now (for TCPCONNNUM). */
uint32_t admit_running_of(const struct admit_ticket *ticket);

/* "instances", "per_source"...: the key that a verdict comes from, for messages; "limit of 0" for
 * ADMIT_NEVER. */
const char *admit_key(enum verdict verdict);

#endif
