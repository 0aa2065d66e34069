/* pid_file: see pid_file.h. */
#include "control/pid_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/fdutil.h"
#include "base/handover.h"
#include "base/path.h"
#include "base/patience.h"

#define PAUSE_MS 10 /* between two tries */

static struct {
	int fd; /* owned */
	char *path;
	pid_t stale;
} pidfile = {.fd = -1};

/* True if the path leads to what is open. It may not have been looked at by the release before. */
static bool is_at(const char *path, int fd)
{
	struct stat there, open;

	return path_is_settled(path) && !stat(path, &there) && !fstat(fd, &open) &&
	       there.st_dev == open.st_dev && there.st_ino == open.st_ino;
}

/* What the file holds. False for something else than a number, as a configuration is: it is not
 * ours to write to. */
static bool read_number(int fd, pid_t *number)
{
	char text[32] = "";
	ssize_t len = pread(fd, text, sizeof(text) - 1, 0);

	if (len > 0 && text[strspn(text, "0123456789 \n")])
		return false;
	*number = (pid_t)strtol(text, NULL, 10);
	return true;
}

static int write_number(int fd)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%d", (int)getpid());

	return ftruncate(fd, 0) < 0 || pwrite(fd, text, (size_t)len, 0) != len ? -1 : 0;
}

static int lock(int fd, const char *path, pid_t *other)
{
	pid_t number = 0;

	if (!read_number(fd, &number)) {
		errno = ENOTUNIQ;
		return -1;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		*other = number;
		errno = errno == EWOULDBLOCK ? EEXIST : errno;
		return -1;
	}
	if (!is_at(path, fd)) { /* the one that had it has removed it a moment ago */
		errno = EEXIST;
		return -1;
	}
	pidfile.stale = number;
	return write_number(fd);
}

static void keep(const char *path, int fd)
{
	pidfile.fd = fd;
	do
		pidfile.path = strdup(path);
	while (!pidfile.path && patience_lasts());
}

static int open_once(const char *path, pid_t *other)
{
	int fd = -1;

	*other = 0;
	if (!path_is_settled(path)) {
		errno = EXDEV;
		return -1;
	}
	fd = fd_raise(open(
		path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0644));
	if (fd < 0)
		return -1;
	if (lock(fd, path, other) < 0) {
		fd_close(&fd);
		return -1;
	}
	keep(path, fd);
	return 0;
}

int pid_file_open(const char *path, unsigned wait_ms, pid_t *other)
{
	const struct timespec pause = {.tv_nsec = PAUSE_MS * 1000000L};
	int result = open_once(path, other);

	for (unsigned waited_ms = 0; result < 0 && errno == EEXIST && waited_ms < wait_ms;
		waited_ms += PAUSE_MS) {
		nanosleep(&pause, NULL);
		result = open_once(path, other);
	}
	return result;
}

pid_t pid_file_stale(void)
{
	return pidfile.stale;
}

void pid_file_remove(void)
{
	if (pidfile.fd < 0)
		return;
	if (pidfile.path && is_at(pidfile.path, pidfile.fd))
		unlink(pidfile.path);
	fd_close(&pidfile.fd);
	free(pidfile.path);
	pidfile.path = NULL;
}

void pid_file_put(FILE *out)
{
	handover_put_fd(out, "pidfile", pidfile.fd);
}

int pid_file_resume(const struct record *record, const char *path)
{
	int fd = handover_take_fd(record, "pidfile");

	if (fd < 0 || !is_at(path, fd)) {
		fd_close(&fd);
		return -1;
	}
	keep(path, fd);
	return 0;
}
