/* log: see log.h. libc's syslog(3) is not used because it waits for the log daemon: a stuck one
 * would stop every service. */
#include "base/log.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/fdutil.h"

static struct {
	const char *ident;
	enum log_sink sink;
	int level;
	int fd;        /* to /dev/log; -1 when not open; owned */
	unsigned lost; /* lines that could not be delivered since the last good one */
} logger = {.ident = "inetd", .level = LOG_INFO, .fd = -1};

void log_open(const char *ident, enum log_sink sink, int level)
{
	log_close();
	logger.ident = ident;
	logger.sink = sink;
	logger.level = level;
}

void log_close(void)
{
	fd_close(&logger.fd);
}

bool log_is_stderr(void)
{
	return logger.sink == LOG_SINK_STDERR;
}

bool log_shows(int level)
{
	return level <= logger.level;
}

/* Length of the valid UTF-8 sequence at p, 0 if there is none (RFC 3629). */
static size_t utf8_length(const unsigned char *p)
{
	size_t len = p[0] >= 0xf0 && p[0] <= 0xf4 ? 4 : p[0] >= 0xe0 ? 3 : p[0] >= 0xc2 ? 2 : 0;

	if (p[0] > 0xf4)
		return 0;
	for (size_t i = 1; i < len; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	if (len == 2 && p[0] == 0xc2 && p[1] < 0xa0)
		return 0; /* C1 controls */
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
		(p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return len;
}

char *log_mask(char *text)
{
	for (unsigned char *p = (unsigned char *)text; *p;) {
		size_t len = *p < 0x80 ? 0 : utf8_length(p);

		if (len) {
			p += len;
		} else {
			if (*p < 0x20 || *p >= 0x7f)
				*p = '?';
			p++;
		}
	}
	return text;
}

static int syslog_connect(void)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX, .sun_path = "/dev/log"};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -1;
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0) {
		close(fd);
		return -1;
	}
	return fd_raise(fd);
}

static bool syslog_send(const char *line, size_t len)
{
	for (int attempt = 0; attempt < 2; attempt++) {
		if (logger.fd < 0)
			logger.fd = syslog_connect();
		if (logger.fd < 0)
			return false;
		if (send(logger.fd, line, len, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0)
			return true;
		if (errno == EAGAIN || errno == ENOBUFS)
			return false;
		fd_close(&logger.fd); /* the log daemon was restarted */
	}
	return false;
}

static void write_syslog(int level, const char *text)
{
	char line[2200], stamp[32];
	time_t now = time(NULL);
	struct tm tm;
	int len;

	if (!localtime_r(&now, &tm) || !strftime(stamp, sizeof(stamp), "%b %e %T", &tm))
		stamp[0] = 0;
	if (logger.lost) {
		len = snprintf(line, sizeof(line), "<%d>%s %s[%d]: %u log lines were lost",
			LOG_DAEMON | LOG_WARNING, stamp, logger.ident, (int)getpid(), logger.lost);
		if (syslog_send(line, (size_t)len))
			logger.lost = 0;
	}
	len = snprintf(line, sizeof(line), "<%d>%s %s[%d]: %s", LOG_DAEMON | level, stamp,
		logger.ident, (int)getpid(), text);
	if (!syslog_send(line, (size_t)len))
		logger.lost++;
}

/* A reader that has stopped, or is gone (EPIPE), must not stop the daemon. A pipe that can be
 * written takes at least PIPE_BUF bytes without waiting (pipe(7), poll(2)). */
static bool stderr_send(const char *line, size_t len)
{
	struct pollfd out = {.fd = STDERR_FILENO, .events = POLLOUT};

	/* One write, so that lines of several processes do not mix. */
	return poll(&out, 1, 0) == 1 && (out.revents & POLLOUT) &&
	       write(STDERR_FILENO, line, len) >= 0;
}

static void write_stderr(const char *text)
{
	char line[2200];
	int len;

	if (logger.lost) {
		len = snprintf(line, sizeof(line), "%s[%d]: %u log lines were lost\n", logger.ident,
			(int)getpid(), logger.lost);
		if (stderr_send(line, (size_t)len))
			logger.lost = 0;
	}
	len = snprintf(line, sizeof(line), "%s[%d]: %s\n", logger.ident, (int)getpid(), text);
	if (!stderr_send(line, (size_t)len))
		logger.lost++;
}

__attribute__((format(printf, 3, 0))) static void emit(
	int level, int err, const char *fmt, va_list ap)
{
	int saved = errno;
	char text[2048];
	int len;

	if (log_shows(level)) {
		len = vsnprintf(text, sizeof(text), fmt, ap);
		if (err && len >= 0 && (size_t)len < sizeof(text))
			snprintf(text + len, sizeof(text) - (size_t)len, ": %s", strerror(err));
		log_mask(text);
		if (logger.sink == LOG_SINK_SYSLOG)
			write_syslog(level, text);
		else
			write_stderr(text);
	}
	errno = saved;
}

#define DEFINE_LOG(name, level, err)                                                               \
	void name(const char *fmt, ...)                                                            \
	{                                                                                          \
		va_list ap;                                                                        \
		va_start(ap, fmt);                                                                 \
		emit(level, err, fmt, ap);                                                         \
		va_end(ap);                                                                        \
	}

DEFINE_LOG(log_err, LOG_ERR, errno)
DEFINE_LOG(log_errx, LOG_ERR, 0)
DEFINE_LOG(log_warn, LOG_WARNING, errno)
DEFINE_LOG(log_warnx, LOG_WARNING, 0)
DEFINE_LOG(log_notice, LOG_NOTICE, 0)
DEFINE_LOG(log_info, LOG_INFO, 0)
DEFINE_LOG(log_debug, LOG_DEBUG, 0)
