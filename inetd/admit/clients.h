/* clients: who has how many running, and how fast each comes. A hash table, keyed by the source's
 * prefix (or the uid behind a unix socket). An entry stays while something of it runs; of those
 * that nothing runs of, at most CLIENTS_IDLE are remembered, the longest unused is forgotten first.
 * Memory of one service: at most CLIENTS_IDLE_BYTES, and CLIENTS_BYTES for each source with
 * something running. What is forgotten is what was counted against a source, never anything in its
 * favour, so that a source below its limits is refused because of others at a rate of 0. Hashing is
 * keyed: a peer cannot choose colliding addresses. Pure but for memory. */
#ifndef ADMIT_CLIENTS_H
#define ADMIT_CLIENTS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "admit/client_key.h"
#include "base/bucket.h"

#define CLIENTS_IDLE 4096

/* An entry, what malloc(3) adds to it, and its part of the chains, of which there are at most eight
 * for an entry. */
#define CLIENTS_BYTES      (sizeof(struct client_entry) + 16 + 8 * sizeof(void *))
#define CLIENTS_IDLE_BYTES ((CLIENTS_IDLE + 2) * CLIENTS_BYTES) /* 616 KiB */

struct client_entry {
	LIST_ENTRY(client_entry) in_chain;
	TAILQ_ENTRY(client_entry) in_idle; /* linked iff running is 0 */
	struct client_key key;
	uint32_t running;
	struct bucket bucket;
};

struct clients {
	LIST_HEAD(client_chain, client_entry) * chains; /* owned; NULL until the first entry */
	size_t chain_count, count, idle_count;
	TAILQ_HEAD(client_idle, client_entry) idle; /* longest unused first */
	uint64_t seed[2]; /* drawn with the first entry, so that a service without clients costs
			     none */
};

void clients_init(struct clients *sources);
void clients_free(struct clients *sources);

/* The entry or NULL. */
struct client_entry *clients_find(struct clients *sources, const struct client_key *key);

/* The entry, made with a full bucket if there is none. NULL without memory. An entry that nothing
 * runs of is valid until the next clients_get(), clients_end() or clients_expire(). */
struct client_entry *clients_get(struct clients *sources, const struct client_key *key,
	const struct rate *rate, uint64_t now_ms);

/* One more, one less running. After the last one the entry may be forgotten at any later call. */
void clients_start(struct clients *sources, struct client_entry *source);
void clients_end(struct clients *sources, struct client_entry *source);

/* Drops idle entries whose bucket is full again, longest unused first, at most `most` of them;
 * ends at the first that is not full. */
void clients_expire(struct clients *sources, const struct rate *rate, uint64_t now_ms, size_t most);

/* After a change of the rate for one source: every bucket keeps its share (bucket_rescale()). */
void clients_rescale(
	struct clients *sources, const struct rate *from, const struct rate *to, uint64_t now_ms);

#endif
