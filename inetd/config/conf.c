/* conf: see conf.h. */
#include "config/conf.h"

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
	arena_free(&config->arena);
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

bool config_keeps(const struct config *config, const struct service *old)
{
	enum entry_state state = entry_state(config, old->id);

	if (state == ENTRY_OFF || state == ENTRY_FAILED)
		return state == ENTRY_FAILED;
	for (const struct source_file *file = old->source; file; file = file->parent)
		if (config->bad_count && bsearch(file->path, config->bad_files, config->bad_count,
						 sizeof(*config->bad_files), bad_compare))
			return true;
	return false;
}
