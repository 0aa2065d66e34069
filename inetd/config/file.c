/* file: see file.h. */
#include "config/file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/fdutil.h"
#include "base/path.h"

const char *file_path(struct load *load, const char *path)
{
	const char *directory = load->options->directory;

	if (*path == '/' || !directory)
		return path;
	return load_memory(load, arena_printf(&load->scratch, "%s/%s", directory, path));
}

bool file_is_settled(struct load *load, struct where where, const char *path)
{
	struct path_stranger stranger;
	char reason[PATH_MAX + 64];

	path = file_path(load, path);
	if (!path || !path_find_stranger(path, getuid(), !load->options->own_paths, &stranger) ||
		stranger.itself || stranger.gid != (gid_t)-1)
		return path != NULL;
	path_stranger_text(path, &stranger, reason, sizeof(reason));
	diag_add(load->diag, DIAG_ERROR, where, "refused: can be replaced by others: %s", reason);
	return false;
}

int file_open(struct load *load, const char *path, struct stat *st)
{
	int fd;

	path = file_path(load, path);
	if (!path) {
		errno = ENOMEM;
		return -1;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd >= 0 && fstat(fd, st) < 0)
		fd_close(&fd);
	return fd;
}

bool file_trusted(struct load *load, const struct source_file *source, const struct stat *st)
{
	struct where where = {source->path, 0};

	if (S_ISCHR(st->st_mode)) /* /dev/null */
		return true;
	if (st->st_uid != 0 && st->st_uid != getuid() && st->st_uid != geteuid()) {
		diag_add(load->diag, DIAG_ERROR, where,
			"refused: its owner is uid %u, neither root nor the caller",
			(unsigned)st->st_uid);
		return false;
	}
	if (st->st_mode & S_IWOTH) {
		diag_add(load->diag, DIAG_ERROR, where,
			"refused: everyone may write to it; chmod o-w makes it usable");
		return false;
	}
	if (st->st_mode & S_IWGRP)
		diag_add(load->diag, DIAG_WARNING, where, "its group may write to it");
	return true;
}

char *file_read(int fd, size_t expected, size_t *len)
{
	size_t room = expected + 1 < FILE_BYTES ? expected + 1 : FILE_BYTES;
	char *text = malloc(room), *more;
	ssize_t got;

	*len = 0;
	while (text) {
		if (*len == room) {
			if (room > FILE_BYTES) {
				errno = EFBIG;
				break;
			}
			more = realloc(text, room * 2);
			if (!more)
				break;
			text = more;
			room *= 2;
		}
		got = read(fd, text + *len, room - *len);
		if (!got)
			return text;
		if (got > 0)
			*len += (size_t)got;
		else if (errno != EINTR)
			break;
	}
	free(text);
	return NULL;
}
