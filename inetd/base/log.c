/* log: see log.h. Here: who may be heard, and what a line is made of; log_sink.c writes it. */
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

/* Length of the valid UTF-8 sequence at p, 0 if there is none (RFC 3629). */
static size_t utf8_length(const unsigned char *p)
{
	size_t len = p[0] >= 0xf0 && p[0] <= 0xf4 ? 4 : p[0] >= 0xe0 ? 3 : p[0] >= 0xc2 ? 2 : 0;

	if (p[0] > 0xf4)
		return 0;
	for (size_t i = 1; i < len; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
		(p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return len;
}

/* True for what is not seen but changes what is: C1 controls, marks and overrides of direction,
 * line and paragraph ends, what has no width. */
static bool is_hidden(const unsigned char *p, size_t len)
{
	if (len == 2)
		return (p[0] == 0xc2 && p[1] < 0xa0) || (p[0] == 0xd8 && p[1] == 0x9c);
	if (len != 3)
		return false;
	if (p[0] == 0xe2 && p[1] == 0x80) /* U+200B to U+200F, U+2028 to U+202E */
		return (p[2] >= 0x8b && p[2] <= 0x8f) || (p[2] >= 0xa8 && p[2] <= 0xae);
	if (p[0] == 0xe2 && p[1] == 0x81) /* U+2060 to U+206F */
		return p[2] >= 0xa0 && p[2] <= 0xaf;
	return p[0] == 0xef && p[1] == 0xbb && p[2] == 0xbf; /* U+FEFF */
}

char *log_mask(char *text)
{
	for (unsigned char *p = (unsigned char *)text; *p;) {
		size_t len = *p < 0x80 ? 0 : utf8_length(p);

		if (len && !is_hidden(p, len)) {
			p += len;
		} else {
			if (*p < 0x20 || *p >= 0x7f)
				*p = '?';
			p++;
		}
	}
	return text;
}

__attribute__((format(printf, 4, 0))) static void emit(
	int level, int err, const struct log_field *fields, const char *fmt, va_list ap)
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
	emit(level, 0, fields, fmt, ap);
	va_end(ap);
}

#define DEFINE_LOG(name, level, err)                                                               \
	void name(const char *fmt, ...)                                                            \
	{                                                                                          \
		va_list ap;                                                                        \
		va_start(ap, fmt);                                                                 \
		emit(level, err, NULL, fmt, ap);                                                   \
		va_end(ap);                                                                        \
	}

DEFINE_LOG(log_err, LOG_ERR, errno)
DEFINE_LOG(log_errx, LOG_ERR, 0)
DEFINE_LOG(log_warn, LOG_WARNING, errno)
DEFINE_LOG(log_warnx, LOG_WARNING, 0)
DEFINE_LOG(log_notice, LOG_NOTICE, 0)
DEFINE_LOG(log_info, LOG_INFO, 0)
DEFINE_LOG(log_debug, LOG_DEBUG, 0)
