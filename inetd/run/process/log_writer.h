/* log_writer: the process inetd-log, which appends lines to the log files of services. A file is
 * open only while lines for it come, so that one that was renamed or removed (logrotate(8)) is made
 * anew with the next line. Paths are walked as base/path.h says. One that others can replace, or
 * answer for, has a process of its own, so that no other file waits for it. What it cannot write is
 * lost and counted: that it began, and that it is over, is reported to the daemon, for each file.
 */
#ifndef RUN_LOG_WRITER_H
#define RUN_LOG_WRITER_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/log_line.h"

#define LOG_ORDER_BYTES (PATH_MAX + LOG_LINE_BYTES)

/* What comes over the link (SOCK_SEQPACKET) is a path, a NUL and a line; what goes back is this. */
struct log_report {
	int32_t err;         /* why the file cannot be written; 0: it can again */
	uint32_t lost;       /* lines meanwhile */
	char path[PATH_MAX]; /* as it came */
};

/* The work of the companion; until the link is closed and what came over it is written. */
void log_writer_work(const void *arg);

/* For a helper, which may wait: appends the line itself. False: it could not. */
bool log_writer_append(const char *path, const char *line);

#endif
