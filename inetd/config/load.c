/* load: see load.h. */
#include "config/load.h"

#include <errno.h>

#include "config/check/check.h"
#include "config/check/merge.h"
#include "config/check/warnings.h"
#include "config/syntax/classic.h"
#include "config/syntax/ini.h"

/* Where a diagnostic stands among all: file by order of opening, line, order of finding. */
struct place {
	struct diag_item *item;
	size_t file, order;
};

/* A path as the address it has in diagnostics, with its file. */
struct path_of {
	const char *path;
	size_t index; /* in load->sources */
};

void *load_memory(struct load *load, void *piece)
{
	if (!piece)
		load->no_memory = true;
	return piece;
}

int load_begin(struct load *load, const struct conf_options *options)
{
	static unsigned generation;
	const struct where nowhere = {NULL, 0};
	struct config *config = calloc(1, sizeof(*config));

	if (!config)
		return -1;
	config->refs = 1;
	config->generation = ++generation;
	arena_init(&config->arena);
	diag_init(&config->diag, &config->arena);
	*load = (struct load){.config = config, .options = options, .diag = &config->diag};
	arena_init(&load->scratch);
	STAILQ_INIT(&load->drafts);
	STAILQ_INIT(&load->sections);
	load->defaults = load_memory(load, draft_new(&load->scratch, nowhere, NULL));
	load->daemon = load_memory(load, draft_new(&load->scratch, nowhere, NULL));
	config->entries = load_memory(load, arena_alloc(&config->arena, sizeof(*config->entries)));
	if (config->entries)
		map_init(config->entries, &config->arena);
	lookup_init(&load->lookup, &config->arena, &load->scratch);
	map_init(&load->claims, &load->scratch);
	if (!load->no_memory)
		return 0;
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

void load_text(struct input *input)
{
	const char *path = input->source->path;
	size_t len = strlen(path);

	if (len > 4 && !strcmp(path + len - 4, ".ini"))
		ini_read(input);
	else
		classic_read(input);
}

struct draft *load_draft(struct input *input, unsigned line)
{
	struct load *load = input->load;
	struct draft *draft = load_memory(
		load, draft_new(&load->scratch, input_where(input, line), input->source));

	load->config->entry_count++;
	if (draft)
		STAILQ_INSERT_TAIL(&load->drafts, draft, in_load);
	return draft;
}

struct draft *load_section(struct input *input, unsigned line)
{
	struct load *load = input->load;
	struct draft *draft = load_memory(
		load, draft_new(&load->scratch, input_where(input, line), input->source));

	if (draft)
		STAILQ_INSERT_TAIL(&load->sections, draft, in_load);
	return draft;
}

static int path_compare(const void *a, const void *b)
{
	uintptr_t x = (uintptr_t)((const struct path_of *)a)->path;
	uintptr_t y = (uintptr_t)((const struct path_of *)b)->path;

	return x < y ? -1 : x > y;
}

static int place_compare(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->file != y->file)
		return x->file < y->file ? -1 : 1;
	if (x->item->where.line != y->item->where.line)
		return x->item->where.line < y->item->where.line ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

/* Marks the files with errors, and fills in the place of every diagnostic. */
static void place_all(struct load *load, struct path_of *paths, struct place *places)
{
	size_t order = 0;

	for (size_t i = 0; i < load->source_count; i++)
		paths[i] = (struct path_of){load->sources[i]->path, i};
	qsort(paths, load->source_count, sizeof(*paths), path_compare);
	for (struct diag_item *item = load->diag->first; item; item = item->next) {
		struct path_of wanted = {item->where.file, 0};
		const struct path_of *found =
			bsearch(&wanted, paths, load->source_count, sizeof(*paths), path_compare);

		places[order] = (struct place){item, found ? found->index + 1 : 0, order};
		order++;
		if (found && item->severity == DIAG_ERROR)
			load->sources[found->index]->in_error = true;
	}
}

/* A line that several entries refer to is wrong for each of them, but said to be so once. */
static bool is_repeated(const struct place *a, const struct place *b)
{
	return a->file == b->file && a->item->where.line == b->item->where.line &&
	       a->item->severity == b->item->severity && !strcmp(a->item->text, b->item->text);
}

static void forget(struct diag *diag, enum severity severity)
{
	diag->errors -= severity == DIAG_ERROR;
	diag->warnings -= severity == DIAG_WARNING;
	diag->notes -= severity == DIAG_NOTE;
}

/* Checking finds mistakes after reading has found others: puts all in the order of the text. */
static void order_diagnostics(struct load *load)
{
	struct diag *diag = load->diag;
	size_t count = 0;
	struct path_of *paths;
	struct place *places;

	for (const struct diag_item *item = diag->first; item; item = item->next)
		count++;
	paths = load_memory(
		load, arena_calloc(&load->scratch, load->source_count + 1, sizeof(*paths)));
	places = load_memory(load, arena_calloc(&load->scratch, count + 1, sizeof(*places)));
	if (!paths || !places)
		return;
	place_all(load, paths, places);
	qsort(places, count, sizeof(*places), place_compare);
	diag->last = &diag->first;
	for (size_t i = 0; i < count; i++) {
		if (i && is_repeated(&places[i - 1], &places[i])) {
			forget(diag, places[i].item->severity);
			continue;
		}
		*diag->last = places[i].item;
		diag->last = &places[i].item->next;
	}
	*diag->last = NULL;
}

static int source_compare(const void *a, const void *b)
{
	const struct source_file *const *x = a, *const *y = b;

	return strcmp((*x)->path, (*y)->path);
}

static void keep_sources(struct load *load)
{
	struct config *config = load->config;
	size_t count = load->source_count;
	const struct source_file **files =
		load_memory(load, arena_calloc(&config->arena, 2 * count + 1, sizeof(*files)));

	if (!files)
		return;
	config->files = files;
	config->files_count = count;
	config->bad_files = files + count;
	for (size_t i = 0; i < count; i++) {
		files[i] = load->sources[i];
		if (files[i]->in_error)
			config->bad_files[config->bad_count++] = files[i];
	}
	qsort(config->bad_files, config->bad_count, sizeof(*files), source_compare);
}

/* What [inetd] says. */
static void keep_daemon(struct load *load)
{
	const struct draft *daemon = load->daemon;
	struct config *config = load->config;

	config->stop_children = daemon->stop_children;
	config->children = daemon->set[KEY_CHILDREN] ? daemon->children : LIMIT_NONE;
	config->log_level = daemon->set[KEY_LOG_LEVEL] ? daemon->log_level : -1;
	config->log_format = daemon->set[KEY_LOG_FORMAT] ? daemon->log_format : -1;
	config->control_group = (gid_t)-1;
	if (!daemon->set[KEY_CONTROL_GROUP])
		return;
	if (!lookup_gid(daemon->control_group, &config->control_group)) {
		diag_add(load->diag, DIAG_ERROR, draft_where(daemon, KEY_CONTROL_GROUP),
			"control_group: unknown group '%s'", daemon->control_group);
		return;
	}
	config->control_group_name =
		load_memory(load, arena_strdup(&config->arena, daemon->control_group));
}

struct config *load_finish(struct load *load)
{
	struct config *config = load->config;

	if (!load->no_memory)
		merge_sections(load);
	if (!load->no_memory)
		check_drafts(load);
	if (!load->no_memory && load->options->advise)
		warn_load(load);
	keep_daemon(load);
	order_diagnostics(load);
	keep_sources(load);
	free(load->sources);
	arena_free(&load->scratch);
	if (!load->no_memory)
		return config;
	config_unref(config);
	errno = ENOMEM;
	return NULL;
}
