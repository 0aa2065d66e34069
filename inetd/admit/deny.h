/* deny: which sources were refused so often of late that they are ignored. A source that is refused
 * `after` times within `ms` is ignored for `ms` from the last of them on; the first refusal after
 * that begins anew. A set-associative table of fixed size, made with the first refusal: at most
 * DENY_BYTES of memory a service, and a few steps for each question, however many sources there
 * are. Where it is full, what is over is forgotten first, then the source with the fewest refusals,
 * then the one whose began longest ago: noise can make the table forget a source, but whole keys
 * are kept and compared, so that none is ever ignored for what others did: the rate of that is 0.
 * A clock that goes back changes nothing. Pure but for memory. */
#ifndef ADMIT_DENY_H
#define ADMIT_DENY_H

#include <stdbool.h>
#include <stdint.h>

#include "admit/client_key.h"
#include "base/network.h"

#define DENY_SETS  512
#define DENY_WAYS  8
#define DENY_BYTES (DENY_SETS * DENY_WAYS * sizeof(struct deny_entry)) /* 128 KiB */

struct deny_entry {
	uint64_t since_ms; /* of the first refusal; of the last one once it is ignored */
	uint32_t refusals; /* 0 = the place is free; counted up to `after` */
	struct client_key key;
};

/* Zeroed = nobody. */
struct deny {
	struct deny_entry *entries; /* owned; DENY_SETS * DENY_WAYS, or NULL */
	uint64_t seed[2];           /* drawn with the first refusal */
};

struct deny_rule {
	uint32_t ms;    /* 0 = nobody is ever ignored */
	uint32_t after; /* at least 1 */
};

/* Forgets everybody. */
void deny_free(struct deny *deny);

/* True if this source is ignored now. The rule in force now decides, also over what was counted
 * under another one. */
bool deny_holds(const struct deny *deny, const struct deny_rule *rule, const struct client_key *key,
	uint64_t now_ms);

/* The source was refused; not to be called for refusals while it is ignored. Without memory for the
 * table it is not remembered. */
void deny_count(struct deny *deny, const struct deny_rule *rule, const struct client_key *key,
	uint64_t now_ms);

/* Puts back what an earlier table held: so many refusals, and the time that was noted with them. */
void deny_restore(struct deny *deny, const struct deny_rule *rule, const struct client_key *key,
	uint32_t refusals, uint64_t since_ms);

/* Forgets the refusals of every source that has addresses in the network or lies in it; the lengths
 * of prefixes are those that make sources now. Returns how many sources that were. */
unsigned deny_forget(
	struct deny *deny, const struct network *network, unsigned prefix4, unsigned prefix6);

#endif
