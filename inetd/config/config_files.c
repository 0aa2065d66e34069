/* config_files: see config_files.h. */
#include "config/config_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fdutil.h"
#include "config/file.h"

/* How a path is called on, and by whom. */
struct call {
	struct load *load;
	struct input *parent; /* who includes it; NULL: the command line or a directory */
	struct where where;   /* of the .include; no file otherwise */
	const char *bind;     /* default address to begin with */
};

static void unreadable(
	struct load *load, const struct source_file *source, const struct call *call, int err)
{
	struct where where = {source->path, 0};

	if (call->where.file)
		diag_add(load->diag, DIAG_ERROR, where, "cannot be read: %s (included at %s:%u)",
			strerror(err), call->where.file, call->where.line);
	else
		diag_add(load->diag, DIAG_ERROR, where, "cannot be read: %s", strerror(err));
}

/* True after a diagnostic if the file includes itself or is too deep. */
static bool is_cycle(const struct input *input, const struct call *call)
{
	struct load *load = input->load;

	for (const struct input *up = input->parent; up; up = up->parent)
		if (up->dev == input->dev && up->ino == input->ino) {
			diag_add(load->diag, DIAG_ERROR, call->where,
				".include: '%s' includes itself", input->source->path);
			return true;
		}
	if (input->depth > INCLUDE_DEPTH) {
		diag_add(load->diag, DIAG_ERROR, call->where, ".include: more than %d files deep",
			INCLUDE_DEPTH);
		return true;
	}
	return false;
}

/* Reads an open file; fd is consumed. */
static void read_file(
	const struct call *call, struct source_file *source, int fd, const struct stat *st)
{
	struct load *load = call->load;
	struct input input = {
		.load = load,
		.source = source,
		.bind = call->bind,
		.parent = call->parent,
		.depth = call->parent ? call->parent->depth + 1 : 0,
		.dev = st->st_dev,
		.ino = st->st_ino,
	};
	char *text;

	if (is_cycle(&input, call) || !file_trusted(load, source, st)) {
		fd_close(&fd);
		return;
	}
	text = file_read(fd, S_ISREG(st->st_mode) ? (size_t)st->st_size : 0, &input.len);
	fd_close(&fd);
	if (!text) {
		unreadable(load, source, call, errno);
		return;
	}
	load->config->file_count++;
	input.text = text;
	load->read(&input);
	free(text);
}

static int name_compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool ends_in(const char *name, const char *end)
{
	size_t len = strlen(name), end_len = strlen(end);

	return len >= end_len && !strcmp(name + len - end_len, end);
}

/* What editors and package managers leave behind. */
static bool is_leftover(const char *name)
{
	return name[0] == '.' || ends_in(name, "~") || ends_in(name, ".bak") ||
	       strstr(name, ".dpkg-") || strstr(name, ".rpm");
}

static bool is_wanted(const char *name)
{
	return !is_leftover(name) && (ends_in(name, ".conf") || ends_in(name, ".ini"));
}

static void read_path(const struct call *call, struct source_file *source, const char *path);

/* Adds the name of a file that other inetds would read to a text. */
static void note_unread(const struct dirent *entry, char *text, size_t size)
{
	if (entry->d_type == DT_DIR || strchr(entry->d_name, '.') ||
		!strcmp(entry->d_name, "README"))
		return;
	strlcat(text, *text ? ", " : "", size);
	strlcat(text, entry->d_name, size);
}

/* The names of a directory's configuration files, sorted; malloc'ed. Returns their number, or -1
 * with errno. With `every` all are, but what is left behind. The names of other files are put into
 * `unread`, as far as they fit. */
static ssize_t list_directory(int fd, bool every, char ***names, char *unread, size_t unread_size)
{
	DIR *dir = fdopendir(fd);
	size_t count = 0, room = 0;
	struct dirent *entry;

	*names = NULL;
	if (!dir) {
		fd_close(&fd);
		return -1;
	}
	while ((errno = 0, entry = readdir(dir)) && count < FILES_MAX) {
		char **more = *names;

		if (every ? is_leftover(entry->d_name) : !is_wanted(entry->d_name)) {
			note_unread(entry, unread, unread_size);
			continue;
		}
		if (count == room) {
			room = room ? room * 2 : 16;
			more = reallocarray(*names, room, sizeof(*more));
			if (!more)
				break;
			*names = more;
		}
		more[count] = strdup(entry->d_name);
		if (!more[count])
			break;
		count++;
	}
	if (errno) { /* from readdir(3) or for want of memory */
		int err = errno;

		while (count)
			free((*names)[--count]);
		free(*names);
		closedir(dir);
		errno = err;
		return -1;
	}
	closedir(dir);
	if (count)
		qsort(*names, count, sizeof(**names), name_compare);
	return (ssize_t)count;
}

/* Reads the configuration files of a directory; fd is consumed. */
static void read_directory(
	const struct call *call, struct source_file *directory, int fd, const struct stat *st)
{
	struct load *load = call->load;
	const char *slash = ends_in(directory->path, "/") ? "" : "/";
	char **names, unread[300] = "";
	ssize_t count;

	if (!file_trusted(load, directory, st)) {
		fd_close(&fd);
		return;
	}
	count = list_directory(
		fd, load_dialect(load, call->parent)->every_file, &names, unread, sizeof(unread));
	if (count < 0) {
		unreadable(load, directory, call, errno);
		return;
	}
	load->config->file_count++;
	if (*unread && load->options->advise)
		diag_add(load->diag, DIAG_NOTE, (struct where){directory->path, 0},
			"not read, as their names end neither in .conf nor in .ini: %s", unread);
	for (ssize_t i = 0; i < count; i++) {
		char *path = load_memory(load,
			arena_printf(&load->scratch, "%s%s%s", directory->path, slash, names[i]));
		struct source_file *source = path ? load_source(load, path, directory) : NULL;

		if (source)
			read_path(call, source, path);
		free(names[i]);
	}
	free(names);
}

/* Said once; what is not read counts as in error, with all that led to it. */
static void too_many(const struct call *call, struct source_file *source)
{
	if (!call->load->too_many)
		diag_add(call->load->diag, DIAG_ERROR, (struct where){source->path, 0},
			"not read, nor what follows: more than %d files", FILES_MAX);
	call->load->too_many = true;
	source->in_error = true;
	if (call->parent)
		call->parent->source->in_error = true;
}

/* The end of a pipe that the caller has, as in inetd -t <(command). */
static bool is_own_pipe(const char *path)
{
	return !strncmp(path, "/dev/fd/", 8) || !strncmp(path, "/proc/self/fd/", 14) ||
	       !strcmp(path, "/dev/stdin");
}

static void read_path(const struct call *call, struct source_file *source, const char *path)
{
	struct load *load = call->load;
	struct where where = {source->path, 0};
	struct stat st;
	int fd;

	if (load->source_count > FILES_MAX) {
		too_many(call, source);
		return;
	}
	if (!file_is_settled(load, where, path))
		return;
	fd = file_open(load, path, &st);
	if (fd < 0) {
		unreadable(load, source, call, errno);
	} else if (S_ISDIR(st.st_mode) && (call->where.file || !source->parent)) {
		read_directory(call, source, fd, &st);
	} else if (S_ISREG(st.st_mode) || S_ISCHR(st.st_mode)) {
		read_file(call, source, fd, &st);
	} else if (S_ISDIR(st.st_mode)) { /* in a directory: not gone into */
		fd_close(&fd);
	} else if (S_ISFIFO(st.st_mode) && load->options->advise && is_own_pipe(path)) {
		fcntl(fd, F_SETFL, 0);
		read_file(call, source, fd, &st);
	} else { /* a pipe would be empty at the next reload */
		fd_close(&fd);
		diag_add(load->diag, DIAG_ERROR, where, "not read: it is no regular file");
	}
}

void config_files_operand(struct load *load, const char *path, struct source_file **missing)
{
	struct call call = {.load = load};
	struct source_file *source = load_source(load, path, NULL);
	const char *full = file_path(load, path);
	struct stat st;

	*missing = NULL;
	if (!source || !full || !file_is_settled(load, (struct where){path, 0}, path))
		return;
	if (!load->options->missing_is_error && stat(full, &st) < 0 && errno == ENOENT)
		*missing = source;
	else
		read_path(&call, source, path);
}

void config_files_missing(struct load *load, struct source_file *source)
{
	if (!load->config->file_count)
		diag_add(load->diag, DIAG_ERROR, (struct where){source->path, 0}, "does not exist");
	source->in_error = true;
}

static int glob_errno; /* of the failure that has ended the search; 0: none */

static int glob_failed(const char *path, int err)
{
	(void)path;
	if (err != ENOENT && err != ENOTDIR)
		glob_errno = err;
	return glob_errno != 0;
}

static void read_matches(struct input *input, const glob_t *found, struct where where)
{
	struct load *load = input->load;
	struct call call = {.load = load, .parent = input, .where = where, .bind = input->bind};
	const char *directory = load->options->directory;
	size_t strip = *input->source->path != '/' && directory ? strlen(directory) + 1 : 0;

	qsort(found->gl_pathv, found->gl_pathc, sizeof(*found->gl_pathv), name_compare);
	for (size_t i = 0; i < found->gl_pathc; i++) {
		const char *path = found->gl_pathv[i], *slash = strrchr(path, '/');
		struct source_file *source;

		if (strip && !strncmp(path, directory, strip - 1))
			path += strip; /* as the including file is called */
		if (ends_in(path, "/") || is_leftover(slash ? slash + 1 : path)) {
			diag_add(load->diag, DIAG_NOTE, where, ".include: '%s' is passed over",
				path);
			continue;
		}
		source = load_source(load, path, input->source);
		if (source)
			read_path(&call, source, path);
	}
}

/* The pattern as it is, or relative to where the including file is. */
static const char *include_path(struct input *input, const char *pattern)
{
	struct load *load = input->load;
	const char *path = input->source->path, *slash = strrchr(path, '/');

	if (*pattern == '/' || !slash)
		return pattern;
	return load_memory(
		load, arena_printf(&load->scratch, "%.*s/%s", (int)(slash - path), path, pattern));
}

static void include_matches(struct input *input, const char *pattern, struct where where)
{
	struct load *load = input->load;
	const char *full = file_path(load, pattern);
	glob_t found;
	int result;

	if (!full || !file_is_settled(load, where, pattern))
		return;
	glob_errno = 0;
	result = glob(full, GLOB_NOSORT | GLOB_MARK, glob_failed, &found);
	if (result == 0) {
		read_matches(input, &found, where);
		globfree(&found);
	} else if (result == GLOB_NOMATCH && !glob_errno) { /* musl says so after a failure, too */
		diag_add(load->diag, DIAG_NOTE, where, ".include: no file matches '%s'", pattern);
	} else {
		diag_add(load->diag, DIAG_ERROR, where, ".include: cannot look for '%s': %s",
			pattern, strerror(result == GLOB_NOSPACE ? ENOMEM : glob_errno));
	}
}

void config_files_include(struct input *input, const char *pattern, struct where where)
{
	struct call call = {
		.load = input->load, .parent = input, .where = where, .bind = input->bind};
	const char *path = include_path(input, pattern);
	struct source_file *source;

	if (!path)
		return;
	if (path[strcspn(path, "*?[")]) {
		include_matches(input, path, where);
		return;
	}
	source = load_source(input->load, path, input->source);
	if (source)
		read_path(&call, source, path);
}
