/* setting: one value on its way into a draft; what the setters of key.c and key_list.c share.
 * Private to them. */
#ifndef CONFIG_SETTING_H
#define CONFIG_SETTING_H

#include "config/keys/key.h"

/* What a value is set with; saves every setter five arguments. */
struct setting {
	const struct key *key;
	const char *value;
	struct where where;
	struct diag *diag;
	void *out;
};

/* Sets a value of one of the types behind KEY_MODE: EVENTS, OUTPUT, MESSAGE and the lists. Returns
 * 0, or -1 after a diagnostic. */
int setting_text(const struct setting *set);

#endif
