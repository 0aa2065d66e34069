/* key: THE table of what can be said of a service, and the one setter for every syntax. Parsers
 * translate words into (key, value) and leave types, ranges and messages to this file. */
#ifndef CONFIG_KEY_H
#define CONFIG_KEY_H

#include "base/diag.h"
#include "config/keys/draft.h"

enum key_type {
	KEY_TEXT,     /* const char *, not empty but for KEY_MAY_BE_EMPTY */
	KEY_WORD,     /* int, one of a list of words */
	KEY_PROTO,    /* const struct protocol *, one of the protocol table */
	KEY_YESNO,    /* bool: yes no, on off, true false, 1 0 */
	KEY_NUMBER,   /* uint32_t */
	KEY_LIMIT,    /* uint32_t, or "unlimited" (LIMIT_NONE), or "none" (0) */
	KEY_PER_TIME, /* struct rate: N/s N/min N/hour, or "unlimited", or "none" */
	KEY_BYTES,    /* uint32_t, with k or m behind */
	KEY_TIME,     /* uint32_t milliseconds: N (seconds), or with ms s min h behind */
	KEY_MODE,     /* uint32_t, octal */
	KEY_LOAD,     /* uint32_t hundredths: N or N.NN */
	KEY_EVENTS,   /* uint32_t, EVENT_... bits: words, or "none" */
	KEY_OUTPUT,   /* const char *: socket, log, null or an absolute path */
	KEY_MESSAGE,  /* const char *: a path, or text with \n \t \r \\ \xHH in it */
	/* Lists: const char *, checked, as written. What "+=" adds stands behind, after a blank. */
	KEY_LISTENERS,
	KEY_COMMAND,     /* words; quotes group */
	KEY_NETWORKS,    /* with blanks or commas between */
	KEY_TIMES,       /* with commas between */
	KEY_ENVIRONMENT, /* words, NAME=VALUE */
	KEY_NAMES,       /* of variables, with blanks or commas between */
};

/* Where a key may stand, and how. */
enum {
	KEY_IN_SERVICE = 1,    /* in a [service] section */
	KEY_IN_DEFAULTS = 2,   /* in the [defaults] section */
	KEY_IN_DAEMON = 4,     /* in the [inetd] section */
	KEY_IN_PROTOCOL = 8,   /* as ",key=value" behind the protocol of a classic line */
	KEY_MAY_BE_UNSET = 16, /* TIME and LOAD: the word of ->unset is a value too, kept as 0 */
	KEY_MAY_BE_EMPTY = 32, /* TEXT: "" is a value too; INI files must quote it */
};

struct key_word {
	const char *word;
	int value;
};

struct key {
	const char *name;
	enum key_type type;
	size_t offset;    /* of the value in struct draft */
	int64_t min, max; /* of numbers, in the unit of the value */
	unsigned flags;
	const struct key_word *words; /* of KEY_WORD, ended by NULL */
	const char *unset;            /* what holds if nobody says, as text for people */
	const char *help;             /* one line */
};

/* The table, KEY_COUNT rows, by enum key_id. */
extern const struct key key_table[KEY_COUNT];

/* The row of that name (or of its other name) or NULL. */
const struct key *key_find(const char *name);

/* The name that is nearest to a word, of the keys that may stand where `flags` (KEY_IN_...) say and
 * of `others` (ended by NULL, or NULL); NULL where none is near. */
const char *key_near(const char *word, unsigned flags, const char *const *others);

enum key_id key_id_of(const struct key *key);

/* True for the types of lists, which "+=" adds to. */
bool key_is_list(const struct key *key);

/* Both values of a list as one; NULL with errno ENOMEM. */
char *key_join(const struct key *key, struct arena *arena, const char *first, const char *second);

/* As key_set() for "+=": puts the value behind that which the draft has already, or sets it and
 * marks it as added. -1 after a diagnostic for keys that are no lists, too. */
int key_add(struct draft *draft, const struct key *key, const char *value, struct where where,
	struct diag *diag);

/* Bytes of the value in a draft. */
size_t key_value_size(const struct key *key);

/* True if two drafts, which both have it set, say the same by that key; texts of lists byte for
 * byte. */
bool key_value_equal(const struct key *key, const struct draft *a, const struct draft *b);

/* Sets one value of a draft. Keys of type KEY_TEXT keep the pointer: the text must live as long as
 * the draft. Returns 0; or -1 after a diagnostic, with draft->failed set: not of that
 * type, out of range, or set before; what another file has set may be repeated as it is. */
int key_set(struct draft *draft, const struct key *key, const char *value, struct where where,
	struct diag *diag);

#endif
