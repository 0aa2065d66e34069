/* unit: socket units of systemd with their services, as sections. What is shared by the two halves
 * is private to import/. */
#ifndef IMPORT_UNIT_H
#define IMPORT_UNIT_H

#include "inetctl/import/unit_file.h"

/* A socket with its service on the way. */
struct unit_pair {
	struct conversion *conversion;
	struct section *section;
	struct unit socket, service;
	bool accepts;        /* Accept=yes */
	bool is_datagram;    /* of its first socket */
	bool has_classic_fd; /* StandardInput=socket: descriptor 0 */
};

/* A section for a socket unit, and for its service beside it. False after a message on standard
 * error. */
bool unit_convert(struct conversion *conversion, const char *path);

/* unit_service.c: what a setting of [Service] becomes. */
void unit_service(struct unit_pair *pair, const struct setting *setting);

/* What a setting becomes where it is nothing but a row of a table. */
enum unit_kind {
	UNIT_KEY,     /* the key with this value */
	UNIT_TIME,    /* the same, a time; infinity: `text`, or nothing where that is NULL */
	UNIT_BYTES,   /* the same, bytes */
	UNIT_YES,     /* yes where it is; else implied */
	UNIT_LIST,    /* a list, to which each setting adds */
	UNIT_IMPLIED, /* `text` says why */
	UNIT_LOST,    /* `text` says what */
};

struct unit_row {
	const char *name;
	enum unit_kind kind;
	const char *key, *text;
};

/* Does what the row of that name says; false if there is none. The table is ended by a NULL name.
 */
bool unit_row(struct unit_pair *pair, const struct setting *setting, const struct unit_row *table);

/* The first setting of its name makes the value of a list, the others add to it. */
void unit_list(
	struct unit_pair *pair, const struct setting *setting, const char *key, const char *value);

#endif
