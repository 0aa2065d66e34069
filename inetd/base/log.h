/* log: one line per event, to syslog, the journal or stderr. Never blocks the daemon: nothing is
 * written where that would have to wait, and a line that does not fit is counted and reported
 * later. errno is preserved by every function here. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>
#include <syslog.h>

/* Where lines go. Before log_open() they go to stderr. */
enum log_sink {
	LOG_SINK_STDERR,
	LOG_SINK_SYSTEM, /* journald where its socket is, else syslog */
};

/* How a line is written: as text followed by name=value (quoted where a text or a value could be
 * mistaken for several), or as one JSON object. To the journal the
 * fields go as fields besides. */
enum log_format { LOG_FORMAT_TEXT, LOG_FORMAT_JSON };

/* What belongs to an event besides its text. */
struct log_field {
	const char *name; /* NULL ends a list */
	const char *text; /* may come from the network; NULL is empty */
	bool number;      /* the text is a JSON number */
};

/* A list of fields for log_event(). */
#define LOG_FIELDS(...) ((const struct log_field[]){__VA_ARGS__, {NULL, NULL, false}})

/* Sets the sink, the program's name (borrowed) and the least important level that is shown
 * (LOG_INFO, LOG_DEBUG). With LOG_SINK_SYSTEM the socket is opened at the first line and again when
 * it breaks: that of journald (systemd.journal-fields(7)), or /dev/log with facility LOG_DAEMON
 * (syslog(3), RFC 3164 on the wire). */
void log_open(const char *ident, enum log_sink sink, int level);

/* From the next line on. */
void log_set_format(enum log_format format);
void log_set_level(int level);

/* The least important level that is shown. */
int log_level(void);

/* Gives back the socket; what waits to be sent is forgotten (log_flush()). */
void log_close(void);

/* Lets lines that are not urgent (LOG_INFO and below) wait a moment for others, to be sent
 * together: for a caller that calls log_flush() after log_flush_in_ms() milliseconds. Not before.
 */
void log_gather(bool gather);

/* Milliseconds in which log_flush() is wanted; -1: nothing waits. */
int log_flush_in_ms(void);

/* Sends what waits. Returns the milliseconds in which to try again, -1 when nothing is left. */
int log_flush(void);

/* True if lines go to stderr: our children may write there too. */
bool log_is_stderr(void);

/* True if lines of this level are shown, to spare the work of formatting. */
bool log_shows(int level);

/* Lines that could not be delivered, since the start. */
uint64_t log_lost(void);

/* printf-like, without newline. The plain forms append ": strerror(errno)". */
void log_err(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_errx(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warnx(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_notice(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* An event with fields (LOG_FIELDS(), borrowed): `text` is for people, the fields are for programs.
 */
void log_event(int level, const struct log_field *fields, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* The same about what has a log file of its own: `file` (borrowed), or NULL. It goes there if
 * log_file (base/log_sink.h) is set and takes it, else to the log. */
void log_event_to(const char *file, int level, const struct log_field *fields, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

struct log_line;

/* Called, if set, with each line that is shown. Must not log. */
extern void (*log_tap)(const struct log_line *line);

/* Replaces, in place, every byte that could forge or garble a line by '?': controls, DEL, marks of
 * direction and other characters without width (Unicode's Cf and Zl that terminals heed). Other
 * bytes of valid UTF-8 stay. Returns its argument. The one masking function of the project. */
char *log_mask(char *text);

/* The same, but for tabs and newlines, which stay. */
char *log_mask_lines(char *text);

#endif
