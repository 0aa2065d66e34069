/* installed: see installed.h. */
#include "control/installed.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/patience.h"

const char *installed_self(void)
{
	static const char deleted[] = " (deleted)";
	static char path[PATH_MAX];
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

const char *installed_find(const char *name, char path[INSTALLED_BYTES])
{
	const char *self = installed_self(), *slash = strrchr(self, '/');

	snprintf(path, INSTALLED_BYTES, "%.*s/%s", (int)(slash ? slash - self : 0), self, name);
	if (access(path, X_OK) < 0)
		snprintf(path, INSTALLED_BYTES, INETD_LIBEXECDIR "/%s", name);
	return path;
}

const char *installed_services(void)
{
	static char path[INSTALLED_BYTES];

	installed_find("services/identd", path);
	*strrchr(path, '/') = 0;
	return path;
}
