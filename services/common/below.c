/* below: see below.h. Where the kernel does not keep the path itself (before Linux 5.6, or where a
 * filter of system calls refuses openat2(2)) it is walked one name at a time, and `..` goes back to
 * the descriptor that was left: whatever is renamed meanwhile, each step begins below the root. */
#include "common/below.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <string.h>
#include <sys/param.h>
#include <sys/syscall.h>
#include <unistd.h>

#define OPEN_FLAGS (O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
#define DEPTH_MOST 128
#define LINKS_MOST 40             /* path_resolution(7) */
#define NAME_ROOM  (NAME_MAX + 2) /* a name that is too long stays too long */

struct walk {
	int fds[DEPTH_MOST + 1]; /* the directories on the way, the root first, which is borrowed */
	int depth;
	int links;
	char rest[PATH_MAX]; /* what is still to be walked */
};

static void walk_up(struct walk *walk)
{
	close(walk->fds[walk->depth--]);
}

/* Takes the next name off the rest. Returns false at the end; *last: nothing is after it. */
static bool walk_name(struct walk *walk, char name[static NAME_ROOM], bool *last)
{
	char *at = walk->rest + strspn(walk->rest, "/");
	size_t len = strcspn(at, "/");

	if (!len)
		return false;
	*last = !at[len];
	strlcpy(name, at, MIN(len + 1, NAME_ROOM));
	memmove(walk->rest, at + len, strlen(at + len) + 1);
	return true;
}

static int walk_insert(struct walk *walk, const char *text, size_t len)
{
	memmove(walk->rest + len, walk->rest, strlen(walk->rest) + 1);
	memcpy(walk->rest, text, len);
	return 0;
}

/* Puts the target of the link `fd` before the rest. */
static int walk_link(struct walk *walk, int fd)
{
	char target[PATH_MAX];
	ssize_t len = readlinkat(fd, "", target, sizeof(target));

	if (len < 0)
		return -1;
	if (target[0] == '/')
		errno = EXDEV;
	else if (++walk->links > LINKS_MOST)
		errno = ELOOP;
	else if ((size_t)len + strlen(walk->rest) >= sizeof(walk->rest))
		errno = ENAMETOOLONG;
	else
		return walk_insert(walk, target, (size_t)len);
	return -1;
}

/* One step down to `name`, or through it where it is a link. */
static int walk_down(struct walk *walk, const char *name)
{
	int fd = openat(walk->fds[walk->depth], name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat file;
	int result = -1;

	if (fd < 0)
		return -1;
	if (fstat(fd, &file) < 0) {
		close(fd);
		return -1;
	}
	if (S_ISLNK(file.st_mode))
		result = walk_link(walk, fd);
	else if (!S_ISDIR(file.st_mode))
		errno = ENOTDIR;
	else if (walk->depth == DEPTH_MOST)
		errno = ELOOP;
	else {
		walk->fds[++walk->depth] = fd;
		return 0;
	}
	close(fd);
	return result;
}

static int walk_step(struct walk *walk, const char *name)
{
	if (!strcmp(name, "."))
		return 0;
	if (strcmp(name, "..") != 0)
		return walk_down(walk, name);
	if (!walk->depth) {
		errno = EXDEV;
		return -1;
	}
	walk_up(walk);
	return 0;
}

/* Walks the rest, and opens what is at its end. */
static int walk_open(struct walk *walk)
{
	char name[NAME_ROOM];
	bool last;

	while (walk_name(walk, name, &last)) {
		if (last && strcmp(name, "..") != 0) {
			int fd = openat(walk->fds[walk->depth], name, OPEN_FLAGS | O_NOFOLLOW);

			if (fd >= 0 || errno != ELOOP)
				return fd;
		}
		if (walk_step(walk, name) < 0)
			return -1;
	}
	return openat(walk->fds[walk->depth], ".", OPEN_FLAGS);
}

static int walk_below(int root, const char *path)
{
	struct walk walk = {.fds = {root}};
	int fd = -1, err = ENAMETOOLONG;

	if (strlcpy(walk.rest, path, sizeof(walk.rest)) < sizeof(walk.rest)) {
		fd = walk_open(&walk);
		err = errno;
	}
	while (walk.depth)
		walk_up(&walk);
	errno = err;
	return fd;
}

int below_open(int root, const char *path, struct stat *file)
{
	struct open_how how = {
		.flags = OPEN_FLAGS, .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS};
	int fd;

	path += strspn(path, "/");
	fd = (int)syscall(SYS_openat2, root, *path ? path : ".", &how, sizeof(how));
	if (fd < 0 && (errno == ENOSYS || errno == EPERM))
		fd = walk_below(root, path);
	if (fd >= 0)
		fstat(fd, file); /* as it fails for no open file, and leaves no type if it does */
	return fd;
}
