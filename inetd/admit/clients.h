/* sources: who has how many running, and how fast each comes. A hash table, keyed by the source's
 * prefix (or the uid behind a unix socket). An entry stays while something of it runs; of those
 * that nothing runs of, at most SOURCES_IDLE are remembered, the longest unused is forgotten first.
 * Memory of one service: at most SOURCES_IDLE_BYTES, and SOURCES_BYTES for each source with
 * something running. What is forgotten is what was counted against a source, never anything in its
 * favour, so that a source below its limits is refused because of others at a rate of 0. Hashing is
 * keyed: a peer cannot choose colliding addresses. Pure but for memory. */
#ifndef ADMIT_SOURCES_H
#define ADMIT_SOURCES_H

#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "admit/client_key.h"
#include "base/bucket.h"

#define SOURCES_IDLE 4096

/* An entry, what malloc(3) adds to it, and its part of the chains, of which there are at most eight
 * for an entry. */
#define SOURCES_BYTES      (sizeof(struct source) + 16 + 8 * sizeof(void *))
#define SOURCES_IDLE_BYTES ((SOURCES_IDLE + 2) * SOURCES_BYTES) /* 616 KiB */

struct source {
	LIST_ENTRY(source) in_chain;
	TAILQ_ENTRY(source) in_idle; /* linked iff running is 0 */
	struct source_key key;
	uint32_t running;
	struct bucket bucket;
};

struct sources {
	LIST_HEAD(source_chain, source) * chains; /* owned; NULL until the first entry */
	size_t chain_count, count, idle_count;
	TAILQ_HEAD(source_idle, source) idle; /* longest unused first */
	uint64_t seed[2]; /* drawn with the first entry, so that a service without clients costs
			     none */
};

void sources_init(struct sources *sources);
void sources_free(struct sources *sources);

/* The entry or NULL. */
struct source *sources_find(struct sources *sources, const struct source_key *key);

/* The entry, made with a full bucket if there is none. NULL without memory. An entry that nothing
 * runs of is valid until the next sources_get(), sources_end() or sources_expire(). */
struct source *sources_get(struct sources *sources, const struct source_key *key,
	const struct rate *rate, uint64_t now_ms);

/* One more, one less running. After the last one the entry may be forgotten at any later call. */
void sources_start(struct sources *sources, struct source *source);
void sources_end(struct sources *sources, struct source *source);

/* Drops idle entries whose bucket is full again, longest unused first, at most `most` of them;
 * ends at the first that is not full. */
void sources_expire(struct sources *sources, const struct rate *rate, uint64_t now_ms, size_t most);

/* After a change of the rate for one source: every bucket keeps its share (bucket_rescale()). */
void sources_rescale(
	struct sources *sources, const struct rate *from, const struct rate *to, uint64_t now_ms);

#endif
