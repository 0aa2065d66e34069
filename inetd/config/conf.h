/* conf: files -> one immutable configuration generation with every diagnostic. Changes nothing
 * outside itself; reads files, passwd, group and services, never the network. */
#ifndef CONFIG_CONF_H
#define CONFIG_CONF_H

#include "base/arena.h"
#include "base/diag.h"
#include "config/dialect.h"
#include "config/service.h"

struct comparisons;
struct name_answer;
struct name_question;

/* What the command line sets for reading. Borrowed during config_load(). */
struct conf_options {
	/* Files and directories, in order. *.ini is read as INI, anything else as inetd.conf; of a
	 * directory its *.conf and *.ini in C-locale order, without leftovers (.x x~ x.bak
	 * *.dpkg-* *.rpm*) and without going into directories below. */
	const char *const *paths;
	size_t path_count;
	unsigned
		plain_families; /* what "tcp" and "udp" mean: FAMILY_INET | FAMILY_INET6 normally */
	const char *bind_default;      /* -a; NULL = any */
	struct limits defaults;        /* -c -C -s -R over conf_default_limits() */
	int backlog;                   /* -q */
	unsigned events;               /* EVENT_... that are logged where log is not set (-l) */
	bool keep_env;                 /* clean_env = no where it is not set (-E) */
	const struct dialect *dialect; /* of files that name none; NULL: dialect_auto */
	bool without_rpc;              /* there is nothing here that could tell rpcbind */
	bool advise;                   /* warn too of what works and may not be meant (-t) */
	bool own_paths;                /* look at nothing where others have a hand in (base/path.h):
					  they could make the caller wait, who is the daemon */
	/* Asks for users, groups and ports; NULL: names_ask() (config/check/names.h). */
	bool (*ask)(const struct name_question *question, struct name_answer *answer);
	const char *directory; /* that relative programs are taken from; absolute */
	const char *services;  /* where programs of inetd are; NULL: where they are installed */
	/* What can confine programs here; NULL: everything. */
	const struct cage_features *(*features)(void);
	bool (*breathe)(void); /* called often while reading takes long; false: it fails as
				  without memory; NULL: nothing */
	bool missing_is_error; /* false: a path of the built-in default list that does not exist
				  is passed over, as long as another one can be read */
};

/* A user or group that is not known. */
struct unknown_name {
	const char *name;
	bool group;
	const struct unknown_name *next;
};

struct config {
	unsigned refs;
	unsigned generation; /* 1, 2... of this process */
	uint64_t number;     /* the same, of all that were loaded, also to be looked at alone */
	struct arena arena;
	struct diag diag;
	struct service **services; /* in order of reading; entries in error are not here */
	size_t service_count;
	size_t entry_count;               /* entries seen, those in error included */
	size_t file_count;                /* files that could be read */
	const struct source_file **files; /* everything that was opened or should have been */
	size_t files_count;
	const struct source_file **bad_files; /* those of them in error, by path */
	size_t bad_count;
	struct daemon_settings daemon;
	struct unknown_name *unknown; /* that entries are in error for: they may be known later */
	struct comparisons *comparisons; /* with earlier ones; private (keeps.c) */
	struct map *entries; /* id of each entry that was seen, to what came of it; private */
};

/* instances 256, per_source 128, no rates, /32 and /64; marked as defaults. For built-in streams
 * 16384 and 8192 take the place of values that are still marked so. */
struct limits conf_default_limits(void);

/* Reads everything. Mistakes are in ->diag; a config is always returned, with one reference held
 * by the caller, or NULL with errno ENOMEM. */
struct config *config_load(const struct conf_options *options);

/* For load_begin(): prepares it for config_keeps(). Returns 0, or -1 with errno ENOMEM. */
int keeps_init(struct config *config);

struct config *config_ref(struct config *config);

/* The last one frees the arena, in slices where the caller is in one; NULL is nothing. */
void config_unref(struct config *config);

/* What came of an entry that makes no service; of several with one id the last of these. */
enum entry_state { ENTRY_UNKNOWN, ENTRY_OFF, ENTRY_FAILED, ENTRY_GOOD };

/* Of the entry with that id (see service.h). */
enum entry_state entry_state(const struct config *config, const char *id);

/* True if `old`, a service of an earlier generation that `config` does not define, must be kept:
 * its entry is in error in `config`, or its file, or one that led to it, has an error that it had
 * not when `old` was loaded: what was wrong already holds nothing back. Not if its entry is
 * switched off: that always applies. */
bool config_keeps(const struct config *config, const struct service *old);

/* True if a file has an error that it had not in an earlier configuration. */
bool config_is_worse(const struct config *config, const struct config *earlier);

/* True if both ask for the same thing (everything but where it was written). */
bool service_equal(const struct service *a, const struct service *b);

/* The two halves of that: all but how they are served, and that, which many services share. */
bool service_equal_but_policy(const struct service *a, const struct service *b);
bool service_policy_equal(const struct service *a, const struct service *b);

/* True if both cages confine in the same way; NULL is that of a service without one. */
bool cage_equal(const struct cage *a, const struct cage *b);

/* True if both set the same options of sockets; NULL: none. */
bool socket_extras_equal(const struct socket_extras *a, const struct socket_extras *b);

/* True if both admit the same clients. */
bool service_access_equal(const struct service *a, const struct service *b);

/* Order of endpoints as identities, for maps. 0 = the same socket. */
int endpoint_compare(const struct endpoint *a, const struct endpoint *b);

#endif
