/* protocol: the words that the protocol field may hold, and what each means. */
#ifndef CONFIG_PROTOCOL_H
#define CONFIG_PROTOCOL_H

#include <stdbool.h>

struct protocol {
	const char *name;  /* as written: "tcp46" */
	const char *base;  /* without the family: the NAME/protocol */
	const char *ports; /* whose names of ports it has in services(5) */
	int number;        /* IPPROTO_..., 0 for unix, vsock */
	unsigned families; /* FAMILY_... bits; 0 = plain: those of the command line */
};

/* Every protocol, ended by a NULL name. */
extern const struct protocol protocol_table[];

/* The row of that name or NULL. */
const struct protocol *protocol_find(const char *name);

/* The same of the first `len` bytes of a text. */
const struct protocol *protocol_find_part(const char *text, size_t len);

/* True if sockets of this type (SOCK_...) exist for the protocol on Linux. */
bool protocol_has_type(const struct protocol *protocol, int socktype);

/* The types that do, for messages. */
const char *protocol_types(const struct protocol *protocol);

#endif
