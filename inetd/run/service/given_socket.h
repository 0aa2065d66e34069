/* given_socket: sockets that are open before the configuration is read, to be found by what it asks
 * for: from the program that was in our place before (inetctl upgrade). Owns the descriptors until
 * they are taken. */
#ifndef RUN_GIVEN_SOCKET_H
#define RUN_GIVEN_SOCKET_H

#include <stdbool.h>
#include <stdio.h>

#include "base/record.h"
#include "run/service/listener.h"

/* What is known of one, besides its endpoint. */
struct given_socket {
	int fd; /* owned */
	struct sockaddr_len bound;
	dev_t dev; /* of a unix path */
	ino_t ino;
	struct socket_filter filter;
	uint64_t since_ms;               /* as in struct listener; 0: not known */
	bool was_lent, stale, unsettled; /* as in struct listener */
	bool lent;                       /* a program has it now */
	bool kept;                       /* for a service that only an error has taken away */
	uint32_t note;                   /* socket_note() of what is on it; 0: not known */
};

/* Adds one; given->fd is consumed. Where there is one for the endpoint already, or no memory, it is
 * closed. */
void given_socket_add(const struct endpoint *endpoint, const struct given_socket *given);

/* Takes the one of that endpoint, if there is one; its descriptor is the caller's then. */
bool given_socket_take(const struct endpoint *endpoint, struct given_socket *given);

/* What nobody has taken stays open, for a service that comes back. Returns how many there are. */
unsigned given_socket_keep_rest(void);

/* Closes what nobody has taken, with the path of a unix one; of what is kept only with `kept_too`.
 * Returns how many there were. */
unsigned given_socket_close_rest(bool kept_too);

/* An endpoint as fields of a record; its address stays in *addr. False: it has none. */
void given_socket_put_endpoint(FILE *out, const struct endpoint *endpoint);
bool given_socket_get_endpoint(
	const struct record *record, struct endpoint *endpoint, struct sockaddr_len *addr);

/* Every open socket of `listeners`, and what is kept, as a record `socket`; and those records as
 * given sockets. */
void given_socket_put_all(FILE *out);
void given_socket_get_all(void);

#endif
