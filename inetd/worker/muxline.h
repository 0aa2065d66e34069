/* muxline: the request line of tcpmux (RFC 1078). Pure. */
#ifndef WORKER_MUXLINE_H
#define WORKER_MUXLINE_H

#include <stdbool.h>
#include <stddef.h>

#include "worker/message.h"

#define MUXLINE_MAX 256 /* characters without the line end */

enum muxline { MUXLINE_PART, MUXLINE_WHOLE, MUXLINE_LONG };

/* Looks for a line in the first `n` bytes of a connection. WHOLE: *len characters without their
 * CRLF or LF, *all with it. PART: the end has not come yet. LONG: there are more than MUXLINE_MAX
 * characters, which needs at most MUXLINE_MAX + 2 bytes to know. */
enum muxline muxline_scan(const char *data, size_t n, size_t *len, size_t *all);

/* True for "help" in any case. */
bool muxline_is_help(const char *line, size_t len);

#endif
