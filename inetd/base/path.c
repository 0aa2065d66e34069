/* path: see path.h. */
#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file_status.h"
#include "base/mount_kind.h"
#include "base/rawcall.h"

#define FOUND      1  /* the stranger that was looked for */
#define LINKS_MOST 40 /* as many as the kernel follows (path_resolution(7)) */

/* What a directory lets others do. */
enum trust {
	OWN,    /* nothing */
	STICKY, /* they may put something there, but not replace what is not theirs */
	OTHERS, /* whatever they like */
};

struct walk {
	int fd; /* the directory, O_PATH */
	enum trust trust;
	bool own_only;                  /* to the first directory that is not OWN */
	uid_t user;                     /* with `stranger`: as good as we are */
	struct path_stranger *stranger; /* stops at one and fills this; NULL: not looked for */
	struct statx st;                /* of the directory */
	unsigned links;
	char rest[PATH_MAX]; /* what is still to be walked, after a link */
};

static void close_fd(int fd)
{
	CALL3(close, fd, 0, 0);
}

/* --- file systems of others --- */

/* What an ordinary user may have mounted, and say of it what he likes. */
static bool is_user_kind(uint64_t kind)
{
	return kind == FUSE_SUPER_MAGIC;
}

/* Something is mounted at an entry of the directory. Kernels before Linux 5.8 tell by the device
 * alone: what is the same device has the same kind. */
static bool is_mount(const struct walk *walk, const struct statx *st)
{
	if (st->stx_attributes_mask & STATX_ATTR_MOUNT_ROOT)
		return st->stx_attributes & STATX_ATTR_MOUNT_ROOT;
	return st->stx_dev_major != walk->st.stx_dev_major ||
	       st->stx_dev_minor != walk->st.stx_dev_minor;
}

/* Crosses into what is mounted there. */
static enum trust trust_mount(const struct walk *walk, int fd, enum trust trust)
{
	uint64_t kind = walk->own_only ? mount_kind(fd) : mount_kind_ask(fd);

	return is_user_kind(kind) || (walk->own_only && mount_kind_may_not_answer(kind)) ? OTHERS
											 : trust;
}

/* --- directories --- */

static bool is_ours(const struct statx *st)
{
	return st->stx_uid == 0 || st->stx_uid == (uid_t)CALL3(geteuid, 0, 0, 0);
}

/* Of an entry, which is a directory, in one of that trust. */
static enum trust trust_of(const struct statx *st, enum trust above)
{
	if (above == OTHERS || !is_ours(st))
		return OTHERS;
	if (!(st->stx_mode & (S_IWGRP | S_IWOTH)))
		return OWN;
	return st->stx_mode & S_ISVTX ? STICKY : OTHERS;
}

/* Nobody else can have put the entry there or can replace it. */
static bool is_own_entry(const struct statx *st, enum trust above)
{
	return above == OWN || (above == STICKY && is_ours(st));
}

static int walk_root(struct walk *walk)
{
	int fd = (int)CALL4(openat, AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC, 0), result;

	if (fd < 0)
		return fd;
	if (walk->fd >= 0)
		close_fd(walk->fd);
	walk->fd = fd;
	result = file_status_get(fd, &walk->st);
	if (!result)
		walk->trust = trust_of(&walk->st, OWN);
	return result;
}

/* --- strangers --- */

static bool is_stranger(const struct walk *walk, uid_t uid)
{
	return uid != 0 && uid != walk->user && uid != geteuid();
}

/* Who may write to what stands at fd, as owner or by its mode. */
static bool find_writer(struct walk *walk, const struct statx *st)
{
	*walk->stranger = (struct path_stranger){.uid = (uid_t)-1, .gid = (gid_t)-1};
	if (is_stranger(walk, st->stx_uid))
		walk->stranger->uid = st->stx_uid;
	else if (S_ISDIR(st->stx_mode) && (st->stx_mode & S_ISVTX))
		return false;
	else if (!(st->stx_mode & S_IWOTH) && (st->stx_mode & S_IWGRP))
		walk->stranger->gid = st->stx_gid;
	else if (!(st->stx_mode & S_IWOTH))
		return false;
	return true;
}

static void name_place(const struct walk *walk, int fd)
{
	char link[32];
	ssize_t len;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, walk->stranger->at, sizeof(walk->stranger->at) - 1);
	walk->stranger->at[len > 0 ? len : 0] = 0;
}

/* Somebody may change the directory. */
static bool find_stranger(struct walk *walk)
{
	if (!find_writer(walk, &walk->st))
		return false;
	name_place(walk, walk->fd);
	return true;
}

/* An entry, which is open as fd, of a directory where all may put something but not replace it. */
static bool find_entry_stranger(struct walk *walk, int fd, const struct statx *entry)
{
	if (!(walk->st.stx_mode & S_ISVTX) || !is_stranger(walk, entry->stx_uid))
		return false;
	walk->stranger->uid = entry->stx_uid;
	name_place(walk, fd);
	return true;
}

/* --- steps --- */

/* The target of a link, before what is left of the path, is walked next. */
static int walk_link(struct walk *walk, int link_fd, const char *left)
{
	size_t len = strlen(left);
	char target[PATH_MAX];
	long got = CALL4(readlinkat, link_fd, "", target, sizeof(target) - 1);

	if (got <= 0)
		return got < 0 ? (int)got : -ENOENT;
	if (++walk->links > LINKS_MOST)
		return -ELOOP;
	if ((size_t)got + 1 + len + 1 > sizeof(walk->rest))
		return -ENAMETOOLONG;
	/* `left` may stand in rest already. */
	memmove(walk->rest + got + 1, left, len + 1);
	memcpy(walk->rest, target, (size_t)got);
	walk->rest[got] = len ? '/' : 0;
	return walk->rest[0] == '/' ? walk_root(walk) : 0;
}

/* One directory, or a link to one, further. *left is what comes after it. */
static int walk_step(struct walk *walk, const char *name, const char **left)
{
	struct statx st;
	int fd, result;

	if (walk->stranger && find_stranger(walk))
		return FOUND;
	fd = (int)CALL4(openat, walk->fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0);
	if (fd < 0)
		return fd;
	result = file_status_get(fd, &st);
	if (!result && walk->stranger && find_entry_stranger(walk, fd, &st)) {
		result = FOUND;
	} else if (!result && S_ISLNK(st.stx_mode)) {
		result = walk->stranger || is_own_entry(&st, walk->trust)
				 ? walk_link(walk, fd, *left)
				 : -ELOOP;
		*left = walk->rest;
	} else if (!result && !S_ISDIR(st.stx_mode)) {
		result = -ENOTDIR;
	} else if (!result) {
		walk->trust = trust_of(&st, is_own_entry(&st, walk->trust) ? OWN : OTHERS);
		if (is_mount(walk, &st))
			walk->trust = trust_mount(walk, fd, walk->trust);
		close_fd(walk->fd);
		walk->fd = fd;
		walk->st = st;
		return 0;
	}
	close_fd(fd);
	return result;
}

/* Walks all but the last component, which is *name then, or as long as directories are our own. */
static int walk_all(struct walk *walk, const char *path, const char **name)
{
	char component[NAME_MAX + 1];
	int result = path[0] == '/' ? walk_root(walk) : walk->fd < 0 ? -EINVAL : 0;

	while (!result) {
		size_t len;

		path += strspn(path, "/");
		len = strcspn(path, "/");
		*name = path;
		if (!path[len])
			return len ? 0 : -EINVAL;
		if (walk->own_only && walk->trust == OTHERS)
			return 0;
		if (len > NAME_MAX)
			return -ENAMETOOLONG;
		memcpy(component, path, len);
		component[len] = 0;
		path += len;
		result = walk_step(walk, component, &path);
	}
	return result;
}

static void walk_end(struct walk *walk)
{
	if (walk->fd >= 0)
		close_fd(walk->fd);
}

int path_find(const char *path, struct path_place *place)
{
	const char *name;
	struct walk walk;
	int result;

	/* Without its buffer, which need not be cleared. */
	walk.fd = -1;
	walk.trust = OTHERS;
	walk.own_only = false;
	walk.user = 0;
	walk.stranger = NULL;
	walk.links = 0;
	result = walk_all(&walk, path, &name);
	if (result < 0) {
		walk_end(&walk);
		return result;
	}
	/* Links change what is before it alone. */
	*place = (struct path_place){walk.fd, strrchr(path, '/') + 1, walk.trust == OWN};
	return 0;
}

int path_open(const char *path, int flags, mode_t mode)
{
	struct path_place place;
	struct statx st;
	int fd = path_find(path, &place), result = 0;

	if (fd < 0)
		return fd;
	fd = (int)CALL4(openat, place.dir_fd, place.name,
		flags | O_NOFOLLOW | O_CLOEXEC | O_LARGEFILE, mode);
	close_fd(place.dir_fd);
	if (fd < 0 || place.own)
		return fd;
	result = file_status_get(fd, &st);
	if (!result && S_ISREG(st.stx_mode) && st.stx_nlink != 1)
		result = -EMLINK;
	if (!result)
		return fd;
	close_fd(fd);
	return result;
}

/* The last component, in a directory of ours: what a link of ours leads to is walked as well, and
 * what is mounted there counts. Returns FOUND when there is no more to walk. */
static int walk_last(struct walk *walk, const char **name)
{
	struct statx st;
	int fd = (int)CALL4(openat, walk->fd, *name, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0), result;

	if (fd < 0)
		return fd;
	result = file_status_get(fd, &st);
	if (!result && S_ISLNK(st.stx_mode)) {
		result = walk_link(walk, fd, "");
		if (!result)
			result = walk_all(walk, walk->rest, name);
	} else if (!result) {
		if (is_mount(walk, &st))
			walk->trust = trust_mount(walk, fd, walk->trust);
		result = FOUND;
	}
	close_fd(fd);
	return result;
}

bool path_is_own(const char *path)
{
	struct walk walk = {.fd = -1, .own_only = true};
	const char *name;
	int result = walk_all(&walk, path, &name);

	while (!result && walk.trust == OWN)
		result = walk_last(&walk, &name);
	walk_end(&walk);
	return (result == FOUND || result == -ENOENT) && walk.trust == OWN;
}

bool path_is_settled(const char *path)
{
	struct walk walk = {.fd = -1, .own_only = true};
	struct statx st;
	const char *name;
	int result = walk_all(&walk, path, &name), fd = -1;

	if (!result && walk.trust != OTHERS)
		result = fd = (int)CALL4(openat, walk.fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0);
	if (fd >= 0 && !file_status_get(fd, &st))
		result = is_ours(&st) && S_ISREG(st.stx_mode) ? FOUND : -EPERM;
	if (fd >= 0)
		close_fd(fd);
	walk_end(&walk);
	return (result == FOUND || result == -ENOENT) && walk.trust != OTHERS;
}

/* Of the last component, to which a link may lead. */
static int find_stranger_at(struct walk *walk, const char **name)
{
	struct statx st;
	bool there;
	int fd, result = -ENOENT; /* nobody */

	if (find_stranger(walk))
		return FOUND;
	/* There may be one in a file system that says what it likes. */
	if (walk->own_only && walk->trust == OTHERS)
		return -EPERM;
	fd = openat(walk->fd, *name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	there = fd >= 0 && file_status_get(fd, &st) == 0;
	if (there && find_entry_stranger(walk, fd, &st)) {
		result = FOUND;
	} else if (there && S_ISLNK(st.stx_mode)) {
		result = walk_link(walk, fd, "");
		if (!result)
			result = walk_all(walk, walk->rest, name);
	} else if (there && S_ISREG(st.stx_mode) && find_writer(walk, &st)) {
		name_place(walk, fd);
		walk->stranger->itself = true;
		result = FOUND;
	}
	if (fd >= 0)
		close_fd(fd);
	return result;
}

bool path_find_stranger(const char *path, uid_t user, bool may_wait, struct path_stranger *stranger)
{
	struct walk walk = {.fd = -1, .user = user, .own_only = !may_wait, .stranger = stranger};
	const char *name;
	int result = walk_all(&walk, path, &name);

	while (!result)
		result = find_stranger_at(&walk, &name);
	walk_end(&walk);
	return result == FOUND;
}

void path_stranger_text(
	const char *path, const struct path_stranger *stranger, char *text, size_t size)
{
	const char *what = stranger->at;
	size_t len = strlen(what);

	if (!strcmp(path, what))
		what = "it";
	else if (!strncmp(path, what, len) && path[len] == '/' && !strchr(path + len + 1, '/'))
		what = "its directory";
	if (stranger->uid != (uid_t)-1)
		snprintf(text, size, "%s belongs to uid %u", what, (unsigned)stranger->uid);
	else if (stranger->gid != (gid_t)-1)
		snprintf(text, size, "group %u may write to %s", (unsigned)stranger->gid, what);
	else
		snprintf(text, size, "everyone may write to %s", what);
}
