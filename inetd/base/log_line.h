/* log_line: one line of the log before it is written, and the forms it can take. Private to the
 * log; pure, but for the local time of log_line_syslog(). */
#ifndef BASE_LOG_LINE_H
#define BASE_LOG_LINE_H

#include <stddef.h>
#include <stdint.h>

#include "base/log.h"

#define LOG_LINE_BYTES 4096 /* of a line in any form; what is longer is cut */

struct log_line {
	int level;         /* LOG_... of syslog(3) */
	const char *ident; /* the program's name */
	int pid;
	const char *text;               /* for people; masked */
	const struct log_field *fields; /* ended by a NULL name; NULL: none */
	uint64_t time_us;               /* since 1970 */
};

/* All write into buf, cut to `size` (at least 512) with a NUL, and return the length. Values are
 * masked on the way. */

/* `text name=value name="a value"`. In quotes a backslash stands before quotes and backslashes. A
 * text in which name=value could be found is quoted as well, so that nothing in it is taken for a
 * field. */
size_t log_line_text(const struct log_line *line, char *buf, size_t size);

/* One JSON object with time, level, ident, daemon (its pid), message and the fields. It is whole
 * even when it is cut: the last fields are then missing. */
size_t log_line_json(const struct log_line *line, char *buf, size_t size);

/* For /dev/log (RFC 3164): priority, local time, name and pid before `message`. */
size_t log_line_syslog(const struct log_line *line, const char *message, char *buf, size_t size);

/* For a file: the time as RFC 3339 has it, in UTC, and name and pid before `message`; a newline
 * after it. */
size_t log_line_file(const struct log_line *line, const char *message, char *buf, size_t size);

/* For journald's socket (systemd.journal-fields(7), "Native Journal Protocol"): MESSAGE= as
 * `message`, and the fields as INETD_NAME=value. */
size_t log_line_journal(const struct log_line *line, const char *message, char *buf, size_t size);

/* "err", "warning"... */
const char *log_level_name(int level);

#endif
