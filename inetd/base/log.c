/* log: see log.h. Here: which levels are shown, and what a line is made of; log_sink.c writes it.
 */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/log_line.h"
#include "base/log_sink.h"

static struct {
	const char *ident;
	int level;
	int pid; /* 0 = to be asked each time: before log_open() we may fork */
} logger = {.ident = "inetd", .level = LOG_INFO};

void (*log_tap)(const struct log_line *line);

void log_open(const char *ident, enum log_sink sink, int level)
{
	logger.ident = ident;
	logger.level = level;
	logger.pid = (int)getpid();
	log_sink_open(sink);
}

void log_close(void)
{
	log_sink_close();
}

void log_set_level(int level)
{
	logger.level = level;
}

int log_level(void)
{
	return logger.level;
}

bool log_shows(int level)
{
	return level <= logger.level;
}

__attribute__((format(printf, 5, 0))) static void emit(const char *file, int level, int err,
	const struct log_field *fields, const char *fmt, va_list ap)
{
	int saved = errno, len;
	struct timespec now;
	char text[2048];
	struct log_line line = {
		level, logger.ident, logger.pid ? logger.pid : (int)getpid(), text, fields, 0};

	if (log_shows(level)) {
		clock_gettime(CLOCK_REALTIME, &now);
		line.time_us = (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
		len = vsnprintf(text, sizeof(text), fmt, ap);
		if (err && len >= 0 && (size_t)len < sizeof(text))
			snprintf(text + len, sizeof(text) - (size_t)len, ": %s", strerror(err));
		log_mask(text);
		if (!file || !log_sink_write_file(&line, file))
			log_sink_write(&line);
		if (log_tap)
			log_tap(&line);
	}
	errno = saved;
}

void log_event(int level, const struct log_field *fields, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	emit(NULL, level, 0, fields, fmt, ap);
	va_end(ap);
}

void log_event_to(const char *file, int level, const struct log_field *fields, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	emit(file, level, 0, fields, fmt, ap);
	va_end(ap);
}

#define DEFINE_LOG(name, level, err)                                                               \
	void name(const char *fmt, ...)                                                            \
	{                                                                                          \
		va_list ap;                                                                        \
		va_start(ap, fmt);                                                                 \
		emit(NULL, level, err, NULL, fmt, ap);                                             \
		va_end(ap);                                                                        \
	}

DEFINE_LOG(log_err, LOG_ERR, errno)
DEFINE_LOG(log_errx, LOG_ERR, 0)
DEFINE_LOG(log_warn, LOG_WARNING, errno)
DEFINE_LOG(log_warnx, LOG_WARNING, 0)
DEFINE_LOG(log_notice, LOG_NOTICE, 0)
DEFINE_LOG(log_info, LOG_INFO, 0)
DEFINE_LOG(log_debug, LOG_DEBUG, 0)
