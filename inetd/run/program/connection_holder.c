/* connection_holder: see connection_holder.h. A descendant is in the session of the program or in
 * one that was made after it; the sessions of our other programs are not looked into. */
#include "run/program/connection_holder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fdutil.h"
#include "run/process/child.h"

#define NUMBERS_MOST 4096      /* that were given out since the program's */
#define FDS_MOST     1024      /* of one process */
#define NUMBER_MAX   (1 << 22) /* no process has a greater one (proc(5), pid_max) */

/* The process numbers since the connection came: the first is the program's own where it was
 * started for that. */
struct numbers {
	pid_t program;
	pid_t first, limit; /* where they begin anew: first, unless they have, NUMBER_MAX */
	int count;
};

static int loadavg_fd = -1;

void connection_holder_open(void)
{
	if (loadavg_fd < 0)
		loadavg_fd = fd_raise(open("/proc/loadavg", O_RDONLY | O_CLOEXEC));
}

pid_t connection_holder_newest(void)
{
	char text[128], *last;
	ssize_t len;

	connection_holder_open();
	len = pread(loadavg_fd, text, sizeof(text) - 1, 0);

	text[len > 0 ? len : 0] = 0;
	last = strrchr(text, ' ');
	return last ? (pid_t)strtol(last, NULL, 10) : -1;
}

static pid_t read_limit(void)
{
	char text[32];
	int fd = open("/proc/sys/kernel/pid_max", O_RDONLY | O_CLOEXEC);
	ssize_t len = read(fd, text, sizeof(text) - 1);

	fd_close(&fd);
	text[len > 0 ? len : 0] = 0;
	return (pid_t)strtol(text, NULL, 10);
}

/* How many numbers after the first one this one is. */
static int age(const struct numbers *numbers, pid_t number)
{
	return number - numbers->first + (number < numbers->first ? numbers->limit : 0);
}

/* proc(5), stat; -1: it is gone. */
static pid_t parent_of(pid_t pid)
{
	char path[32], text[256], *name_end;
	ssize_t len;
	int fd, parent;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	len = read(fd, text, sizeof(text) - 1);
	fd_close(&fd);
	text[len > 0 ? len : 0] = 0;
	name_end = strrchr(text, ')');
	return name_end && sscanf(name_end, ") %*c %d", &parent) == 1 ? parent : -1;
}

static bool is_our_ancestor(pid_t pid)
{
	pid_t at = getpid();

	while (at > 0 && at != pid)
		at = parent_of(at);
	return at > 0;
}

/* Orphans go to the first process of their namespace, or to an ancestor that has asked for them
 * (prctl(2), PR_SET_CHILD_SUBREAPER): theirs and the program's, so ours. A process below any other
 * that is older than the program is none of its descendants. */
static bool may_descend(const struct numbers *numbers, pid_t pid)
{
	do
		pid = parent_of(pid);
	while (pid > 0 && age(numbers, pid) <= numbers->count);
	return pid < 0 || pid == 1 || pid == numbers->program || (pid > 0 && is_our_ancestor(pid));
}

static bool has_socket(pid_t pid, const char *socket_link)
{
	char path[32], link[64];
	struct dirent *entry;
	bool found = false;
	int looked = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	dir = opendir(path);
	if (!dir)
		return errno != ENOENT && errno != ESRCH;
	while (!found && (entry = readdir(dir))) {
		ssize_t len = readlinkat(dirfd(dir), entry->d_name, link, sizeof(link) - 1);

		link[len > 0 ? len : 0] = 0;
		found = !strcmp(link, socket_link) || ++looked > FDS_MOST;
	}
	closedir(dir);
	return found;
}

static bool is_holder(const struct numbers *numbers, pid_t pid, const char *socket_link)
{
	pid_t session = getsid(pid);

	if (session != numbers->program &&
		(session <= 0 || age(numbers, session) > numbers->count || child_is_known(session)))
		return false;
	return may_descend(numbers, pid) && has_socket(pid, socket_link);
}

static pid_t number_at(const struct numbers *numbers, int place)
{
	pid_t number = numbers->first + place;

	return number < numbers->limit ? number : number - numbers->limit;
}

bool connection_is_held(int fd, pid_t program, pid_t since)
{
	struct numbers numbers = {program, since, NUMBER_MAX, 0};
	char socket_link[64];
	struct stat file;
	int looked = 0;

	if (fstat(fd, &file) < 0)
		return true;
	snprintf(socket_link, sizeof(socket_link), "socket:[%ju]", (uintmax_t)file.st_ino);
	/* What a holder starts while we look is found too: until no number is new. */
	for (;;) {
		pid_t newest = connection_holder_newest();

		if (newest >= 0 && newest < since)
			numbers.limit = read_limit();
		numbers.count = newest < 0 ? NUMBERS_MOST : age(&numbers, newest);
		if (numbers.count >= NUMBERS_MOST)
			return true;
		if (looked == numbers.count)
			return false;
		while (looked < numbers.count)
			if (is_holder(&numbers, number_at(&numbers, ++looked), socket_link))
				return true;
	}
}
