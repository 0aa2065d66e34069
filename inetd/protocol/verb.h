/* verb: the verbs of inetctl(8), in one table for both ends of the control socket: inetctl has its
 * help and its syntax from it, the daemon checks requests against it. */
#ifndef PROTOCOL_VERB_H
#define PROTOCOL_VERB_H

#include <stdbool.h>
#include <stddef.h>

/* The order of the help. */
enum verb_id {
	VERB_LIST,
	VERB_STATUS,
	VERB_TOP,
	VERB_STATS,
	VERB_CONNECTIONS,
	VERB_EVENTS,
	VERB_METRICS,
	VERB_SHOW,
	VERB_KEYS,
	VERB_CHECK,
	VERB_DIFF,
	VERB_RELOAD,
	VERB_UPGRADE,
	VERB_ENABLE,
	VERB_DISABLE,
	VERB_STOP,
	VERB_KILL,
	VERB_UNBLOCK,
	VERB_LOG_LEVEL,
	VERB_DRAIN,
	VERB_TRY,
	VERB_LINE,
	VERB_IMPORT,
	VERB_EXPORT,
	VERB_VERSION,
	VERBS
};

enum verb_flag {
	VERB_ROOT = 1, /* for root and the daemon's own user only */
	VERB_JSON = 2, /* inetctl takes --json */
	VERB_OWN = 4,  /* inetctl's function reads the words after the verb itself */
};

struct verb {
	const char *name;
	const char *args; /* for people; "[X]" may be left out, "" takes none */
	const char *help;
	unsigned flags;
};

extern const struct verb verb_table[VERBS];

/* The row of that name, or NULL. */
const struct verb *verb_find(const char *name);

/* True if the verb takes that many arguments. */
bool verb_takes(const struct verb *verb, int count);

#endif
