/* diag: the messages about a configuration, collected instead of logged, so that one run shows
 * every mistake and a reload can send them to inetctl. Lives in an arena. */
#ifndef BASE_DIAG_H
#define BASE_DIAG_H

#include <stddef.h>
#include <stdio.h>

#include "base/arena.h"

struct where {
	const char *file; /* as opened; NULL: from the command line */
	unsigned line;    /* from 1; 0: the file as a whole */
};

enum severity { DIAG_NOTE, DIAG_WARNING, DIAG_ERROR };

struct diag_item {
	struct diag_item *next;
	struct where where;
	enum severity severity;
	const char *text; /* one line, no newline */
};

struct diag {
	struct arena *arena; /* borrowed; holds the items */
	struct diag_item *first, **last;
	unsigned errors, warnings, notes; /* how many of each, lost ones too */
};

/* Starts an empty list whose items are taken from `arena`. */
void diag_init(struct diag *diag, struct arena *arena);

/* Adds one message (printf; no newline; control bytes in it are masked). Without memory only the
 * count rises. */
void diag_add(struct diag *diag, enum severity severity, struct where where, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* "error", "warning" or "note". */
const char *diag_severity_name(enum severity severity);

/* "file:line: error: text" into buf, always terminated. Returns buf. */
char *diag_format(const struct diag_item *item, char *buf, size_t size);

/* Every item, one a line, to a stream, in the order of adding. */
void diag_print(const struct diag *diag, FILE *out);

#endif
