/* rlinetd_file: the words of rlinetd.conf(5), statement by statement. Private to import/. */
#ifndef IMPORT_RLINETD_FILE_H
#define IMPORT_RLINETD_FILE_H

#include "inetctl/import/source.h"

#define RLINETD_WORDS 64 /* of one statement */

/* "instances 5;", or "service "x" {" whose block is read next. */
struct statement {
	char *words[RLINETD_WORDS + 1]; /* ended by NULL; words[0] is its name */
	size_t count;
	bool opens; /* '{' ends it, not ';' */
	struct origin origin;
};

struct rlinetd_file {
	struct conversion *conversion;
	const char *path;
	char *at;
	unsigned line;
	struct section *section; /* what comments are put into; NULL: they are left out */
	bool failed;             /* told on standard error */
};

bool rlinetd_file_open(struct rlinetd_file *file, struct conversion *conversion, const char *path);

/* The next statement of the block; false at its '}', at the end of the file, or after a message. */
bool rlinetd_file_next(struct rlinetd_file *file, struct statement *statement);

/* Reads to the end of the block that was opened. */
void rlinetd_file_skip(struct rlinetd_file *file);

#endif
