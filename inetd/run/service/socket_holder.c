/* socket_holder: see socket_holder.h. */
#include "run/service/socket_holder.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool is_one(const char *link, const uint64_t *inodes, size_t count)
{
	uint64_t inode;

	if (sscanf(link, "socket:[%" SCNu64 "]", &inode) != 1)
		return false;
	for (size_t i = 0; i < count; i++)
		if (inodes[i] == inode)
			return true;
	return false;
}

bool socket_holder_has(pid_t pid, const uint64_t *inodes, size_t count)
{
	char path[32], link[64];
	struct dirent *entry;
	bool found = false;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	dir = opendir(path);
	while (dir && !found && (entry = readdir(dir))) {
		ssize_t len = readlinkat(dirfd(dir), entry->d_name, link, sizeof(link) - 1);

		link[len > 0 ? len : 0] = 0;
		found = is_one(link, inodes, count);
	}
	if (dir)
		closedir(dir);
	return found;
}

void socket_holder_each(
	const uint64_t *inodes, size_t count, bool (*each)(pid_t pid, void *arg), void *arg)
{
	struct dirent *entry;
	bool go_on = true;
	DIR *proc = opendir("/proc");

	while (proc && go_on && (entry = readdir(proc))) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

		if (pid > 0 && socket_holder_has(pid, inodes, count))
			go_on = each(pid, arg);
	}
	if (proc)
		closedir(proc);
}

void socket_holder_name(pid_t pid, char *comm, size_t size)
{
	char path[32];
	FILE *file;

	strlcpy(comm, "?", size);
	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	file = fopen(path, "re");
	if (file && fgets(comm, (int)size, file))
		comm[strcspn(comm, "\n")] = 0;
	if (file)
		fclose(file);
}
