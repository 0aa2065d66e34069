/* log_files: see log_files.h. */
#include "run/process/log_files.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "base/fdutil.h"
#include "base/log.h"
#include "base/log_sink.h"
#include "base/loop.h"
#include "run/process/companion.h"
#include "run/process/log_writer.h"

#define AGAIN_MS     1000  /* until another process is started */
#define IDLE_MS      60000 /* without a line, until the process may go */
#define TURN_REPORTS 16

static void link_ready(struct watch *watch, uint32_t events);
static void close_link(struct timer *timer);

static struct watch link_watch = {.fd = -1, .ready = link_ready}; /* fd is owned */
static struct timer idle = {.fired = close_link};
static uint64_t not_before_ms; /* the next start */

static void close_link(struct timer *timer)
{
	(void)timer;
	loop_untimer(&idle);
	loop_unwatch(&link_watch);
	fd_close(&link_watch.fd);
}

static void told(const struct log_report *report)
{
	int len = (int)strnlen(report->path, sizeof(report->path));

	if (report->err)
		log_errx("log_to: cannot write to %.*s, lines for it are lost: %s", len,
			report->path, strerror(report->err));
	else
		log_notice("log_to: %.*s is written to again, after %u lost lines", len,
			report->path, report->lost);
}

static void link_ready(struct watch *watch, uint32_t events)
{
	struct log_report report;
	ssize_t len = -1;

	(void)events;
	for (int i = 0; i < TURN_REPORTS; i++) {
		len = recv(watch->fd, &report, sizeof(report), MSG_DONTWAIT);
		if (len != sizeof(report))
			break;
		told(&report);
	}
	if (!len || (len < 0 && errno != EAGAIN && errno != EINTR))
		close_link(NULL); /* the process has ended */
}

static int start(void)
{
	static const struct companion writer = {
		.name = "inetd-log",
		.title = "writes the log files of services",
		.work = log_writer_work,
	};

	link_watch.fd = companion_start(&writer, NULL);
	if (link_watch.fd >= 0 && loop_watch(&link_watch, EPOLLIN) == 0)
		return 0;
	close_link(NULL);
	return -1;
}

/* At most once in AGAIN_MS; a failure is logged. */
static bool is_linked(void)
{
	if (link_watch.fd >= 0)
		return true;
	if (loop_now_ms() < not_before_ms)
		return false;
	not_before_ms = loop_now_ms() + AGAIN_MS;
	if (start() == 0)
		return true;
	log_err("log_to: cannot start a process that writes log files, whose lines are logged "
		"here");
	return false;
}

static bool write_line(const char *path, const char *text)
{
	struct iovec parts[] = {{(void *)(uintptr_t)path, strlen(path) + 1},
		{(void *)(uintptr_t)text, strlen(text)}};
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};

	if (parts[0].iov_len > PATH_MAX || !is_linked())
		return false;
	loop_timer(&idle, IDLE_MS);
	return sendmsg(link_watch.fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
}

void log_files_open(void)
{
	log_file = write_line;
}

void log_files_close(void)
{
	log_file = NULL;
	close_link(NULL);
}
