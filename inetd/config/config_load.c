/* config_load: the way from files to a finished configuration: read, merge, check, put in order. */
#include "config/config_load.h"

#include <errno.h>

#include "config/check/check.h"
#include "config/check/merge.h"
#include "config/check/warnings.h"
#include "config/config_files.h"
#include "config/diag_order.h"
#include "config/syntax/syntax.h"

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

static void keep_daemon(struct load *load)
{
	const struct draft *draft = load->daemon;
	struct daemon_settings *daemon = &load->config->daemon;

	*daemon = draft->daemon;
	if (draft->set[KEY_LOG_LEVEL]) /* a service may have another */
		daemon->log_level = draft->policy.log_level;
	if (daemon->control_group_name &&
		!lookup_gid(&load->lookup, daemon->control_group_name, &daemon->control_group)) {
		diag_add(load->diag, DIAG_ERROR, draft_where(draft, KEY_CONTROL_GROUP),
			"control_group: unknown group '%s'", daemon->control_group_name);
		daemon->control_group_name = NULL;
	}
}

struct config *config_load_finish(struct load *load)
{
	struct config *config = load->config;

	if (!load->no_memory)
		merge_sections(load);
	if (!load->no_memory)
		check_drafts(load);
	if (!load->no_memory && load->options->advise)
		warn_load(load);
	keep_daemon(load);
	diag_order(load);
	keep_sources(load);
	free(load->sources);
	arena_free(&load->work);
	arena_share_end(&load->config->arena);
	load_free(load, &load->entries);
	load_free(load, &load->scratch);
	if (!load->no_memory)
		return config;
	config_unref(config);
	errno = ENOMEM;
	return NULL;
}

struct config *config_load(const struct conf_options *options)
{
	struct source_file **missing;
	struct load load;

	if (load_begin(&load, options) < 0)
		return NULL;
	load.read = syntax_read;
	load.include = config_files_include;
	missing = load_memory(
		&load, arena_calloc(&load.scratch, options->path_count + 1, sizeof(*missing)));
	for (size_t i = 0; missing && i < options->path_count; i++)
		config_files_operand(&load, options->paths[i], &missing[i]);
	for (size_t i = 0; missing && i < options->path_count; i++)
		if (missing[i])
			config_files_missing(&load, missing[i]);
	return config_load_finish(&load);
}
