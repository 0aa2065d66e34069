/* key: THE table of what can be set for a service, and the one setter for every syntax. A row tells
 * what a key is called, of which type it is, where its value lives and what kind of entry it means
 * something for; reading, merging, checking, comparing, showing and documenting go over the rows.
 * The rows stand in key_rows.def. */
#ifndef CONFIG_KEY_H
#define CONFIG_KEY_H

#include "base/diag.h"
#include "config/keys/draft.h"
#include "config/keys/key_type.h"

/* Where a key may be set, and how. */
enum {
	KEY_IN_SERVICE = 1,    /* in a [service] section */
	KEY_IN_DEFAULTS = 2,   /* in the [defaults] section */
	KEY_IN_DAEMON = 4,     /* in the [inetd] section */
	KEY_IN_PROTOCOL = 8,   /* as ",key=value" after the protocol of a classic line */
	KEY_MAY_BE_UNSET = 16, /* the word of ->unset is a value too, kept as 0 */
	KEY_NEEDS_UNIT = 64,   /* a time that is no bare number: others count it in other units */
	KEY_MAY_BE_EMPTY = 32, /* "" is a value too; INI files must quote an empty text */
};

/* What kind of entry it is, as far as keys depend on it. */
enum {
	TRAIT_PROGRAM = 1,
	TRAIT_BUILTIN = 2,
	TRAIT_STREAM = 4, /* connections: stream or seqpacket */
	TRAIT_DGRAM = 8,
	TRAIT_WAIT = 16, /* the program gets the socket itself */
	TRAIT_INET = 32,
	TRAIT_PATH = 64,
	TRAIT_MUX = 128,
	TRAIT_TCP = 256,
	TRAIT_LOCAL = 512, /* unix sockets only */
	TRAIT_FOUR = 1024, /* peers may have IPv4 addresses, and IPv6 ones */
	TRAIT_SIX = 2048,
	TRAIT_VSOCK = 4096,
};

/* A condition for a key to mean something. */
struct key_rule {
	unsigned any;     /* the entry has at least one of these; 0: no matter */
	unsigned not_all; /* and not all of these; 0: no matter */
	enum severity severity;
	const char *why; /* follows "KEY: "; NULL ends the rules of a key */
};

struct key {
	const char *name;
	const struct key_type *type;
	size_t at;                    /* of the value in struct draft; that of a plain key is in its
					 ->service or ->daemon, where it stays */
	int64_t min, max;             /* of numbers, in the unit of the value */
	const struct key_word *words; /* of the types WORD and EVENTS, ended by NULL */
	const char *alias;            /* another name; NULL: none */
	const char *title;            /* for messages; NULL: the name */
	unsigned flags;               /* KEY_... */
	const struct key_rule *rules; /* NULL: it means something in every entry */
	enum key_id needs;            /* the key that it changes the working of; 0: none */
	const char *preset;           /* the value where it is not set; NULL: zero, or see check/ */
	const char *unset;            /* the same as text for people */
	const char *help;             /* one line */
};

/* The table, KEY_COUNT rows, by enum key_id. */
extern const struct key key_table[KEY_COUNT];

/* The row of that name (or of its other name) or NULL. */
const struct key *key_find(const char *name);

/* The name that is nearest to a word, of the keys that may be set where `flags` (KEY_IN_...) tell
 * and of `others` (ended by NULL, or NULL); NULL where none is near. */
const char *key_near(const char *word, unsigned flags, const char *const *others);

enum key_id key_id_of(const struct key *key);

/* The name that a key has in the entry: as it was written, else that of its row. */
const char *key_name(const struct draft *draft, enum key_id id);

/* Where the value of a key is in a draft. */
void *key_value(const struct draft *draft, enum key_id id);

/* The value of a plain key in a service or in the settings of the daemon; NULL for keys that are
 * kept in another form, or not there. */
const void *key_of_service(const struct key *key, const struct service *service);
const void *key_of_daemon(const struct key *key, const struct daemon_settings *daemon);

/* True if both values are the same. */
bool key_equal(const struct key *key, const void *a, const void *b);

/* True if the value is that of a number whose row has a preset. */
bool key_is_preset(const struct key *key, const void *value);

/* Takes over the value of a draft that has it set. */
void key_copy(struct draft *to, const struct draft *from, enum key_id id);

/* Makes the value of `to` that of `first` with that of `second` after it, for a list. Returns 0, or
 * -1 with errno ENOMEM. */
int key_join(
	struct draft *to, const struct draft *first, const struct draft *second, enum key_id id);

/* Sets one value of a draft from a text, which is copied where it is kept. Returns 0; or -1 after a
 * diagnostic, with draft->failed set: not of that type, out of range, or set before; what another
 * file has set may be repeated as it is. */
int key_set(struct draft *draft, const struct key *key, const char *value, struct where where,
	struct diag *diag);

/* The same from words whose quotes and escapes are gone already, ended by NULL: all words of a list
 * of words, or the one text of another type. */
int key_set_words(struct draft *draft, const struct key *key, char *const *words,
	struct where where, struct diag *diag);

/* As key_set() for "+=": puts the value after that which the draft has already, or sets it and
 * marks it as added. -1 after a diagnostic for keys that are no lists, too. */
int key_add(struct draft *draft, const struct key *key, const char *value, struct where where,
	struct diag *diag);

#endif
