/* draft: see draft.h. */
#include "config/keys/draft.h"

#include "config/keys/protocol.h"

const struct cage cage_none = {.oom_score_adj = CAGE_NO_NUMBER};
const struct socket_extras socket_extras_none = {.tos = SOCKET_NO_NUMBER,
	.mark = SOCKET_NO_NUMBER,
	.priority = SOCKET_NO_NUMBER,
	.unlink_on_exit = true};

struct draft *draft_new(const struct draft *presets)
{
	struct draft *draft = arena_alloc(presets->arena, sizeof(*draft));

	if (!draft)
		return NULL;
	draft->arena = presets->arena;
	draft->keep = presets->keep;
	draft->service = presets->service;
	draft->policy = presets->policy;
	draft->daemon = presets->daemon;
	draft->cage = cage_none;
	draft->extras = socket_extras_none;
	return draft;
}

static unsigned place_of(const char *item)
{
	if (!strncmp(item, "vsock:", strlen("vsock:")))
		return PLACE_VSOCK;
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
	if (draft->set[KEY_PROTOCOL] && draft->protocol->families == FAMILY_VSOCK)
		return PLACE_VSOCK;
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

/* Most keys are set in the file of their entry, by their own names: arrays that are seldom needed.
 */
static const char **grow(struct draft *draft, const char *value)
{
	const char **array = arena_calloc(draft->arena, KEY_COUNT, sizeof(*array));

	for (size_t i = 0; array && i < KEY_COUNT; i++)
		array[i] = value;
	return array;
}

void draft_set_where(struct draft *draft, enum key_id id, struct where where)
{
	draft->line[id] = where.line - draft->where.line;
	if (!draft->file && where.file != draft->where.file)
		draft->file = grow(draft, draft->where.file);
	if (draft->file)
		draft->file[id] = where.file;
}

void draft_set_name(struct draft *draft, enum key_id id, const char *name)
{
	if (!draft->written)
		draft->written = grow(draft, NULL);
	if (draft->written)
		draft->written[id] = name;
}

struct where draft_where(const struct draft *draft, enum key_id id)
{
	const char *file = draft->file ? draft->file[id] : draft->where.file;
	unsigned line = draft->where.line + draft->line[id];

	return draft->set[id] || draft->bad[id] ? (struct where){file, line} : draft->where;
}
