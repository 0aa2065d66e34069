/* conf: see conf.h. */
#include "config/conf.h"

#include <errno.h>

#include "config/check/check.h"
#include "config/config_files.h"
#include "config/load.h"

struct config *config_load(const struct conf_options *options)
{
	struct source_file **missing;
	struct load load;

	if (load_begin(&load, options) < 0)
		return NULL;
	load.include = config_files_include;
	missing = load_memory(
		&load, arena_calloc(&load.scratch, options->path_count + 1, sizeof(*missing)));
	for (size_t i = 0; missing && i < options->path_count; i++)
		config_files_operand(&load, options->paths[i], &missing[i]);
	for (size_t i = 0; missing && i < options->path_count; i++)
		if (missing[i])
			config_files_missing(&load, missing[i]);
	return load_finish(&load);
}

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
