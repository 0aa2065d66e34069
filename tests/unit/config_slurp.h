/* config_slurp: files for the tests of what is said of configurations. */
#ifndef UNIT_CONFIG_SLURP_H
#define UNIT_CONFIG_SLURP_H

#include "config_unit.h"

/* The whole of a file, with a NUL after it; freed by the caller. */
static inline char *slurp(const char *path, size_t *len)
{
	FILE *file = fopen(path, "r");
	char *text = calloc(1, 1), *more;
	size_t got;

	*len = 0;
	if (!file) {
		free(text);
		return NULL;
	}
	do {
		more = realloc(text, *len + 4096 + 1);
		assert_non_null(more);
		text = more;
		got = fread(text + *len, 1, 4096, file);
		*len += got;
		text[*len] = 0;
	} while (got);
	fclose(file);
	return text;
}

#endif
