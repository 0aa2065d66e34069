/* check_environment: variables that are in files, read with the configuration. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fdutil.h"
#include "base/path.h"
#include "config/check/check.h"
#include "config/keys/key.h"
#include "config/text/env_file.h"

#define FILE_MOST 65536 /* bytes */

/* The text of a file, until the entry is checked. NULL after a diagnostic, or where it may be
 * missing and is. */
static char *text_of(struct check *check, const char *path, bool may_be_missing)
{
	struct load *load = check->load;
	char *text = load_memory(load, arena_alloc(&load->work, FILE_MOST + 1));
	struct stat st;
	ssize_t len = -1;
	int fd;

	if (!text)
		return NULL;
	if (!path_is_own(path)) {
		CHECK_ERROR(check, KEY_ENVIRONMENT_FILE,
			"environment_file: %s is in a directory that others can change", path);
		return NULL;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 && errno == ENOENT && may_be_missing)
		return NULL;
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		len = read(fd, text, FILE_MOST + 1);
	else if (fd >= 0)
		errno = EINVAL;
	if (len < 0)
		CHECK_ERROR(check, KEY_ENVIRONMENT_FILE, "environment_file: cannot read %s: %s",
			path, strerror(errno));
	else if (len > FILE_MOST || memchr(text, 0, (size_t)len))
		CHECK_ERROR(check, KEY_ENVIRONMENT_FILE,
			"environment_file: %s has more than %d bytes, or a NUL byte among them",
			path, FILE_MOST);
	else
		text[len] = 0;
	fd_close(&fd);
	return len < 0 || len > FILE_MOST || check->draft->failed ? NULL : text;
}

static size_t count_of(char *const *list)
{
	size_t count = 0;

	while (list && list[count])
		count++;
	return count;
}

/* Puts the variables of one file after those that are there. */
static void add_file(struct check *check, const char *path)
{
	struct exec_context *context = &check->policy->context;
	struct arena *arena = &check->load->config->arena;
	const char *text = text_of(check, path + (*path == '-'), *path == '-');
	size_t before = count_of(context->file_env), more;
	struct env_file file = {0};
	char **all;

	if (!text ||
		!load_memory(check->load, env_file_read(text, arena, &file) < 0 ? NULL : arena))
		return;
	if (file.line) {
		CHECK_ERROR(check, KEY_ENVIRONMENT_FILE, "environment_file: line %u of %s %s",
			file.line, path + (*path == '-'), file.wrong);
		return;
	}
	more = count_of(file.list);
	all = load_memory(check->load, arena_calloc(arena, before + more + 1, sizeof(*all)));
	if (!all)
		return;
	for (size_t i = 0; i < before + more; i++)
		all[i] = i < before ? context->file_env[i] : file.list[i - before];
	context->file_env = all;
}

void check_environment(struct check *check)
{
	char *const *path = check->policy->context.env_files;

	if (check->draft->internal || check->draft->bad[KEY_ENVIRONMENT_FILE])
		return;
	for (; path && *path && !check->load->no_memory; path++)
		add_file(check, *path);
}
