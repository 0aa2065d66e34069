/* unit_file: a unit of systemd with its drop-ins (systemd.unit(5), systemd.syntax(7)). */
#ifndef IMPORT_UNIT_FILE_H
#define IMPORT_UNIT_FILE_H

#include "inetctl/import/source.h"

struct setting {
	STAILQ_ENTRY(setting) in_unit;
	const char *section, *name; /* name NULL: a comment, in value */
	const char *value;          /* specifiers are filled in... */
	bool is_open;               /* ...but for some that are not known here */
	struct origin origin;
};

struct unit {
	const char *path;
	const char *name;     /* "copy@one.socket" */
	const char *prefix;   /* "copy": %p */
	const char *instance; /* "one": %i; "" where it is no template's */
	STAILQ_HEAD(settings, setting) settings;
};

/* Reads the unit of that path, or the template that it is an instance of, and the drop-ins beside
 * both. What an empty value resets is left out. False after a message on standard error. */
bool unit_file_read(struct conversion *conversion, const char *path, struct unit *unit);

/* The last value of a setting, or NULL. */
const struct setting *unit_file_find(
	const struct unit *unit, const char *section, const char *name);
const char *unit_file_value(const struct unit *unit, const char *section, const char *name);

/* "yes", "true", "on" or "1". NULL is not. */
bool unit_file_is_yes(const char *value);

#endif
