/* log_sink: where lines of the log go. Private to the log. Never waits. */
#ifndef BASE_LOG_SINK_H
#define BASE_LOG_SINK_H

#include "base/log_line.h"

/* From now on lines go there; the socket is opened at the first one. */
void log_sink_open(enum log_sink sink);
void log_sink_close(void);

/* Writes one line, in the format of log_set_format(). What cannot be delivered at once is counted,
 * and reported before the next line that can. */
void log_sink_write(const struct log_line *line);

/* Takes a line, with its newline, for a file. Never waits, in the daemon. False: it cannot. NULL:
 * nobody takes any. */
extern bool (*log_file)(const char *file, const char *text);

/* Gives it to log_file instead, in that format, after its time in UTC. False: it was not taken. */
bool log_sink_write_file(const struct log_line *line, const char *file);

#endif
