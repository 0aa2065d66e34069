/* names: what the name services (nsswitch.conf(5)) know of users, groups, ports and
 * RPC programs. Questions and
 * answers are values, so that who must not wait can have somebody else ask. */
#ifndef CONFIG_NAMES_H
#define CONFIG_NAMES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define NAME_BYTES      256 /* LOGIN_NAME_MAX of Linux */
#define NAME_PATH_BYTES 4096

enum name_kind {
	NAME_USER,   /* by its name */
	NAME_UID,    /* the user by its id */
	NAME_GROUP,  /* by its name */
	NAME_GROUPS, /* those of the user, that of the id among them */
	NAME_PORT,   /* of a service and protocol, by services(5) */
	NAME_RPC,    /* the number of an RPC program, by rpc(5) */
	NAME_GID,    /* the group by its id */
};

struct name_question {
	enum name_kind kind;
	uint32_t id;
	char name[NAME_BYTES];
	char protocol[8];
};

struct name_answer {
	bool found;
	uint32_t id;  /* of the user or group; the port, in host order; the number */
	uint32_t gid; /* the first group of a user */
	char name[NAME_BYTES];
	char home[NAME_PATH_BYTES], shell[NAME_PATH_BYTES]; /* "" where the entry has none */
	uint32_t group_count;
	gid_t *groups; /* malloc'ed, the caller's; NULL without some */
};

/* Asks through the C library, which may wait. Returns answer->found: false too where a text does
 * not fit. getpwnam(3), getgrouplist(3), getservbyname(3),
 * getrpcbyname(3). */
bool names_ask(const struct name_question *question, struct name_answer *answer);

/* True if nsswitch.conf(5) names a service that may keep who asks waiting: anything but files. */
bool names_may_wait(void);

#endif
