/* endpoint: addresses and paths into the endpoints and names of a service. Private to listen.c,
 * which takes the keys apart. */
#ifndef CONFIG_ENDPOINT_H
#define CONFIG_ENDPOINT_H

#include "config/check/check.h"
#include "config/keys/key.h"

#define LISTEN_RANGE 1024 /* ports of one range */
#define LISTEN_MOST  4096 /* sockets and names of one service */

/* The sockets of one service while they are collected; zeroed, but for the check and the map. */
struct binding {
	struct check *check;
	enum key_id key;      /* that diagnostics are about */
	unsigned families;    /* FAMILY_... that the protocol admits */
	uint16_t first, last; /* ports of what is added next */
	size_t room, name_room;
	struct map seen; /* addresses */
	bool full;       /* LISTEN_MOST is reached, and reported */
};

/* Adds each address and host name of a bind list ("*", "A,B,host") with each port from first to
 * last. */
void endpoint_add_list(struct binding *binding, const char *list);

/* Adds a unix socket: an absolute path or @name. */
void endpoint_add_unix(struct binding *binding, const char *path);

/* vsock:CID:PORT, or a port alone. */
void endpoint_add_vsock(struct binding *binding, const char *text);

/* port_mistake.c: reports a port that is none, and an address that is none, by what may be meant.
 */
void port_mistake(struct binding *binding, const char *text);
void bind_mistake(struct binding *binding, const char *text);

/* Gives what was collected the life of the service. */
void endpoint_keep(struct binding *binding);

#endif
