/* installed: see installed.h. */
#include "control/installed.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/large.h"
#include "base/patience.h"

#define ROOM (PATH_MAX + 32)

const char *installed_self(void)
{
	static const char deleted[] = " (deleted)";
	static char path[PATH_MAX] LARGE;
	size_t tail = sizeof(deleted) - 1;
	ssize_t len;

	if (*path)
		return path;
	do
		len = readlink("/proc/self/exe", path, sizeof(path) - 1);
	while (len < 0 && patience_lasts());
	path[len > 0 ? len : 0] = 0;
	if (len > (ssize_t)tail && !strcmp(path + len - tail, deleted))
		path[(size_t)len - tail] = 0;
	return path;
}

char *installed_find(const char *name)
{
	static char paths[INSTALLED_MOST * ROOM] LARGE, *end = paths;
	const char *self = installed_self(), *slash = strrchr(self, '/');
	char *path = end;

	snprintf(path, ROOM, "%.*s/%s", (int)(slash ? slash - self : 0), self, name);
	/* What cannot be looked at now is there when it is needed. */
	if (access(path, X_OK) < 0 && errno == ENOENT)
		snprintf(path, ROOM, INETD_LIBEXECDIR "/%s", name);
	end += strlen(path) + 1;
	return path;
}

const char *installed_services(void)
{
	char *path = installed_find("services/identd");

	*strrchr(path, '/') = 0;
	return path;
}
