/* draft: see draft.h. */
#include "config/keys/draft.h"

#include "config/keys/protocol.h"

struct draft *draft_new(
	const struct draft *presets, struct where where, const struct source_file *source)
{
	struct draft *draft = arena_alloc(presets->arena, sizeof(*draft));

	if (!draft)
		return NULL;
	draft->arena = presets->arena;
	draft->keep = presets->keep;
	draft->service = presets->service;
	draft->daemon = presets->daemon;
	draft->cage = cage_none;
	draft->extras = socket_extras_none;
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
	unsigned places = 0;

	if (draft->set[KEY_LISTEN]) {
		for (char **item = draft->listen; *item; item++)
			places |= place_of(*item);
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
	if (!draft->set[KEY_LISTEN])
		return draft_places(draft) & PLACE_INET;
	for (char **item = draft->listen; *item; item++)
		if (place_of(*item) == PLACE_INET && !strchr(*item, ':'))
			return true;
	return false;
}

struct where draft_where(const struct draft *draft, enum key_id id)
{
	return draft->set[id] || draft->bad[id] ? draft->set_at[id] : draft->where;
}
