/* draft_where: where the keys of a draft were set, and by what name; see draft.h. */
#include "config/keys/draft.h"

static struct draft_place *find_place(const struct draft *draft, enum key_id id)
{
	struct draft_place *place = draft->places_set;

	while (place && place->id != id)
		place = place->next;
	return place;
}

/* NULL without memory. */
static struct draft_place *make_place(struct draft *draft, enum key_id id)
{
	struct draft_place *place = find_place(draft, id);

	if (place)
		return place;
	place = arena_alloc(draft->arena, sizeof(*place));
	if (!place)
		return NULL;
	*place = (struct draft_place){draft->places_set, id, draft->where, NULL};
	draft->places_set = place;
	return place;
}

struct where draft_where(const struct draft *draft, enum key_id id)
{
	bool given = draft->set[id] || draft->bad[id];
	const struct draft_place *place = given ? find_place(draft, id) : NULL;

	return place ? place->where : draft->where;
}

void draft_set_where(struct draft *draft, enum key_id id, struct where where)
{
	bool same = where.file == draft->where.file && where.line == draft->where.line;
	struct draft_place *place = same ? find_place(draft, id) : make_place(draft, id);

	if (place)
		place->where = where;
}

const char *draft_written(const struct draft *draft, enum key_id id)
{
	const struct draft_place *place = find_place(draft, id);

	return place ? place->written : NULL;
}

void draft_set_written(struct draft *draft, enum key_id id, const char *name)
{
	struct draft_place *place = name ? make_place(draft, id) : find_place(draft, id);

	if (place)
		place->written = name;
}
