/* log: one line per event, to syslog or to stderr. Never blocks the daemon: nothing is written
 * where that would have to wait, and a line that does not fit is counted and reported later. errno
 * is preserved by every function here. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <syslog.h>

/* Where lines go. Before log_open() they go to stderr. */
enum log_sink { LOG_SINK_STDERR, LOG_SINK_SYSLOG };

/* Sets the sink, the program's name (borrowed) and the least important level that is shown
 * (LOG_INFO, LOG_DEBUG). With LOG_SINK_SYSLOG the socket to /dev/log is opened at the first line
 * and again when it breaks; its facility is LOG_DAEMON (syslog(3), RFC 3164 on the wire). */
void log_open(const char *ident, enum log_sink sink, int level);

/* Gives back the syslog socket. */
void log_close(void);

/* True if lines go to stderr: our children may write there too. */
bool log_is_stderr(void);

/* True if lines of this level are shown, to spare the work of formatting. */
bool log_shows(int level);

/* printf-like, without newline. The plain forms append ": strerror(errno)". */
void log_err(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_errx(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warnx(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_notice(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Replaces, in place, every byte that could forge or garble a line (controls, DEL) by '?'.
 * Bytes of valid UTF-8 stay. Returns its argument. The one masking function of the project. */
char *log_mask(char *text);

#endif
