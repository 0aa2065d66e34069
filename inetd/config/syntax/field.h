/* field: the service field, as classic lines and blocks share it. */
#ifndef CONFIG_FIELD_H
#define CONFIG_FIELD_H

#include "config/load.h"
#include "config/text/lexer.h"

/* Sets name, port and bind part of a draft from "[bind:]service" (the bind part ends at the last
 * ':'; without one the default address of the input holds), from "tcpmux/NAME", from the path or
 * @name of a unix socket, or from FreeBSD's ":user:group:mode:/path". The protocol must have been
 * set before. */
void field_service(struct input *input, struct draft *draft, const char *text, struct where where);

/* What a protocol means in the dialect of the input, for an entry with that service field. Of
 * "rpc/udp" it is what follows, of IPv4 alone as on every system that has such lines; the service
 * field of the draft then names an RPC program with its versions, not a port. */
const char *field_protocol(
	const struct input *input, struct draft *draft, const char *protocol, const char *service);

/* Sets argv0 and server_args from the words from `first` on, of which there is at least one. */
void field_arguments(
	struct input *input, struct draft *draft, const struct words *words, size_t first);

#endif
