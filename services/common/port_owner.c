/* port_owner: see port_owner.h. */
#include "common/port_owner.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/sock_owner.h"

#define ANCESTORS_MOST 64

bool port_owner_is_told(int fd, int socktype, const struct sockaddr_in *at)
{
	uid_t uid;

	if (socktype == SOCK_STREAM && listen(fd, 1) < 0)
		return false;
	return sock_owner_bound(socktype, at, &uid) == 0;
}

/* 0: it is gone, or not to be seen. */
static pid_t parent_of(pid_t pid)
{
	char path[32], text[512];
	const char *end;
	size_t len;
	int parent;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "re");
	if (!file)
		return 0;
	len = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[len] = '\0';
	end = strrchr(text, ')'); /* of its name, which may be anything */
	return end && sscanf(end, ") %*c %d", &parent) == 1 ? parent : 0;
}

static bool is_of(pid_t pid, pid_t daemon)
{
	for (int i = 0; i < ANCESTORS_MOST && pid > 1; i++, pid = parent_of(pid))
		if (pid == daemon)
			return true;
	return false;
}

static bool runs_as(uid_t uid, pid_t daemon)
{
	DIR *all = opendir("/proc");
	const struct dirent *entry;
	bool found = false;
	struct stat st;

	while (all && !found && (entry = readdir(all)))
		found = isdigit((unsigned char)*entry->d_name) &&
			fstatat(dirfd(all), entry->d_name, &st, 0) == 0 && st.st_uid == uid &&
			is_of((pid_t)strtol(entry->d_name, NULL, 10), daemon);
	if (all)
		closedir(all);
	return found;
}

int port_owner_check(const struct sockaddr_in *at, int socktype, pid_t daemon)
{
	uid_t uid;

	if (sock_owner_bound(socktype, at, &uid) < 0)
		return -1;
	if (uid == geteuid() || runs_as(uid, daemon))
		return 0;
	errno = EADDRINUSE;
	return -1;
}
