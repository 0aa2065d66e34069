/* draft_pack: an entry that waits to be merged and checked. A draft has room for every key, so only
 * the words of memory are kept that differ from those of another draft, the base: that of an entry
 * not long before, as entries of one file are mostly alike. */
#ifndef CONFIG_DRAFT_PACK_H
#define CONFIG_DRAFT_PACK_H

#include <sys/queue.h>

#include "config/keys/draft.h"

struct draft_words;

struct draft_pack {
	STAILQ_ENTRY(draft_pack) in_load;
	struct draft_pack *same_name; /* the next entry of this name */
	const struct draft *base;     /* private, as the next; borrowed */
	struct draft_words *words;    /* NULL before it is packed */
};

STAILQ_HEAD(draft_pack_list, draft_pack);

/* What drafts are kept as the difference from. */
struct draft_base {
	const struct draft *draft; /* borrowed; the first is one in which nothing is set */
	size_t differences;        /* words, of those that were too different */
};

/* Keeps a draft in its arena; what its values point to is borrowed. May be called again for a draft
 * that has changed. Returns 0, or -1 with errno ENOMEM. */
int draft_pack(struct draft_pack *pack, const struct draft *draft, struct draft_base *base);

/* Makes the draft again. */
void draft_unpack(const struct draft_pack *pack, struct draft *draft);

/* Those of the draft; NULL as there. */
const char *draft_pack_name(const struct draft_pack *pack);
const struct protocol *draft_pack_protocol(const struct draft_pack *pack);

#endif
