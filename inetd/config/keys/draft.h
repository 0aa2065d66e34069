/* draft: one entry while it is being read: what has been set, and where. Made by the parsers
 * through key_set(), turned into a struct service by check. Lives in the scratch arena of a load;
 * so may its texts, check copies what services keep. argv lives with the configuration. */
#ifndef CONFIG_DRAFT_H
#define CONFIG_DRAFT_H

#include <stdbool.h>
#include <stdint.h>

#include <sys/queue.h>

#include "base/arena.h"
#include "base/diag.h"
#include "config/service.h"

/* The rows of the key table, in the order of manual page and listings. */
enum key_id {
	KEY_LISTEN,
	KEY_PORT,
	KEY_BIND,
	KEY_SOCKET_TYPE,
	KEY_PROTOCOL,
	KEY_WAIT,
	KEY_USER,
	KEY_GROUP,
	KEY_SERVER,
	KEY_SERVER_ARGS,
	KEY_ARGV0,
	KEY_WRAPPER,
	KEY_INTERNAL,
	KEY_MUX,
	KEY_ACTIVATION,
	KEY_INSTANCES,
	KEY_PER_SOURCE,
	KEY_RATE,
	KEY_BURST,
	KEY_PER_SOURCE_RATE,
	KEY_PER_SOURCE_BURST,
	KEY_PREFIX4,
	KEY_PREFIX6,
	KEY_EXEMPT,
	KEY_OVERLOAD,
	KEY_BUSY_MESSAGE,
	KEY_MAX_TIME,
	KEY_KILL_AFTER,
	KEY_MAX_LOAD,
	KEY_ONLY_FROM,
	KEY_NO_ACCESS,
	KEY_ACCESS_TIMES,
	KEY_DENY_TIME,
	KEY_DENY_AFTER,
	KEY_ENV,
	KEY_PASSENV,
	KEY_CLEAN_ENV,
	KEY_STDERR,
	KEY_BANNER,
	KEY_BANNER_FAIL,
	KEY_LOG,
	KEY_LOG_LEVEL,
	KEY_SNDBUF,
	KEY_RCVBUF,
	KEY_BACKLOG,
	KEY_DEFER_ACCEPT,
	KEY_SOCKET_MODE,
	KEY_SOCKET_USER,
	KEY_SOCKET_GROUP,
	KEY_IDLE_TIME,
	KEY_REPLY_RATE,
	KEY_REPLY_BURST,
	KEY_DISABLE,
	KEY_CHILDREN,
	KEY_STOP_CHILDREN,
	KEY_CONTROL_GROUP,
	KEY_LOG_FORMAT,
	KEY_COUNT
};

struct draft {
	STAILQ_ENTRY(draft) in_load;
	struct arena *arena; /* borrowed, that it lives in */
	struct where where;  /* of the entry */
	const struct source_file *source;
	bool failed;      /* a mistake was reported: no service comes of it */
	bool internal;    /* a built-in, by KEY_INTERNAL or by the name of the service */
	char **argv;      /* NULL-terminated, argv[0] first; NULL: by KEY_SERVER_ARGS */
	const char *name; /* the service field, or the name of the section; NULL if spoilt */

	/* What the head of an INI section says of whom it means. */
	const char *of_bind;                /* NULL: any */
	const struct protocol *of_protocol; /* NULL: any */
	struct draft *same_name;            /* the next entry of this name */

	bool inferred;   /* protocol, socktype and wait are filled in where they were not said */
	unsigned places; /* PLACE_... bits, filled in by merge */
	bool set[KEY_COUNT];
	bool added[KEY_COUNT]; /* only "+=" has said it here: it stands behind what others say */
	bool by_default[KEY_COUNT];     /* [defaults] has said it */
	struct where set_at[KEY_COUNT]; /* meaningful where set */

	/* One value for each row of the key table; meaningful where set. */
	const char *port, *bind, *user, *group, *server, *socket_user, *socket_group;
	const char *argv0, *mux, *stderr_to, *busy_message, *banner, *banner_fail;
	const char *control_group;
	/* Lists as text, checked, with what was added by "+=" behind. */
	const char *listen, *server_args, *wrapper, *exempt, *only_from, *no_access, *access_times;
	const char *env, *passenv;
	int activation, overload, log_level, log_format;
	uint32_t log; /* EVENT_... */
	int socktype; /* SOCK_... */
	const struct protocol *protocol;
	int builtin; /* enum builtin */
	bool wait, defer_accept, disable, stop_children, clean_env;
	uint32_t instances, per_source, burst, per_source_burst, prefix4, prefix6;
	struct rate rate, per_source_rate; /* bursts filled in by check */
	uint32_t sndbuf_bytes, rcvbuf_bytes, backlog, socket_mode;
	uint32_t idle_ms, reply_rate, reply_burst;
	uint32_t max_time_ms, kill_after_ms, max_load, deny_ms, deny_after, children;
};

/* Where an entry listens, as far as its words tell. */
enum { PLACE_INET = 1, PLACE_PATH = 2, PLACE_ABSTRACT = 4, PLACE_MUX = 8 };

#define DRAFT_TCPMUX "tcpmux/" /* in front of the name in KEY_PORT */

STAILQ_HEAD(draft_list, draft);

/* An empty draft, zeroed. NULL with errno ENOMEM. */
struct draft *draft_new(struct arena *arena, struct where where, const struct source_file *source);

/* The PLACE_... bits of what listen, mux, port and protocol say; 0 if nothing does. */
unsigned draft_places(const struct draft *draft);

/* True if it has a port without an address, for which bind says where. */
bool draft_needs_bind(const struct draft *draft);

/* Where a key was set, or the entry itself. */
struct where draft_where(const struct draft *draft, enum key_id id);

#endif
