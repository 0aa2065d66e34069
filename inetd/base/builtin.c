/* builtin: see builtin.h. */
#include "base/builtin.h"

static const struct {
	const char *name;
	enum builtin builtin;
} names[] = {
	{"echo", BUILTIN_ECHO},
	{"discard", BUILTIN_DISCARD},
	{"sink", BUILTIN_DISCARD},
	{"null", BUILTIN_DISCARD},
	{"chargen", BUILTIN_CHARGEN},
	{"ttytst", BUILTIN_CHARGEN},
	{"source", BUILTIN_CHARGEN},
	{"daytime", BUILTIN_DAYTIME},
	{"time", BUILTIN_TIME},
	{"timserver", BUILTIN_TIME},
	{"tcpmux", BUILTIN_TCPMUX},
};

#define NAMES (sizeof(names) / sizeof(names[0]))

const char *builtin_name(enum builtin builtin)
{
	for (size_t i = 0; i < NAMES; i++)
		if (names[i].builtin == builtin)
			return names[i].name;
	return "-";
}

enum builtin builtin_find(const char *name)
{
	for (size_t i = 0; i < NAMES; i++)
		if (!strcmp(names[i].name, name))
			return names[i].builtin;
	return BUILTIN_NONE;
}
