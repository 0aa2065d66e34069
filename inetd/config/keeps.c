/* keeps: what stays of an earlier configuration because a later one has mistakes that it had not
 * (see conf.h). Two are compared once, whatever is asked of them: mistakes may be as many as lines.
 */
#include "base/slice.h"
#include "config/conf.h"
#include "config/text/map.h"

/* The files of a configuration that have an error which they had not in an earlier one. */
struct comparison {
	uint64_t with;     /* number of the earlier one */
	const bool *worse; /* of each of the bad files; NULL: not known, for want of memory */
	size_t worse_count;
	const struct comparison *next;
};

struct comparisons {
	struct arena *arena; /* borrowed */
	const struct comparison *first;
};

int keeps_init(struct config *config)
{
	static uint64_t number;

	config->number = ++number;
	config->comparisons = arena_alloc(&config->arena, sizeof(*config->comparisons));
	if (!config->comparisons)
		return -1;
	config->comparisons->arena = &config->arena;
	return 0;
}

static int bad_compare(const void *path, const void *file)
{
	return strcmp(path, (*(const struct source_file *const *)file)->path);
}

/* Which of the bad files it is; -1: none. */
static ssize_t find_bad(const struct config *config, const char *path)
{
	const struct source_file **found =
		config->bad_count ? bsearch(path, config->bad_files, config->bad_count,
					    sizeof(*config->bad_files), bad_compare)
				  : NULL;

	return found ? found - config->bad_files : -1;
}

/* The place where errors of a file that read like that one are counted. NULL without memory. */
static uintptr_t *count_of(struct map *counts, const struct diag_item *item)
{
	const char *key = arena_printf(counts->arena, "%s%c%s", item->where.file, 0, item->text);
	size_t len = strlen(item->where.file) + 1 + strlen(item->text);

	return key ? (uintptr_t *)map_slot_borrow(counts, key, len) : NULL;
}

static bool is_error(const struct diag_item *item)
{
	return item->severity == DIAG_ERROR && item->where.file;
}

/* Lines may have moved: errors are the same by their texts, as often as there are. False without
 * memory. */
static bool find_worse(
	const struct config *config, const struct config *earlier, struct map *counts, bool *worse)
{
	uintptr_t *count;
	ssize_t bad;

	for (size_t i = 0; i < config->bad_count; i++)
		worse[i] = find_bad(earlier, config->bad_files[i]->path) < 0;
	for (const struct diag_item *item = earlier->diag.first; item; item = item->next) {
		slice_breathe();
		if (!is_error(item))
			continue;
		count = count_of(counts, item);
		if (!count)
			return false;
		++*count;
	}
	for (const struct diag_item *item = config->diag.first; item; item = item->next) {
		slice_breathe();
		bad = is_error(item) ? find_bad(config, item->where.file) : -1;
		if (bad < 0 || worse[bad])
			continue;
		count = count_of(counts, item);
		if (!count)
			return false;
		worse[bad] = !*count;
		*count -= !worse[bad];
	}
	return true;
}

static const struct comparison *compare(const struct config *config, const struct config *earlier)
{
	struct arena *arena = config->comparisons->arena;
	struct comparison *made = arena_alloc(arena, sizeof(*made));
	bool *worse = arena_calloc(arena, config->bad_count, sizeof(*worse));
	struct arena scratch;
	struct map counts;

	if (!made || !worse)
		return NULL;
	arena_init(&scratch);
	map_init(&counts, &scratch);
	if (find_worse(config, earlier, &counts, worse))
		made->worse = worse;
	while (arena_free_some(&scratch))
		slice_breathe();
	for (size_t i = 0; i < config->bad_count; i++)
		made->worse_count += worse[i];
	made->with = earlier->number;
	made->next = config->comparisons->first;
	config->comparisons->first = made;
	return made;
}

/* NULL without memory: then everything may be worse. */
static const struct comparison *comparison_of(
	const struct config *config, const struct config *earlier)
{
	const struct comparison *known = config->comparisons->first;

	while (known && known->with != earlier->number)
		known = known->next;
	if (!known)
		known = compare(config, earlier);
	return known && known->worse ? known : NULL;
}

static bool got_worse(const struct config *config, const struct config *earlier, const char *path)
{
	ssize_t bad = find_bad(config, path);
	const struct comparison *comparison = bad < 0 ? NULL : comparison_of(config, earlier);

	return bad >= 0 && (!comparison || comparison->worse[bad]);
}

bool config_is_worse(const struct config *config, const struct config *earlier)
{
	const struct comparison *comparison =
		config->bad_count ? comparison_of(config, earlier) : NULL;

	return config->bad_count && (!comparison || comparison->worse_count);
}

bool config_keeps(const struct config *config, const struct service *old)
{
	enum entry_state state = entry_state(config, old->id);

	if (state == ENTRY_OFF || state == ENTRY_FAILED)
		return state == ENTRY_FAILED;
	for (const struct source_file *file = old->source; file; file = file->parent)
		if (got_worse(config, old->config, file->path))
			return true;
	return false;
}
