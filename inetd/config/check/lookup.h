/* lookup: names of ports, users, groups and programs, each asked for once in a load. Reads
 * services, passwd and group by names_ask(), and the file system. */
#ifndef CONFIG_LOOKUP_H
#define CONFIG_LOOKUP_H

#include <stdbool.h>

#include "config/check/names.h"
#include "config/service.h"
#include "config/text/map.h"

enum lookup_result {
	LOOKUP_OK,
	LOOKUP_USER,     /* no such user */
	LOOKUP_GROUP,    /* no such group */
	LOOKUP_NO_GROUP, /* a number without passwd entry, and no group given */
	LOOKUP_MEMORY,   /* errno ENOMEM */
};

/* What a user field came to. */
struct person {
	enum lookup_result result;
	const char *bad;          /* the word that is not known */
	const char *login_class;  /* after a '/', NULL if none */
	bool other;               /* not root, and the caller is another user */
	struct identity identity; /* set where result is LOOKUP_OK */
};

struct lookup {
	struct arena *keep;    /* borrowed; what services refer to */
	struct arena *scratch; /* borrowed; until the end of the load */
	struct map ports, persons, programs;
	/* As names_ask(); another one where the caller must not wait. */
	bool (*ask)(const struct name_question *question, struct name_answer *answer);
	bool services_read;
	bool root;      /* the daemon may change ids */
	bool own_paths; /* only programs that path_is_own() are looked at */
};

void lookup_init(struct lookup *lookup, struct arena *keep, struct arena *scratch);

/* The port (host order) of a service name for "tcp" or "udp", by services(5); -1 if there is
 * none, -2 without memory. */
int lookup_port(struct lookup *lookup, const char *name, const char *protocol);

/* The number of an RPC program by its name in rpc(5). False if there is none. */
bool lookup_rpc(const struct lookup *lookup, const char *name, uint32_t *number);

/* A user field in any notation ("user", "user:group", "user.group", numbers, "/class" at the end),
 * and a group that was set apart, or NULL. NULL with errno ENOMEM. */
const struct person *lookup_person(struct lookup *lookup, const char *user, const char *group);

/* One user or group by name or number. */
bool lookup_uid(const struct lookup *lookup, const char *name, uid_t *uid);
bool lookup_gid(const struct lookup *lookup, const char *name, gid_t *gid);

/* True if it is the name of a user. */
bool lookup_is_user(const struct lookup *lookup, const char *name);

/* True if the path may be looked at: where only its own are, the caller must not wait for others.
 */
bool lookup_may_see(const struct lookup *lookup, const char *path);

/* 0 if the program can be run as far as one sees, or may look, else the errno that execve(2) would
 * give. */
int lookup_program(struct lookup *lookup, const char *path);

/* True if any user can execute it, or it may not be looked at. */
bool lookup_program_is_for_all(struct lookup *lookup, const char *path);

/* The same for a program that is started with another root directory. Symbolic links lead elsewhere
 * there than for us: what is behind one is not looked at. */
int lookup_program_below(struct lookup *lookup, const char *root, const char *path);

#endif
