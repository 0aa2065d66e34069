/* conf: see conf.h. */
#include "config/conf.h"

#include "base/slice.h"
#include "config/text/map.h"

struct config *config_ref(struct config *config)
{
	config->refs++;
	return config;
}

void config_unref(struct config *config)
{
	if (!config || --config->refs)
		return;
	free(config->services);
	while (arena_free_some(&config->arena))
		slice_breathe();
	free(config);
}

enum entry_state entry_state(const struct config *config, const char *id)
{
	return (enum entry_state)(uintptr_t)map_get(config->entries, id, strlen(id));
}

static int bad_compare(const void *path, const void *file)
{
	return strcmp(path, (*(const struct source_file *const *)file)->path);
}

static bool is_bad(const struct config *config, const char *path)
{
	return config->bad_count && bsearch(path, config->bad_files, config->bad_count,
					    sizeof(*config->bad_files), bad_compare);
}

/* How many errors of a file read like that one, up to `end` (NULL: all). */
static unsigned count_errors(
	const struct config *config, const struct diag_item *like, const struct diag_item *end)
{
	const struct diag_item *item = config->diag.first;
	unsigned count = 0;

	for (; item && item != end; item = item->next)
		count += item->severity == DIAG_ERROR && item->where.file &&
			 !strcmp(item->where.file, like->where.file) &&
			 !strcmp(item->text, like->text);
	return count;
}

/* True if a file has an error that it did not have in an earlier configuration. Lines may have
 * moved. */
static bool got_worse(const struct config *config, const struct config *earlier, const char *path)
{
	const struct diag_item *item;

	if (!is_bad(config, path) || !is_bad(earlier, path))
		return is_bad(config, path);
	for (item = config->diag.first; item; item = item->next)
		if (item->severity == DIAG_ERROR && item->where.file &&
			!strcmp(item->where.file, path) &&
			count_errors(config, item, item->next) > count_errors(earlier, item, NULL))
			return true;
	return false;
}

bool config_is_worse(const struct config *config, const struct config *earlier)
{
	for (size_t i = 0; i < config->bad_count; i++)
		if (got_worse(config, earlier, config->bad_files[i]->path))
			return true;
	return false;
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
