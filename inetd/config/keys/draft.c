/* draft: see draft.h. */
#include "config/keys/draft.h"

#include "config/keys/protocol.h"
#include "config/text/list.h"

struct draft *draft_new(struct arena *arena, struct where where, const struct source_file *source)
{
	struct draft *draft = arena_alloc(arena, sizeof(*draft));

	if (!draft)
		return NULL;
	draft->arena = arena;
	draft->where = where;
	draft->source = source;
	return draft;
}

static unsigned place_of(const char *item)
{
	return *item == '/' ? PLACE_PATH : *item == '@' ? PLACE_ABSTRACT : PLACE_INET;
}

unsigned draft_places(const struct draft *draft)
{
	const char *rest = draft->listen;
	unsigned places = 0;
	char item[LIST_PIECE];

	if (draft->set[KEY_LISTEN]) {
		while (list_next(&rest, LIST_BOTH, item, sizeof(item)))
			places |= place_of(item);
		return places;
	}
	if (draft->set[KEY_MUX])
		return PLACE_MUX;
	if (!draft->set[KEY_PORT])
		return 0;
	if (!draft->set[KEY_PROTOCOL] && place_of(draft->port) != PLACE_INET)
		return place_of(draft->port);
	if (draft->set[KEY_PROTOCOL] && draft->protocol->families == FAMILY_UNIX)
		return *draft->port == '@' ? PLACE_ABSTRACT : PLACE_PATH;
	return strncmp(draft->port, DRAFT_TCPMUX, strlen(DRAFT_TCPMUX)) ? PLACE_INET : PLACE_MUX;
}

bool draft_needs_bind(const struct draft *draft)
{
	const char *rest = draft->listen;
	char item[LIST_PIECE];

	if (!draft->set[KEY_LISTEN])
		return draft_places(draft) & PLACE_INET;
	while (list_next(&rest, LIST_BOTH, item, sizeof(item)))
		if (place_of(item) == PLACE_INET && !strchr(item, ':'))
			return true;
	return false;
}

struct where draft_where(const struct draft *draft, enum key_id id)
{
	return draft->set[id] ? draft->set_at[id] : draft->where;
}
