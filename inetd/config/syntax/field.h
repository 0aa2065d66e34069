/* field: the service field, as classic lines and blocks share it. */
#ifndef CONFIG_FIELD_H
#define CONFIG_FIELD_H

#include "config/load.h"
#include "config/text/lexer.h"

/* Sets name, port and bind part of a draft from "[bind:]service" (the bind part ends at the last
 * ':'; without one the default address of the input holds), from "tcpmux/NAME", from the path or
 * @name of a unix socket, or from FreeBSD's ":user:group:mode:/path". The protocol must have been
 * set before. `text` must live as long as the draft. */
void field_service(struct input *input, struct draft *draft, const char *text, struct where where);

/* What a protocol means in the dialect of the input, for an entry with that service field. */
const char *field_protocol(const struct input *input, const char *protocol, const char *service);

/* Leaves out an entry that is well formed, and of a kind that is not served, after a warning. */
void field_left_out(struct input *input, struct draft *draft, struct where where, const char *why);

#define FIELD_RPC "RPC services are not served: the entry is left out"

/* Sets argv0 and server_args from the words from `first` on, of which there is at least one. */
void field_arguments(
	struct input *input, struct draft *draft, const struct words *words, size_t first);

#endif
