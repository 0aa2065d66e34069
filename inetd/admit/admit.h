/* admit: may this service start one more, for this source, now? Counters of one service change
 * here and nowhere else, through check, commit, undo and release. Pure: no I/O, no clock (the
 * caller passes monotonic milliseconds), no log. */
#ifndef ADMIT_ADMIT_H
#define ADMIT_ADMIT_H

#include "admit/clients.h"
#include "admit/deny.h"
#include "admit/reason.h"
#include "base/bucket.h"
#include "base/sockaddr.h"
#include "config/service.h"

/* Counts since the service exists, all but `running` and `peak` only rise. */
struct admit_stats {
	uint64_t started;  /* committed */
	uint64_t ended;    /* released */
	uint64_t undone;   /* committed, then not started; in `started` too */
	uint64_t *refused; /* by reason; owned from the first refusal on */
	uint32_t running, peak;
};

/* Who comes, and when. */
struct arrival {
	const struct sockaddr_len *peer; /* NULL: not by source (a lent stream socket) */
	uid_t uid;                       /* of a unix peer: its source */
	uint64_t now_ms;                 /* monotonic */
	unsigned week_minute; /* local time (base/week.h); matters with access_times only */
	const char
		*name; /* of its host; "" for none; NULL: not known. Matters to lists with names */
};

struct admit {
	const struct limits *limits; /* borrowed */
	const struct access *access; /* borrowed; NULL: everybody, always */
	struct bucket bucket;
	struct clients *sources; /* owned; NULL before the first commit */
	struct deny deny;        /* owned */
	struct admit_stats stats;
};

/* What a commit took, to be given back. Zeroed = nothing. Owned by the child or session. */
struct admit_ticket {
	struct client_entry
		*source; /* in the table of the same admit; NULL: not counted by source */
	bool held;
	bool raised_peak;
};

/* Limits are borrowed until the next ones have been given. */
void admit_init(struct admit *admit, const struct limits *limits, uint64_t now_ms);

/* Who may come, from now on; borrowed until the next call. Who is ignored stays so, as long as
 * there is a deny_time. */
void admit_set_access(struct admit *admit, const struct access *access);

void admit_close(struct admit *admit); /* with running 0 or not: tickets are worthless after it */

/* New limits from a reload; counts and sources are carried over, and buckets keep their share. A
 * change of prefix4 or prefix6 is for connections from then on: what runs stays with the source it
 * was counted for. */
void admit_update(struct admit *admit, const struct limits *limits, uint64_t now_ms);

/* Service-wide part, before accepting: ADMIT_OK, ADMIT_FULL, ADMIT_NEVER, or ADMIT_RATE with the
 * milliseconds until the next token in *wait_ms (at least 1). Changes no count. */
enum verdict admit_ready(struct admit *admit, uint64_t now_ms, uint64_t *wait_ms);

/* The whole question for one arrival, in this order: is its source ignored, may its address, may
 * anybody at this time, then the limits of the service, then those of its source. A peer in
 * `exempt` is neither ignored nor held against the limits of a source; a unix peer's address is not
 * looked at. A refusal is counted in stats.refused here, and DENIED, SOURCE_FULL and SOURCE_RATE
 * against the source, for deny_time; nothing is taken. *wait_ms as above, also for
 * ADMIT_SOURCE_RATE; else 0. */
enum verdict admit_check(struct admit *admit, const struct arrival *arrival, uint64_t *wait_ms);

/* True if the lists of access cannot say whether the arrival may come in before the name of its
 * host is known: the questions here take it for one that may. */
bool admit_needs_name(const struct admit *admit, const struct arrival *arrival);

/* Only what does not depend on the limits, for what is not accepted here: ADMIT_OK, ADMIT_IGNORED,
 * ADMIT_DENIED or ADMIT_TIMES, in this order; counted in the same way. */
enum verdict admit_access(struct admit *admit, const struct arrival *arrival);

/* True if the source is ignored now, by what was held against it here; and if it is in `exempt`. */
bool admit_ignores(const struct admit *admit, const struct arrival *arrival);
bool admit_exempts(const struct admit *admit, const struct arrival *arrival);

/* Counts a refusal by somebody else who was asked about this arrival (tcp wrappers), as
 * admit_check() does with its own: as ADMIT_DENIED, and against the source, for deny_time. */
void admit_denied(struct admit *admit, const struct arrival *arrival);

/* Counts a refusal that the caller found out about (LOAD, TOTAL), or as many as another process
 * did. Nothing is held against a source. */
void admit_refused(struct admit *admit, enum verdict verdict);
void admit_refused_elsewhere(struct admit *admit, enum verdict verdict, uint64_t count);

/* Takes what admit_check() allowed: a slot, a token, a place and a token of the source. Returns
 * ADMIT_OK or ADMIT_MEMORY (nothing taken). Call admit_check() right before. */
enum verdict admit_commit(
	struct admit *admit, const struct arrival *arrival, struct admit_ticket *ticket);

/* Gives back a slot whose program could not be started; tokens too (one of the rate that is in
 * force now, never above full), so that failures do not use up the rate. Empties the ticket.
 * Twice is nothing. */
void admit_undo(struct admit *admit, struct admit_ticket *ticket);

/* Gives back the slot of a program or session that ended. Empties the ticket. Twice is nothing. */
void admit_release(struct admit *admit, struct admit_ticket *ticket);

/* What is counted of the source with that key, made where there is nothing yet; as clients_get().
 */
struct client_entry *admit_source(
	struct admit *admit, const struct client_key *key, uint64_t now_ms);

/* Takes a slot, and a place of the source of that key (NULL: not by source), for what was committed
 * before this table existed: nothing is counted as started, and no token is taken. Returns ADMIT_OK
 * or ADMIT_MEMORY (a slot is taken, but no place of a source). */
enum verdict admit_resume(struct admit *admit, const struct client_key *key, uint64_t now_ms,
	struct admit_ticket *ticket);

/* Holds so many refusals, of which `since_ms` tells when, against a source again. */
void admit_deny_again(
	struct admit *admit, const struct client_key *key, uint32_t refusals, uint64_t since_ms);

/* Forgets what deny_time holds against the sources that touch a network. Returns how many. */
unsigned admit_unblock(struct admit *admit, const struct network *network);

/* How many of one peer's source run now (for TCPCONNNUM). */
uint32_t admit_running_of(const struct admit_ticket *ticket);

#endif
