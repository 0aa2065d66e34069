/* log_sink: see log_sink.h. libc's syslog(3) is not used because it waits for the log daemon: a
 * stuck one would stop every service. */
#include "base/log_sink.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/param.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/fdutil.h"
#include "base/log_queue.h"

#define JOURNAL  "/run/systemd/journal/socket"
#define SYSLOG   "/dev/log"
#define SOON_MS  5 /* lines that may wait are sent together after this long */
#define AGAIN_MS 1 /* the log daemon's queue was full: doubles while that lasts... */
#define MOST_MS  1000

static struct {
	enum log_sink kind;
	enum log_format format;
	int fd;       /* to journald or /dev/log; -1 when not open; owned */
	bool journal; /* fd is journald's */
	bool gather;  /* log_flush() is called in time */
	int again_ms; /* after which a full queue is tried again; 0 = it was not full */
	unsigned lost;
	uint64_t lost_ever;
} sink = {.fd = -1};

void log_sink_open(enum log_sink kind)
{
	log_sink_close();
	sink.kind = kind;
}

void log_sink_close(void)
{
	log_queue_drop();
	fd_close(&sink.fd);
}

void log_set_format(enum log_format format)
{
	sink.format = format;
}

bool log_is_stderr(void)
{
	return sink.kind == LOG_SINK_STDERR;
}

uint64_t log_lost(void)
{
	return sink.lost_ever;
}

static int connect_to(const char *path)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -1;
	strlcpy(addr.sun_path, path, sizeof(addr.sun_path));
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0) {
		close(fd);
		return -1;
	}
	return fd_raise(fd);
}

/* Opens what is there, if nothing is open. */
static bool is_connected(void)
{
	if (sink.fd >= 0)
		return true;
	sink.fd = connect_to(JOURNAL);
	sink.journal = sink.fd >= 0;
	if (sink.fd < 0)
		sink.fd = connect_to(SYSLOG);
	return sink.fd >= 0;
}

static size_t form_message(const struct log_line *line, char *buf, size_t size)
{
	return sink.format == LOG_FORMAT_JSON ? log_line_json(line, buf, size)
					      : log_line_text(line, buf, size);
}

static void count_lost(unsigned lines)
{
	sink.lost += lines;
	sink.lost_ever += lines;
}

int log_flush(void)
{
	for (int attempt = 0; log_queue_count() && attempt < 2; attempt++) {
		unsigned before = log_queue_count();
		bool journal = sink.journal;

		/* What waits has the form of the one that was there before. */
		if (!is_connected() || sink.journal != journal)
			break;
		if (log_queue_send(sink.fd) == 0) {
			sink.again_ms = 0;
			return -1;
		}
		if (errno == EAGAIN || errno == ENOBUFS) {
			sink.again_ms = sink.again_ms && log_queue_count() == before
						? MIN(sink.again_ms * 2, MOST_MS)
						: AGAIN_MS;
			return sink.again_ms;
		}
		fd_close(&sink.fd); /* the log daemon was restarted */
	}
	count_lost(log_queue_drop());
	sink.again_ms = 0;
	return -1;
}

/* Appends it to what waits, or counts it as lost. What is urgent does not wait, nor does the rest
 * for long: see log_flush_in_ms(). */
static bool send_system(const struct log_line *line, const char *message)
{
	char buf[LOG_LINE_BYTES * 2];
	size_t len;

	if (!is_connected())
		return false;
	len = sink.journal ? log_line_journal(line, message, buf, sizeof(buf))
			   : log_line_syslog(line, message, buf, sizeof(buf));
	if (!log_queue_add(buf, len)) {
		log_flush();
		if (!log_queue_add(buf, len))
			return false;
	}
	if (!sink.gather || line->level < LOG_INFO)
		log_flush();
	return true;
}

void log_gather(bool gather)
{
	sink.gather = gather;
	if (!gather)
		log_flush();
}

int log_flush_in_ms(void)
{
	if (!log_queue_count())
		return -1;
	return sink.again_ms ? sink.again_ms : SOON_MS;
}

/* A reader that has stopped, or is gone (EPIPE), must not stop the daemon. A pipe that can be
 * written takes at least PIPE_BUF bytes without waiting (pipe(7), poll(2)). */
static bool send_stderr(const struct log_line *line, const char *message)
{
	struct pollfd out = {.fd = STDERR_FILENO, .events = POLLOUT};
	char buf[LOG_LINE_BYTES];
	int len;

	if (sink.format == LOG_FORMAT_JSON)
		len = snprintf(buf, sizeof(buf), "%s\n", message);
	else
		len = snprintf(buf, sizeof(buf), "%s[%d]: %s\n", line->ident, line->pid, message);
	if (len >= (int)sizeof(buf)) { /* cut, but still one line */
		len = sizeof(buf) - 1;
		buf[len - 1] = '\n';
	}
	/* One write, so that lines of several processes do not mix. */
	return poll(&out, 1, 0) == 1 && (out.revents & POLLOUT) &&
	       write(STDERR_FILENO, buf, (size_t)len) >= 0;
}

static bool deliver(const struct log_line *line)
{
	char message[LOG_LINE_BYTES - 64];

	form_message(line, message, sizeof(message));
	return sink.kind == LOG_SINK_STDERR ? send_stderr(line, message)
					    : send_system(line, message);
}

static void say_lost(const struct log_line *before)
{
	struct log_line line = *before;
	char text[64];

	snprintf(text, sizeof(text), "%u log lines were lost", sink.lost);
	line.level = LOG_WARNING;
	line.text = text;
	line.fields = NULL;
	if (deliver(&line))
		sink.lost = 0;
}

void log_sink_write(const struct log_line *line)
{
	if (sink.lost)
		say_lost(line);
	if (deliver(line))
		return;
	count_lost(1);
}

bool (*log_file)(const char *file, const char *text);

bool log_sink_write_file(const struct log_line *line, const char *file)
{
	char message[LOG_LINE_BYTES - 64], text[LOG_LINE_BYTES];

	if (!log_file)
		return false;
	form_message(line, message, sizeof(message));
	if (sink.format == LOG_FORMAT_JSON)
		snprintf(text, sizeof(text), "%s\n", message);
	else
		log_line_file(line, message, text, sizeof(text));
	return log_file(file, text);
}
