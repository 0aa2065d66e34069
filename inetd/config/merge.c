/* merge: see merge.h. */
#include "config/merge.h"

#include "config/key.h"
#include "config/protocol.h"

static size_t value_size(enum key_type type)
{
	switch (type) {
	case KEY_WORD:
		return sizeof(int);
	case KEY_YESNO:
		return sizeof(bool);
	case KEY_PER_TIME:
		return sizeof(struct rate);
	case KEY_NUMBER:
	case KEY_LIMIT:
	case KEY_BYTES:
	case KEY_TIME:
	case KEY_MODE:
	case KEY_LOAD:
	case KEY_EVENTS:
		return sizeof(uint32_t);
	default:
		return sizeof(void *);
	}
}

static void copy_key(struct draft *to, const struct draft *from, enum key_id id)
{
	const struct key *key = &key_table[id];

	memcpy((char *)to + key->offset, (const char *)from + key->offset, value_size(key->type));
	to->set[id] = true;
	to->set_at[id] = from->set_at[id];
}

static struct draft **name_slot(struct load *load, struct map *names, const char *name)
{
	return load_memory(load, map_slot(names, name, strlen(name)));
}

static void add_name(struct load *load, struct map *names, struct draft *draft)
{
	struct draft **slot = draft->name ? name_slot(load, names, draft->name) : NULL;

	if (slot) {
		draft->same_name = *slot;
		*slot = draft;
	}
}

/* True if the head of a section means this entry. */
static bool is_meant(const struct draft *section, const struct draft *entry)
{
	const struct protocol *of = section->of_protocol;
	const char *bind = entry->set[KEY_BIND] ? entry->bind : "*";

	if (of && entry->protocol && of != entry->protocol &&
		strcmp(of->name, entry->protocol->base) != 0)
		return false;
	return !section->of_bind || !strcasecmp(section->of_bind, bind);
}

static void extend(struct draft *entry, const struct draft *section)
{
	if (section->set[KEY_SERVER] || section->set[KEY_INTERNAL]) {
		entry->internal = section->set[KEY_INTERNAL];
		entry->set[KEY_SERVER] = entry->set[KEY_INTERNAL] = false;
		entry->set[KEY_SERVER_ARGS] = false;
		entry->argv = NULL;
	}
	if (section->set[KEY_SERVER_ARGS])
		entry->argv = NULL;
	for (size_t id = 0; id < KEY_COUNT; id++)
		if (section->set[id])
			copy_key(entry, section, (enum key_id)id);
	entry->failed |= section->failed;
}

/* A section that is an entry by itself: its head says what its keys do not. */
static void define(struct load *load, struct draft *section)
{
	struct where where = section->where;

	section->internal = section->set[KEY_INTERNAL];
	if (!section->set[KEY_PORT] && section->name && *section->name)
		key_set(section, &key_table[KEY_PORT], section->name, where, load->diag);
	if (section->of_bind)
		key_set(section, &key_table[KEY_BIND], section->of_bind, where, load->diag);
	if (section->of_protocol && section->of_protocol != section->protocol)
		key_set(section, &key_table[KEY_PROTOCOL], section->of_protocol->name, where,
			load->diag);
	load->config->entry_count++;
	STAILQ_INSERT_TAIL(&load->drafts, section, in_load);
}

static void apply(struct load *load, struct map *names, struct draft *section)
{
	struct draft **slot = section->name ? name_slot(load, names, section->name) : NULL;
	bool extends = false;

	if (section->set[KEY_SERVER] && section->set[KEY_INTERNAL]) {
		diag_add(load->diag, DIAG_ERROR, section->set_at[KEY_INTERNAL],
			"internal: the section has a server too, on line %u",
			section->set_at[KEY_SERVER].line);
		section->failed = true;
	}
	for (struct draft *entry = slot ? *slot : NULL; entry; entry = entry->same_name) {
		if (!is_meant(section, entry))
			continue;
		extend(entry, section);
		extends = true;
	}
	if (!extends) {
		define(load, section);
		add_name(load, names, section);
	}
}

/* What follows from what was said. */
static void infer(struct draft *draft)
{
	bool path = draft->port && (*draft->port == '/' || *draft->port == '@');
	bool dgram = draft->set[KEY_SOCKET_TYPE] && draft->socktype == SOCK_DGRAM;

	if (draft->failed)
		return;
	if (!draft->set[KEY_PROTOCOL])
		draft->protocol = protocol_find(path ? "unix" : dgram ? "udp" : "tcp");
	if (!draft->set[KEY_SOCKET_TYPE])
		draft->socktype = strcmp(draft->protocol->base, "udp") ? SOCK_STREAM : SOCK_DGRAM;
	if (!draft->set[KEY_WAIT])
		draft->wait = draft->socktype == SOCK_DGRAM;
}

/* False for what makes no sense in an entry of this kind; said there, it would be a mistake. */
static bool default_fits(const struct draft *draft, enum key_id id)
{
	const char *port = draft->port ? draft->port : "";
	bool path = *port == '/';

	switch (id) {
	case KEY_BIND:
		return !path && *port != '@' && strncmp(port, "tcpmux/", 7) != 0;
	case KEY_SOCKET_MODE:
	case KEY_SOCKET_USER:
	case KEY_SOCKET_GROUP:
		return path;
	case KEY_DEFER_ACCEPT:
		return draft->protocol && !strcmp(draft->protocol->base, "tcp");
	case KEY_PER_SOURCE:
	case KEY_PER_SOURCE_RATE:
		return !draft->wait;
	default:
		return true;
	}
}

static void add_defaults(struct draft *draft, const struct draft *defaults)
{
	for (size_t id = 0; id < KEY_COUNT; id++)
		if (defaults->set[id] && !draft->set[id] && default_fits(draft, (enum key_id)id))
			copy_key(draft, defaults, (enum key_id)id);
}

void merge_sections(struct load *load)
{
	struct draft *draft, *following;
	struct map names;

	map_init(&names, &load->scratch);
	for (draft = STAILQ_FIRST(&load->drafts); draft; draft = STAILQ_NEXT(draft, in_load))
		add_name(load, &names, draft);
	for (draft = STAILQ_FIRST(&load->sections); draft; draft = following) {
		following = STAILQ_NEXT(draft, in_load); /* a section may become an entry */
		apply(load, &names, draft);
	}
	for (draft = STAILQ_FIRST(&load->drafts); draft; draft = STAILQ_NEXT(draft, in_load)) {
		infer(draft);
		add_defaults(draft, load->defaults);
	}
}
