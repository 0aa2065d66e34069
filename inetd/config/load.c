/* load: see load.h. */
#include "config/load.h"

#include <errno.h>

#include "config/keys/key.h"

void *load_memory(struct load *load, const void *piece)
{
	if (!piece)
		load->no_memory = true;
	return (void *)(uintptr_t)piece;
}

void *load_share(struct load *load, const void *value, size_t bytes)
{
	void *copy = map_get(&load->shared, value, bytes), **slot;

	if (copy)
		return copy;
	copy = load_memory(load, arena_alloc(&load->config->arena, bytes));
	if (!copy)
		return NULL;
	memcpy(copy, value, bytes);
	slot = load_memory(load, map_slot_borrow(&load->shared, copy, bytes));
	if (slot)
		*slot = copy;
	return copy;
}

char *load_text(struct load *load, const char *text)
{
	return load_share(load, text, strlen(text) + 1);
}

void load_free(struct load *load, struct arena *arena)
{
	while (arena_free_some(arena))
		load_breathe(load);
}

/* What holds where an entry sets nothing: the rows of the key table say it, and the command line.
 */
static void set_presets(struct load *load)
{
	const struct conf_options *options = load->options;
	const struct where nowhere = {NULL, 0};
	struct draft *presets = load->presets;
	struct policy *policy = &presets->policy;

	presets->arena = &load->scratch;
	presets->keep = &load->config->arena;
	for (const struct key *key = key_table; key < key_table + KEY_COUNT; key++)
		if (key->preset && key_set(presets, key, key->preset, nowhere, load->diag) < 0)
			load->no_memory = true;
	policy->limits = options->defaults;
	policy->socket.backlog = options->backlog;
	policy->socket.owner = (uid_t)-1;
	policy->socket.group = (gid_t)-1;
	policy->events = options->events;
	policy->context.clean_env = !options->keep_env;
	presets->daemon.log_level = presets->daemon.log_format = -1;
	presets->daemon.control_group = (gid_t)-1;
}

int load_begin(struct load *load, const struct conf_options *options)
{
	static unsigned generation;
	struct config *config = calloc(1, sizeof(*config));

	if (!config)
		return -1;
	config->refs = 1;
	config->generation = ++generation;
	arena_init(&config->arena);
	diag_init(&config->diag, &config->arena);
	*load = (struct load){.config = config, .options = options, .diag = &config->diag};
	arena_init(&load->scratch);
	arena_init(&load->entries);
	arena_init(&load->work);
	STAILQ_INIT(&load->drafts);
	STAILQ_INIT(&load->sections);
	load->presets = load_memory(load, arena_alloc(&load->scratch, sizeof(*load->presets)));
	if (load->presets) {
		set_presets(load);
		load->blank = load_memory(load, draft_new(load->presets));
		load->draft = load_memory(load, draft_new(load->presets));
		load->defaults = load_memory(load, draft_new(load->presets));
		load->daemon = load_memory(load, draft_new(load->presets));
	}
	if (load->blank)
		load->blank->arena = &load->entries;
	load->base.draft = load->blank;
	config->entries = load_memory(load, arena_alloc(&config->arena, sizeof(*config->entries)));
	if (config->entries)
		map_init(config->entries, &config->arena);
	if (keeps_init(config) < 0)
		load->no_memory = true;
	lookup_init(&load->lookup, &config->arena, &load->scratch);
	load->lookup.own_paths = load->options->own_paths;
	if (options->ask)
		load->lookup.ask = options->ask;
	map_init(&load->shared, &load->scratch);
	if (!load->no_memory)
		return 0;
	arena_free(&load->entries);
	arena_free(&load->scratch);
	config_unref(config);
	errno = ENOMEM;
	return -1;
}

struct source_file *load_source(
	struct load *load, const char *path, const struct source_file *parent)
{
	struct arena *arena = &load->config->arena;
	struct source_file *source = load_memory(load, arena_alloc(arena, sizeof(*source)));

	if (load->source_count == load->source_room) {
		size_t room = load->source_room ? load->source_room * 2 : 16;
		struct source_file **sources =
			reallocarray(load->sources, room, sizeof(struct source_file *));

		if (!load_memory(load, sources))
			return NULL;
		load->sources = sources;
		load->source_room = room;
	}
	if (!source)
		return NULL;
	source->path = load_memory(load, arena_strdup(arena, path));
	source->parent = parent;
	if (!source->path)
		return NULL;
	load->sources[load->source_count++] = source;
	return source;
}

const struct dialect *load_dialect(const struct load *load, const struct input *parent)
{
	if (parent)
		return parent->dialect;
	return load->options->dialect ? load->options->dialect : &dialect_auto;
}

struct draft *load_take(struct load *load, const struct draft_pack *pack)
{
	draft_unpack(pack, load->draft);
	return load->draft;
}

void load_put(struct load *load, struct draft_pack *pack, const struct draft *draft)
{
	if (draft_pack(pack, draft, &load->base) < 0)
		load->no_memory = true;
}

void load_keep(struct load *load)
{
	struct draft_pack_list *list = load->list;
	struct draft_pack *pack;

	load->list = NULL;
	if (!list)
		return;
	pack = load_memory(load, arena_alloc(&load->entries, sizeof(*pack)));
	if (!pack)
		return;
	load_put(load, pack, load->draft);
	if (pack->words)
		STAILQ_INSERT_TAIL(list, pack, in_load);
}

static struct draft *begin_draft(struct input *input, unsigned line, struct draft_pack_list *list)
{
	struct load *load = input->load;

	load_keep(load);
	if (load->no_memory)
		return NULL;
	*load->draft = *load->blank;
	load->draft->where = input_where(input, line);
	load->draft->source = input->source;
	load->list = list;
	return load->draft;
}

struct draft *load_draft(struct input *input, unsigned line)
{
	input->load->config->entry_count++;
	return begin_draft(input, line, &input->load->drafts);
}

struct draft *load_section(struct input *input, unsigned line)
{
	return begin_draft(input, line, &input->load->sections);
}
