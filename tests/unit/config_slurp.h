/* config_slurp: files for the tests of what is said of configurations. */
#ifndef UNIT_CONFIG_SLURP_H
#define UNIT_CONFIG_SLURP_H

#include "config_unit.h"

/* The whole of a file; freed by the caller. */
static inline char *slurp(const char *path, size_t *len)
{
	FILE *file = fopen(path, "r");
	char *text = NULL;
	size_t room = 0;
	ssize_t got;

	if (!file)
		return NULL;
	got = getdelim(&text, &room, EOF, file);
	fclose(file);
	if (got < 0) { /* empty */
		free(text);
		text = strdup("");
		got = 0;
	}
	*len = (size_t)got;
	return text;
}

#endif
