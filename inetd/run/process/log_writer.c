/* log_writer: see log_writer.h. */
#include "run/process/log_writer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/fdutil.h"
#include "base/large.h"
#include "base/path.h"
#include "run/process/companion.h"

#define FILE_MODE  0640
#define FILES      32 /* of which troubles are remembered */
#define SLOW_MOST  16 /* files that have a process of their own */
#define REPORT_S   1  /* a file is reported at most so often */
#define OPEN_FLAGS (O_WRONLY | O_APPEND | O_CREAT | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)

/* A file that could not be written. */
struct trouble {
	char path[PATH_MAX];
	uint32_t lost;
	bool torn; /* its last line has no end */
	time_t reported;
};

static struct trouble troubles[FILES] LARGE; /* path "" = not used */

/* The file that is open. */
static char file_path[PATH_MAX] LARGE;
static int file_fd = -1; /* -1: none */

static time_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec;
}

static struct trouble *find_trouble(const char *path)
{
	for (size_t i = 0; i < FILES; i++)
		if (!strcmp(troubles[i].path, path))
			return &troubles[i];
	return NULL;
}

/* The daemon may have gone, or have enough to read. */
static void report(const struct trouble *trouble, int err)
{
	struct log_report report = {.err = err, .lost = trouble->lost};

	strlcpy(report.path, trouble->path, sizeof(report.path));
	send(COMPANION_LINK, &report, sizeof(report), MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* When there are too many, what is known of some file is forgotten. */
static void failed(const char *path, int err, bool torn)
{
	static unsigned next;
	struct trouble *trouble = find_trouble(path);

	if (!trouble) {
		trouble = find_trouble("");
		if (!trouble)
			trouble = &troubles[next++ % FILES];
		*trouble = (struct trouble){.reported = now()};
		strlcpy(trouble->path, path, sizeof(trouble->path));
		report(trouble, err);
	}
	trouble->lost++;
	trouble->torn |= torn;
}

/* Not at once, so that a file that fails now and then is not reported for each line. */
static void went_well(struct trouble *trouble)
{
	trouble->torn = false;
	if (now() - trouble->reported <= REPORT_S)
		return;
	report(trouble, 0);
	trouble->path[0] = 0;
}

static void close_file(void)
{
	fd_close(&file_fd);
}

/* Returns 0 or an error number. */
static int open_file(const char *path)
{
	struct stat st;
	int fd;

	if (file_fd >= 0 && !strcmp(file_path, path))
		return 0;
	close_file();
	fd = path_open(path, OPEN_FLAGS, FILE_MODE);
	if (fd < 0)
		return -fd;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		fd_close(&fd);
		return ENODEV;
	}
	file_fd = fd;
	strlcpy(file_path, path, sizeof(file_path));
	return 0;
}

bool log_writer_append(const char *path, const char *line)
{
	size_t len = strlen(line);
	bool done = open_file(path) == 0 && write(file_fd, line, len) == (ssize_t)len;

	close_file();
	return done;
}

static void write_line(const char *path, const char *line, size_t len)
{
	struct trouble *trouble = find_trouble(path);
	int err = open_file(path);
	ssize_t done = 0;

	if (!err && trouble && trouble->torn)
		done = write(file_fd, "\n", 1);
	if (!err && done >= 0)
		done = write(file_fd, line, len);
	if (err)
		failed(path, err, false);
	else if (done < 0)
		failed(path, errno, false);
	else if ((size_t)done < len)
		failed(path, ENOSPC, done > 0);
	else if (trouble)
		went_well(trouble);
}

/* --- files that may keep us waiting: each has a process of its own, which does the same as we ---
 */

static struct slow {
	char path[PATH_MAX];
	int link;       /* 0: none; owned */
	unsigned order; /* when it had its last line */
} slows[SLOW_MOST] LARGE;
static bool is_for_one; /* we are such a process */

/* Others can put something in its place, or answer for it. */
static bool is_slow(const char *path)
{
	return !is_for_one && (file_fd < 0 || strcmp(file_path, path) != 0) && !path_is_own(path);
}

static void slow_end(struct slow *slow)
{
	fd_close(&slow->link);
	slow->link = 0;
}

static void write_lines(void);

__attribute__((noreturn)) static void slow_main(int link)
{
	dup2(link, COMPANION_LINK);
	fd_close_range(COMPANION_LINK + 1, ~0U);
	memset(slows, 0, sizeof(slows));
	memset(troubles, 0, sizeof(troubles));
	file_fd = -1;
	is_for_one = true;
	write_lines();
	_exit(0);
}

/* The one of the path, or else one that is free, or has had no line for longest. */
static struct slow *slow_find(const char *path)
{
	struct slow *found = slows;

	for (struct slow *slow = slows; slow < slows + SLOW_MOST; slow++) {
		if (slow->link && !strcmp(slow->path, path))
			return slow;
		if (found->link && (!slow->link || slow->order < found->order))
			found = slow;
	}
	return found;
}

/* Returns 0 or an error number. */
static int slow_start(struct slow *slow, const char *path)
{
	int ends[2], err = 0;
	pid_t pid;

	if (slow->link)
		slow_end(slow);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return errno;
	pid = fork();
	if (pid == 0)
		slow_main(ends[1]);
	if (pid < 0)
		err = errno;
	fd_close(&ends[1]);
	slow->link = ends[0];
	strlcpy(slow->path, path, sizeof(slow->path));
	if (err)
		slow_end(slow);
	return err;
}

static void slow_write(const char *path, const char *order, size_t len)
{
	static unsigned orders;
	struct slow *slow = slow_find(path);
	struct trouble *trouble = find_trouble(path);
	bool runs = slow->link && !strcmp(slow->path, path);
	int err = runs ? 0 : slow_start(slow, path);

	slow->order = ++orders;
	if (!err && send(slow->link, order, len, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		err = errno == EAGAIN ? ETIMEDOUT : errno;
	if (err)
		failed(path, err, false);
	else if (trouble)
		went_well(trouble);
}

/* Passes on what it reports; one that has ended is started again with the next line. */
static void slow_read(struct slow *slow)
{
	struct log_report report;
	ssize_t len = recv(slow->link, &report, sizeof(report), MSG_DONTWAIT);

	if (len == sizeof(report))
		send(COMPANION_LINK, &report, sizeof(report), MSG_DONTWAIT | MSG_NOSIGNAL);
	else if (!len || (len < 0 && errno != EAGAIN && errno != EINTR))
		slow_end(slow);
}

/* Waits for a line. False: there is none, and none is waited for while a file is open. */
static bool await_line(void)
{
	struct pollfd fds[1 + SLOW_MOST] = {{.fd = COMPANION_LINK, .events = POLLIN}};

	for (int i = 0; i < SLOW_MOST; i++)
		fds[1 + i] =
			(struct pollfd){.fd = slows[i].link ? slows[i].link : -1, .events = POLLIN};
	if (poll(fds, 1 + SLOW_MOST, file_fd < 0 ? -1 : 0) <= 0)
		return false;
	for (int i = 0; i < SLOW_MOST; i++)
		if (fds[1 + i].revents)
			slow_read(&slows[i]);
	return fds[0].revents;
}

/* --- lines --- */

static void write_lines(void)
{
	static char order[LOG_ORDER_BYTES] LARGE;

	for (;;) {
		ssize_t len;
		size_t path_len;

		if (!await_line()) {
			close_file();
			continue;
		}
		len = recv(COMPANION_LINK, order, sizeof(order) - 1, MSG_DONTWAIT);
		if (!len || (len < 0 && errno != EINTR && errno != EAGAIN))
			return;
		if (len < 0)
			continue;
		order[len] = 0;
		path_len = strlen(order);
		if (path_len >= PATH_MAX || path_len >= (size_t)len)
			continue;
		if (is_slow(order))
			slow_write(order, order, (size_t)len);
		else
			write_line(order, order + path_len + 1, (size_t)len - path_len - 1);
	}
}

void log_writer_work(const void *arg)
{
	(void)arg;
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	signal(SIGCHLD, SIG_IGN);
	umask(0);
	write_lines();
}
