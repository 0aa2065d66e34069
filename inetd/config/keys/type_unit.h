/* type_unit: numbers with a unit, and the range of all numbers. Private to the types. */
#ifndef CONFIG_TYPE_UNIT_H
#define CONFIG_TYPE_UNIT_H

#include "config/keys/key_type.h"
#include "config/text/number.h"

struct unit {
	const char *name;
	int64_t factor;
};

/* The factor of a unit, of a list that ends in a NULL name, the largest first; 0 for none of them.
 */
int64_t unit_factor(const struct unit *units, const char *name);

/* Reports what is wrong with a number that was read. Returns -1, or 0 if nothing is. */
int unit_check_range(const struct setting *set, enum number number, int64_t value);

/* Writes the word that means no value, where the key has one. Returns true if so. */
bool unit_print_unset(const struct key *key, FILE *out);

#endif
