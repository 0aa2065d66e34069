/* source: a file that is imported, as text and line by line. */
#ifndef IMPORT_SOURCE_H
#define IMPORT_SOURCE_H

#include <stdbool.h>

#include "inetctl/import/conversion.h"

struct source {
	const char *path;
	char *rest;    /* what has not been read yet */
	unsigned line; /* of the one that source_line() gave last, from 1 */
};

/* Reads a regular file of at most 1 MiB without NUL bytes. False after a message on standard error.
 * Its text belongs to the conversion. */
bool source_open(struct source *source, struct conversion *conversion, const char *path);

/* The next line without its end, to be changed at will; NULL at the end. */
char *source_line(struct source *source);

/* The next word of *rest between blanks, which it is cut out of; NULL at the end. */
char *source_word(char **rest);

/* Without blanks at both ends; cut in place. */
char *source_trim(char *text);

/* The names in a directory in the order of the C locale, ended by NULL, without those that begin
 * with a dot; NULL after a message. */
char **source_names(struct conversion *conversion, const char *directory);

#endif
