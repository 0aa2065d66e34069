/* path: walks a path that others may have a hand in. A directory is one's own as long as only root
 * and the user of this process can change it and all above it. Symbolic links are followed in such
 * directories alone: elsewhere somebody else may have put them there. System calls only, none
 * through libc, so that a child that shares our memory may call it (base/rawcall.h). It may have to
 * wait for a file system, so the daemon itself looks with path_is_own() first. */
#ifndef BASE_PATH_H
#define BASE_PATH_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

/* Where the last component of a path stands. */
struct path_place {
	int dir_fd;       /* the directory, O_PATH; the caller's to close */
	const char *name; /* the last component; in the path that was given */
	bool own;         /* nobody else can put anything there */
};

/* Finds the place of an absolute path whose last component need not exist and is not looked at.
 * Returns 0, or -errno: ELOOP for a symbolic link in a directory that another may change, EINVAL
 * for a path that is not absolute or ends in a slash, or what openat(2) said. */
int path_find(const char *path, struct path_place *place);

/* Opens a file, with the flags and mode of open(2), close-on-exec. The last component may be no
 * symbolic link and, in a directory that another may change, no second name of a file from
 * elsewhere. Returns the descriptor or -errno. */
int path_open(const char *path, int flags, mode_t mode);

/* True if the path is absolute, nobody else can put anything into any of its directories, and none
 * is of a file system that another program or machine answers for; the same of where a link leads
 * that is its last component. Looks at nothing in others, so that nobody can make it wait. */
bool path_is_own(const char *path);

/* The same of a file of our own, that may also stand in a directory where everybody puts his (such
 * as /tmp) and is a regular one, or not there yet. */
bool path_is_settled(const char *path);

/* Somebody who can put something else in the place of a file, or of a directory above it. */
struct path_stranger {
	uid_t uid;         /* the owner of `at`; -1: not the owner */
	gid_t gid;         /* its group, which may write there; both -1: everybody may */
	bool itself;       /* `at` is the file, whose directories are nobody else's */
	char at[PATH_MAX]; /* what he owns, or may write to */
};

/* Looks for somebody besides root, the caller and `user` who can change what the path leads to.
 * Links are followed. Where the caller may not wait, it does not go into file systems that others
 * answer for. True, with *stranger, if there is somebody; false also for what is not there.
 */
bool path_find_stranger(
	const char *path, uid_t user, bool may_wait, struct path_stranger *stranger);

/* Why that is: a clause such as "its directory belongs to uid 7". */
void path_stranger_text(
	const char *path, const struct path_stranger *stranger, char *text, size_t size);

#endif
