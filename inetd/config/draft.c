/* draft: see draft.h. */
#include "config/draft.h"

struct draft *draft_new(struct arena *arena, struct where where, const struct source_file *source)
{
	struct draft *draft = arena_alloc(arena, sizeof(*draft));

	if (!draft)
		return NULL;
	draft->where = where;
	draft->source = source;
	return draft;
}

struct where draft_where(const struct draft *draft, enum key_id id)
{
	return draft->set[id] ? draft->set_at[id] : draft->where;
}
