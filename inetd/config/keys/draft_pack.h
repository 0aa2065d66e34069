/* draft_pack: an entry that waits to be merged and checked: of its draft, which has room for every
 * key, only the words of memory that differ from those of a draft in which nothing is set. */
#ifndef CONFIG_DRAFT_PACK_H
#define CONFIG_DRAFT_PACK_H

#include <sys/queue.h>

#include "config/keys/draft.h"

struct draft_pack {
	STAILQ_ENTRY(draft_pack) in_load;
	struct draft_pack *same_name; /* the next entry of this name */
	/* Those of the draft. */
	const char *name;
	const struct protocol *protocol;
	unsigned long *kept; /* private */
};

STAILQ_HEAD(draft_pack_list, draft_pack);

/* Keeps a draft that was made as a copy of `blank`, in its arena; what its values point to is
 * borrowed. May be called again for a draft that has changed. Returns 0, or -1 with errno ENOMEM.
 */
int draft_pack(struct draft_pack *pack, const struct draft *draft, const struct draft *blank);

/* Makes the draft again. */
void draft_unpack(const struct draft_pack *pack, struct draft *draft, const struct draft *blank);

#endif
