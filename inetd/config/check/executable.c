/* executable: see executable.h. */
#include "config/check/executable.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "base/path.h"

static bool has_group(const struct identity *identity, gid_t gid)
{
	for (size_t i = 0; i < identity->ngroups; i++)
		if (identity->groups[i] == gid)
			return true;
	return identity->gid == gid;
}

bool executable_user_may(const struct identity *identity, const char *path, unsigned what)
{
	struct stat st;
	unsigned shift;

	if (stat(path, &st) < 0)
		return false;
	if (!identity->uid)
		return S_ISDIR(st.st_mode) || what == MAY_READ || st.st_mode & 0111;
	if (getxattr(path, "system.posix_acl_access", NULL, 0) > 0)
		return true;
	shift = st.st_uid == identity->uid ? 6 : has_group(identity, st.st_gid) ? 3 : 0;
	return st.st_mode >> shift & what;
}

/* The first directory on the way to a path that the user may not enter, in `directory`. */
static bool is_out_of_reach(const struct identity *identity, const char *path, char *directory)
{
	for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		snprintf(directory, PATH_MAX, "%.*s", (int)(slash - path), path);
		if (!executable_user_may(identity, directory, MAY_EXECUTE))
			return true;
	}
	*directory = 0;
	return false;
}

int executable_look(const struct identity *identity, const char *path, char *directory)
{
	char real[PATH_MAX];
	struct stat st;

	*directory = 0;
	if (stat(path, &st) < 0)
		return errno;
	if (!S_ISREG(st.st_mode) || !(st.st_mode & 0111))
		return EACCES;
	if (!identity || !identity->uid)
		return 0;
	if (is_out_of_reach(identity, path, directory) ||
		(realpath(path, real) && is_out_of_reach(identity, real, directory)))
		return EACCES;
	return executable_user_may(identity, path, MAY_EXECUTE) ? 0 : EACCES;
}

bool executable_is_missing(const struct service *service)
{
	const struct unusable *found = service->unusable;
	const struct identity *identity = &service->policy->identity;
	char directory[PATH_MAX];

	return found &&
	       (!path_is_own(found->path) ||
		       executable_look(found->elsewhere ? NULL : identity, found->path, directory));
}
