/* sources: who has how many running, and how fast each comes. A hash table, keyed by the source's
 * prefix (or the uid behind a unix socket). An entry stays while something of it runs or its
 * bucket is not full; at most SOURCES_IDLE entries without anything running are remembered, the
 * longest unused is forgotten first: memory is bounded by what runs plus that constant, and a
 * quiet source is never refused because of others. Hashing is keyed, so that a peer cannot choose
 * colliding addresses. Pure but for memory. */
#ifndef ADMIT_SOURCES_H
#define ADMIT_SOURCES_H

#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "admit/bucket.h"
#include "base/sockaddr.h"

#define SOURCES_IDLE 4096

struct source_key {
	uint8_t bytes[17]; /* family or kind, then the masked address or the uid */
};

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

/* The source of a peer: v4-mapped counts as IPv4; prefix lengths in bits; for unix, and for a peer
 * that has no address, the uid. */
struct source_key source_key_of(
	const struct sockaddr_len *peer, uid_t uid, unsigned prefix4, unsigned prefix6);

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
