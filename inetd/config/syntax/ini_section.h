/* ini_section: heads of sections, and what their keys set. Private to ini.c. */
#ifndef CONFIG_INI_SECTION_H
#define CONFIG_INI_SECTION_H

#include "config/load.h"
#include "config/text/map.h"

/* The section that is being read; zeroed at the start of a file, but for the first two and the map.
 */
struct ini_section {
	struct input *input;
	struct load *load;
	struct draft *draft; /* that keys belong to; NULL before the first head */
	unsigned flag;       /* KEY_IN_... of the section */
	bool spoilt;         /* the head was wrong: its keys are passed over */
	unsigned line;       /* that diagnostics are about */
	struct map heads;    /* of the file, to their lines */
};

/* Begins the section of a head, what is between its brackets. */
void ini_section_begin(struct ini_section *ini, const char *text, size_t len);

/* Sets a key, or adds to it where the name ends in '+'. Both texts live as long as the load, and
 * may be changed. */
void ini_section_set(struct ini_section *ini, char *name, char *value);

static inline struct where ini_section_where(const struct ini_section *ini)
{
	return input_where(ini->input, ini->line);
}

/* Reports a mistake, which costs the section. */
#define INI_FAIL(ini, ...)                                                                         \
	do {                                                                                       \
		diag_add((ini)->load->diag, DIAG_ERROR, ini_section_where(ini), __VA_ARGS__);      \
		if ((ini)->draft)                                                                  \
			(ini)->draft->failed = true;                                               \
	} while (0)

/* A mistake that leaves open what else the section would set. */
#define INI_FAIL_LINE(ini, ...)                                                                    \
	do {                                                                                       \
		INI_FAIL(ini, __VA_ARGS__);                                                        \
		if ((ini)->draft)                                                                  \
			(ini)->draft->incomplete = true;                                           \
	} while (0)

#endif
