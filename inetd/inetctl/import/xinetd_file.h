/* xinetd_file: the files of xinetd(8) as entries with attributes (xinetd.conf(5)). */
#ifndef IMPORT_XINETD_FILE_H
#define IMPORT_XINETD_FILE_H

#include "inetctl/import/conversion.h"
#include "inetctl/import/source.h"

struct attribute {
	STAILQ_ENTRY(attribute) in_entry;
	const char *name; /* NULL: a comment, in words[0] */
	char sign;        /* '=', '+' or '-' */
	char **words;     /* ended by NULL */
	size_t count;
	bool has_comment; /* a comment followed the value, for which xinetd drops the attribute */
	struct origin origin;
};

STAILQ_HEAD(attributes, attribute);

struct entry {
	STAILQ_ENTRY(entry) in_file;
	const char *name; /* NULL: defaults */
	struct origin origin;
	struct attributes attributes;
};

STAILQ_HEAD(entries, entry);

/* Reads a file and what it includes, as entries behind those that are there. A directory of
 * includedir is looked for beside the file first, so that a copy from elsewhere is imported whole.
 * False after a message on standard error: the file cannot be read, or is wrong. */
bool xinetd_file_read(struct conversion *conversion, const char *path, struct entries *entries);

/* All files of a directory that xinetd would read: without a dot in their names or a '~' at their
 * end. */
bool xinetd_file_read_directory(
	struct conversion *conversion, const char *directory, struct entries *entries);

/* The last attribute of that name in an entry (NULL: none), or NULL. */
const struct attribute *xinetd_file_find(const struct entry *entry, const char *name);

/* True if the attribute has the word; NULL has none. Case does not matter. */
bool xinetd_file_has_word(const struct attribute *attribute, const char *word);

/* All values as one text with blanks between. */
char *xinetd_file_values(struct conversion *conversion, const struct attribute *attribute);

#endif
