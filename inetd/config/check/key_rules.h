/* key_rules: which keys mean something in which kind of entry: one table, by which mistakes are
 * reported and [defaults] are applied. Private to config/. */
#ifndef CONFIG_KEY_RULES_H
#define CONFIG_KEY_RULES_H

#include "config/check/check.h"

/* What kind of entry it is, as far as keys depend on it. */
enum {
	TRAIT_PROGRAM = 1,
	TRAIT_BUILTIN = 2,
	TRAIT_STREAM = 4, /* connections: stream or seqpacket */
	TRAIT_DGRAM = 8,
	TRAIT_WAIT = 16, /* the socket is lent */
	TRAIT_INET = 32,
	TRAIT_PATH = 64,
	TRAIT_MUX = 128,
	TRAIT_TCP = 256,
	TRAIT_LOCAL = 512, /* unix sockets only */
	TRAIT_FOUR = 1024, /* peers may have IPv4 addresses, and IPv6 ones */
	TRAIT_SIX = 2048,
};

struct key_rule {
	enum key_id id;
	unsigned any;     /* the entry has at least one of these; 0: no matter */
	unsigned not_all; /* and not all of these; 0: no matter */
	enum severity severity;
	const char *why; /* follows "KEY: " */
};

/* Every rule, ended by a NULL `why`. */
extern const struct key_rule key_rules[];

/* TRAIT_FOUR and TRAIT_SIX, by the protocol; a service of tcpmux has the peers of that. */
unsigned key_rules_families(const struct protocol *protocol, bool mux);

/* The first rule against that key in an entry of these traits, or NULL. */
const struct key_rule *key_rules_against(unsigned traits, enum key_id id);

/* True if a value of that key, from [defaults], applies to the entry. */
bool key_rules_default(const struct draft *draft, enum key_id id);

/* Reports every key of the entry that means nothing there. */
void check_key_rules(struct check *check);

#endif
