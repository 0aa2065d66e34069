/* key_rules: which keys mean something in which kind of entry, by the rules of their rows: mistakes
 * are reported and [defaults] are applied by them. Private to config/. */
#ifndef CONFIG_KEY_RULES_H
#define CONFIG_KEY_RULES_H

#include "config/check/check.h"
#include "config/keys/key.h"

/* TRAIT_FOUR and TRAIT_SIX, by the protocol; a service of tcpmux has the peers of that. */
unsigned key_rules_families(const struct protocol *protocol, bool mux);

/* The first rule against that key in an entry of these traits, or NULL. */
const struct key_rule *key_rules_against(unsigned traits, enum key_id id);

/* True if a value of that key, from [defaults], applies to the entry. */
bool key_rules_default(const struct draft *draft, enum key_id id);

/* Reports every key of the entry that means nothing there. */
void check_key_rules(struct check *check);

#endif
