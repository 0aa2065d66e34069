/* merge: see merge.h. */
#include "config/check/merge.h"

#include "config/check/key_rules.h"
#include "config/keys/key.h"
#include "config/keys/protocol.h"

#define GUESSES 20

static struct draft_pack **name_slot(struct load *load, struct map *names, const char *name)
{
	return load_memory(load, map_slot_borrow(names, name, strlen(name)));
}

static void add_name(struct load *load, struct map *names, struct draft_pack *pack)
{
	const char *name = draft_pack_name(pack);
	struct draft_pack **slot = name ? name_slot(load, names, name) : NULL;

	if (slot) {
		pack->same_name = *slot;
		*slot = pack;
	}
}

/* The bind part that an entry will have: its own, else that of [defaults] or the command line. */
static const char *bind_of(const struct load *load, const struct draft *entry)
{
	const char *bind = load->options->bind_default;

	if (entry->set[KEY_BIND])
		return entry->bind;
	if (load->defaults->set[KEY_BIND])
		bind = load->defaults->bind;
	return bind && *bind && draft_needs_bind(entry) ? bind : "*";
}

/* True if the head of a section means this entry. */
static bool is_meant(
	const struct load *load, const struct draft *section, const struct draft *entry)
{
	const struct protocol *of = section->of_protocol;

	if (of && entry->protocol && of != entry->protocol &&
		strcmp(of->name, entry->protocol->base) != 0)
		return false;
	return !section->of_bind || !strcasecmp(section->of_bind, bind_of(load, entry));
}

/* The value of `second` after that of `first`, into `to`. */
static void join(struct load *load, struct draft *to, const struct draft *first,
	const struct draft *second, enum key_id id)
{
	if (key_join(to, first, second, id) < 0)
		load->no_memory = true;
}

/* What the section sets of the program, and of the place to listen at, replaces all that the entry
 * sets of it. */
static void make_way(struct load *load, struct draft *entry, const struct draft *section)
{
	unsigned places = draft_places(section);

	if (section->set[KEY_SERVER] || section->set[KEY_INTERNAL]) {
		entry->internal = section->set[KEY_INTERNAL];
		entry->set[KEY_SERVER] = entry->set[KEY_INTERNAL] = false;
		entry->set[KEY_SERVER_ARGS] = entry->set[KEY_ARGV0] = false;
		entry->service.builtin = BUILTIN_NONE;
	}
	if (section->set[KEY_LISTEN] && section->added[KEY_LISTEN]) {
		if (entry->set[KEY_PORT] && !entry->set[KEY_LISTEN])
			key_set(entry, &key_table[KEY_LISTEN], entry->port,
				draft_where(entry, KEY_PORT), load->diag);
		entry->set[KEY_PORT] = entry->set[KEY_MUX] = false;
	} else if (places) {
		entry->set[KEY_LISTEN] = entry->set[KEY_PORT] = entry->set[KEY_MUX] = false;
		if (section->set[KEY_LISTEN] || !(places & PLACE_INET))
			entry->set[KEY_BIND] = false;
	}
}

static void extend(struct load *load, struct draft *entry, const struct draft *section)
{
	make_way(load, entry, section);
	for (size_t i = 0; i < KEY_COUNT; i++) {
		enum key_id id = (enum key_id)i;

		if (!section->set[id])
			continue;
		if (section->added[id] && entry->set[id]) {
			join(load, entry, entry, section, id);
		} else {
			key_copy(entry, section, id);
			entry->added[id] = section->added[id];
		}
	}
	for (size_t i = 0; i < KEY_COUNT; i++)
		entry->bad[i] |= section->bad[i];
	entry->failed |= section->failed;
	entry->incomplete |= section->incomplete;
}

/* True for a section that can only be meant to change an entry. */
static bool sets_nothing(const struct draft *section)
{
	static const enum key_id ids[] = {
		KEY_SERVER, KEY_INTERNAL, KEY_USER, KEY_LISTEN, KEY_PORT, KEY_MUX};

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		if (section->set[ids[i]] || section->bad[ids[i]])
			return false;
	return !section->incomplete && section->name && *section->name;
}

/* True for [default] and the like: what has no program and no port of its own is meant for all
 * services. */
static bool is_for_all(const struct draft *section)
{
	static const enum key_id ids[] = {KEY_SERVER, KEY_INTERNAL, KEY_LISTEN, KEY_PORT, KEY_MUX};
	static const char word[] = "default";

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		if (section->set[ids[i]] || section->bad[ids[i]])
			return false;
	return section->name && !strncasecmp(section->name, word, strlen(word));
}

/* The entry whose name is nearest to that of a section, or a section of another kind; NULL: none,
 * or it has been looked for often, which each time takes a look at all. */
static const char *nearest_name(struct load *load, const char *name)
{
	const struct draft_pack *pack;
	const char **names;
	size_t count = 0;

	if (load->guesses++ >= GUESSES)
		return NULL;
	names = load_memory(
		load, arena_calloc(&load->scratch, load->config->entry_count + 3, sizeof(*names)));
	if (!names)
		return NULL;
	names[count++] = "defaults";
	names[count++] = "inetd";
	STAILQ_FOREACH (pack, &load->drafts, in_load)
		if (draft_pack_name(pack) && count < load->config->entry_count + 2)
			names[count++] = draft_pack_name(pack);
	return key_near(name, 0, names);
}

static void no_entry(struct load *load, struct draft *section)
{
	const char *near = nearest_name(load, section->name);

	diag_add(load->diag, DIAG_ERROR, section->where,
		"[%s]: there is no entry of that name to change%s%s%s, and a service of its own "
		"needs "
		"server or internal",
		section->name, near ? " (did you mean [" : "", near ? near : "", near ? "]?)" : "");
	section->failed = section->incomplete = true;
}

/* A section that is an entry by itself: its head sets what its keys do not. */
static void define(struct load *load, struct draft_pack *pack, struct draft *section)
{
	struct where where = section->where;

	section->internal = section->set[KEY_INTERNAL];
	if (sets_nothing(section) || is_for_all(section))
		no_entry(load, section);
	if (!draft_places(section) && !section->incomplete && !section->bad[KEY_LISTEN] &&
		!section->bad[KEY_PORT] && !section->bad[KEY_MUX] && section->name &&
		*section->name)
		key_set(section, &key_table[KEY_PORT], section->set[KEY_RPC] ? "0" : section->name,
			where, load->diag);
	if (section->of_bind &&
		(!section->set[KEY_BIND] || strcmp(section->bind, section->of_bind) != 0))
		key_set(section, &key_table[KEY_BIND], section->of_bind, where, load->diag);
	if (section->of_protocol && section->of_protocol != section->protocol)
		key_set(section, &key_table[KEY_PROTOCOL], section->of_protocol->name, where,
			load->diag);
	load->config->entry_count++;
	load_put(load, pack, section);
	STAILQ_INSERT_TAIL(&load->drafts, pack, in_load);
}

/* `section` is the draft of the pack. */
static void apply(
	struct load *load, struct map *names, struct draft_pack *pack, struct draft *section)
{
	struct draft_pack **slot = section->name ? name_slot(load, names, section->name) : NULL;
	struct draft_pack *first = slot ? *slot : NULL;
	bool extends = false, exact = false;

	for (struct draft_pack *other = first; other; other = other->same_name)
		exact |= section->of_protocol && draft_pack_protocol(other) == section->of_protocol;
	for (struct draft_pack *other = first; other; other = other->same_name) {
		struct draft *entry = load_take(load, other);

		/* [x/tcp] means x of tcp6 only where there is none of tcp. */
		if (!is_meant(load, section, entry) ||
			(exact && entry->protocol != section->of_protocol))
			continue;
		extend(load, entry, section);
		load_put(load, other, entry);
		extends = true;
	}
	if (!extends) {
		define(load, pack, section);
		add_name(load, names, pack);
	}
}

/* What follows from other keys where it is not set. */
static void infer(struct draft *draft)
{
	struct service *service = &draft->service;
	bool dgram = draft->set[KEY_SOCKET_TYPE] && service->socktype == SOCK_DGRAM, local;

	draft->places = draft_places(draft);
	local = draft->places && !(draft->places & (PLACE_INET | PLACE_MUX));
	if (!draft->set[KEY_PROTOCOL])
		draft->protocol = protocol_find(draft->places == PLACE_VSOCK ? "vsock"
						: local                      ? "unix"
						: dgram                      ? "udp"
									     : "tcp");
	if (!draft->set[KEY_SOCKET_TYPE])
		service->socktype =
			protocol_has_type(draft->protocol, SOCK_STREAM) ? SOCK_STREAM : SOCK_DGRAM;
	if (!draft->set[KEY_WAIT])
		service->wait = service->socktype == SOCK_DGRAM;
}

/* True if [defaults] has nothing for anybody: the usual case. */
static bool is_empty(const struct draft *defaults)
{
	for (size_t i = 0; i < KEY_COUNT; i++)
		if (defaults->set[i] || defaults->bad[i])
			return false;
	return !defaults->incomplete;
}

static void add_defaults(struct load *load, struct draft *draft)
{
	const struct draft *defaults = load->defaults;

	draft->failed |= defaults->incomplete;
	for (size_t i = 0; i < KEY_COUNT; i++) {
		enum key_id id = (enum key_id)i;

		if (!defaults->set[id] && !defaults->bad[id])
			continue;
		if (!key_rules_default(draft, id))
			continue;
		/* Without what it was to have, and be limited by, it is not served. */
		if (defaults->bad[id] && !draft->set[id])
			draft->failed = true;
		if (!defaults->set[id])
			continue;
		if (draft->set[id] && draft->added[id]) {
			join(load, draft, defaults, draft, id);
		} else if (!draft->set[id]) {
			key_copy(draft, defaults, id);
			draft->by_default[id] = true;
		}
	}
}

void merge_defaults(struct load *load, struct draft *draft)
{
	infer(draft);
	if (load->has_defaults)
		add_defaults(load, draft);
}

void merge_sections(struct load *load)
{
	struct draft *section = load_memory(load, draft_new(load->presets));
	struct draft_pack *pack, *following;
	struct map names;

	load_keep(load);
	load->has_defaults = !is_empty(load->defaults);
	if (load->no_memory || STAILQ_EMPTY(&load->sections))
		return;
	map_init(&names, &load->scratch);
	STAILQ_FOREACH (pack, &load->drafts, in_load) {
		load_breathe(load);
		add_name(load, &names, pack);
	}
	for (pack = STAILQ_FIRST(&load->sections); pack; pack = following) {
		load_breathe(load);
		following = STAILQ_NEXT(pack, in_load); /* a section may become an entry */
		draft_unpack(pack, section);
		apply(load, &names, pack, section);
	}
}
