/* export: a section of `inetctl show` as a socket unit of systemd and its service. Private to
 * import/. */
#ifndef IMPORT_EXPORT_H
#define IMPORT_EXPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "base/arena.h"

#define EXPORT_KEYS 128 /* of one section */

/* The keys of a section as show prints them; those that it has in comments are not there. */
struct export_section {
	const char *head; /* "git/tcp" */
	const char *names[EXPORT_KEYS], *values[EXPORT_KEYS];
	size_t count;
};

/* The value of a key, or NULL. */
const char *export_value(const struct export_section *section, const char *key);

/* Writes both units. Returns how many keys are lost; each has a comment that says so. -1: it cannot
 * be a unit, and standard error has been told why. */
int export_units(
	struct arena *arena, const struct export_section *section, FILE *socket, FILE *service);

/* export_socket.c: the [Socket] part. Returns how many keys are lost. */
int export_socket(const struct export_section *section, FILE *out);

/* Writes "DIRECTIVE=value"; the units of bytes are capitals there. */
void export_put(FILE *out, const char *directive, const char *value);

/* True if nothing is lost without the key: nobody has set it. */
bool export_is_default(const char *name, const char *value);

/* True if each connection has a program of its own, and the unit Accept=yes. */
bool export_accepts(const struct export_section *section);

#endif
