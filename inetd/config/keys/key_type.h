/* key_type: what a value can be: how it is read, written, compared and described. Pure. */
#ifndef CONFIG_KEY_TYPE_H
#define CONFIG_KEY_TYPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/diag.h"

struct key;

struct key_word {
	const char *word;
	int value;
};

/* One value on its way from the file to where it is kept. */
struct setting {
	const struct key *key;
	const char *name;   /* of the key, as it was written */
	const char *value;  /* as text; with words, the first of them */
	char *const *words; /* taken apart already, ended by NULL; else NULL */
	struct where where;
	struct diag *diag;
	struct arena *arena; /* for what the value points to */
	void *out;           /* of type->bytes */
};

struct key_type {
	const char *name;       /* "limit", "time": one word */
	const char *help;       /* how such a value is written: a sentence without its full stop */
	size_t bytes;           /* of a value */
	const char *separators; /* that divide the parts of a value; NULL: it is one */
	bool is_limit;          /* "unlimited" and "none" are values too */
	bool is_words;          /* the parts are words, which quotes group */
	bool is_quoted;         /* a text that may be within $'...' as a whole */

	/* Reads the value. Returns 0, or -1 after a diagnostic. */
	int (*parse)(const struct setting *set);
	/* Writes the line or lines of an INI file that set the value. False, and nothing is
	 * written, where it holds nothing that a line could set. */
	bool (*print)(const struct key *key, const void *value, FILE *out);
	/* NULL: byte for byte. */
	bool (*equal)(const void *a, const void *b);
	/* Makes `out` a list of two; NULL: the type is no list. Returns 0, or -1 with ENOMEM. */
	int (*join)(void *out, const void *first, const void *second, struct arena *arena);
	/* What the row admits, as text; NULL: there is nothing to add. */
	void (*range)(const struct key *key, char *buf, size_t size);
};

extern const struct key_type type_text;     /* const char *, not empty but for KEY_MAY_BE_EMPTY */
extern const struct key_type type_word;     /* int, one of a list of words */
extern const struct key_type type_protocol; /* const struct protocol * */
extern const struct key_type type_yesno;    /* bool: yes no, on off, true false, 1 0 */
extern const struct key_type type_number;   /* uint32_t, or int32_t where min is below 0 */
extern const struct key_type type_limit;    /* uint32_t, or unlimited (LIMIT_NONE), or none (0) */
extern const struct key_type type_rate;     /* struct rate without its burst */
extern const struct key_type type_bytes;    /* uint32_t, with k or m after it */
extern const struct key_type type_time;     /* uint32_t milliseconds */
extern const struct key_type type_mode;     /* uint32_t, octal */
extern const struct key_type type_load;     /* uint32_t hundredths */
extern const struct key_type type_events;   /* uint32_t, bits by words, or "none" */
extern const struct key_type type_output;   /* struct output */
extern const struct key_type type_log_to;   /* the same, a file or the log */
extern const struct key_type type_message;  /* struct message; check reads the file */
extern const struct key_type type_listen;   /* char **, NULL-terminated, as the three that follow */
extern const struct key_type type_command;
extern const struct key_type type_environment; /* NAME=VALUE */
extern const struct key_type type_names;       /* of variables */
extern const struct key_type type_paths;
extern const struct key_type type_networks; /* struct networks */
extern const struct key_type type_clients;  /* the same with names of hosts */
extern const struct key_type type_senders;  /* struct proxy_senders */
extern const struct key_type type_times;    /* struct week_spans */

/* Of what confines programs (config/cage.h). */
extern const struct key_type type_rlimit;       /* struct cage_limit */
extern const struct key_type type_size;         /* uint64_t */
extern const struct key_type type_capabilities; /* struct cage_capabilities */
extern const struct key_type type_cpus;         /* struct cage_cpus */
extern const struct key_type type_ports;        /* struct cage_ports */
extern const struct key_type type_ioprio;       /* uint32_t, of ioprio_set(2) */
extern const struct key_type type_calls;        /* struct cage_calls */

#define TYPE_FAIL(set, ...) diag_add((set)->diag, DIAG_ERROR, (set)->where, __VA_ARGS__)

/* Reports that there is no memory. Returns -1. */
int type_no_memory(const struct setting *set);

#endif
