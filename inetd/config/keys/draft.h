/* draft: one entry while it is being read: what has been set, and where. Made by the parsers
 * through key_set(), turned into a struct service by check. */
#ifndef CONFIG_DRAFT_H
#define CONFIG_DRAFT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"
#include "config/cage.h"
#include "config/dialect.h"
#include "config/service.h"

/* The rows of the key table, in the order of manual page and listings: KEY_LISTEN... */
enum key_id {
#define KEY(id, ...) KEY_##id,
#include "config/keys/key_rows.def"
#undef KEY
	KEY_COUNT
};

struct draft {
	struct arena *arena, *keep; /* borrowed: until the load is over; of the configuration */
	struct where where;         /* of the entry */
	const struct source_file *source;
	const struct dialect *dialect; /* of its file; NULL: none of its own */
	bool positional;               /* a line of fields, in the words of other inetds */
	bool failed;                   /* a mistake was reported: no service comes of it */
	bool incomplete;  /* a part could not be read: what is missing may have been there */
	bool calls_rpc;   /* the protocol of its line or block is of rpc/... */
	bool internal;    /* a built-in, by KEY_INTERNAL or by the name of the service */
	const char *name; /* the service field, or the name of the section; NULL if spoilt */

	/* What the head of an INI section tells of the entries that it means. */
	const char *of_bind;                /* NULL: any */
	const struct protocol *of_protocol; /* NULL: any */

	const struct service *made; /* what came of it, filled in by check; NULL: nothing */
	unsigned places;            /* PLACE_... bits, filled in by merge */
	bool set[KEY_COUNT];
	bool bad[KEY_COUNT];   /* given, but wrong: nothing more is to be reported of the key */
	bool added[KEY_COUNT]; /* set by "+=" alone: the value goes after what others set */
	bool by_default[KEY_COUNT]; /* set by [defaults] */
	unsigned line[KEY_COUNT];   /* where it was set, from that of the entry on */
	const char **file;          /* the same, by key; NULL: all in that of the entry */
	const char **written;       /* other names that the entry has keys by, by key; NULL: none */

	/* The values of plain keys, where the service will have them; before they are set, their
	 * presets. */
	struct service service;
	struct policy policy;
	struct daemon_settings daemon;
	struct cage cage;
	struct socket_extras extras;

	/* The values that check makes something else of; meaningful where set. */
	const char *port, *bind, *user, *group, *server, *argv0, *mux;
	const char *socket_user, *socket_group;
	char **listen, **server_args;
	const struct protocol *protocol;
	bool disable;
};

/* Where an entry listens, as far as its words tell. */
enum { PLACE_INET = 1, PLACE_PATH = 2, PLACE_ABSTRACT = 4, PLACE_MUX = 8, PLACE_VSOCK = 16 };

#define DRAFT_TCPMUX "tcpmux/" /* in front of the name in KEY_PORT */

/* An entry in which nothing is set, with the arenas and values of `presets`. NULL with errno
 * ENOMEM. */
struct draft *draft_new(const struct draft *presets);

/* The PLACE_... bits of what listen, mux, port and protocol say; 0 if nothing does. */
unsigned draft_places(const struct draft *draft);

/* True if it has a port without an address, for which bind is meant. */
bool draft_needs_bind(const struct draft *draft);

/* Notes where a key was set, and another name that it was written by. */
void draft_set_where(struct draft *draft, enum key_id id, struct where where);
void draft_set_name(struct draft *draft, enum key_id id, const char *name);

/* Where a key was set, or the entry itself. */
struct where draft_where(const struct draft *draft, enum key_id id);

#endif
