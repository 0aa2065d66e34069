/* cage: what confines the programs of a service, as its keys ask for it. Immutable once loaded,
 * owned by the arena of its configuration. A service without any of these keys has none. */
#ifndef CONFIG_CAGE_H
#define CONFIG_CAGE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>

/* One limit of setrlimit(2); RLIM_INFINITY: unlimited. */
struct cage_limit {
	bool set;
	rlim_t soft, hard;
};

/* What network the program finds (the key network). */
enum cage_network {
	CAGE_NETWORK_YES,        /* the machine's */
	CAGE_NETWORK_CONNECTION, /* the socket that it was given, and no other */
	CAGE_NETWORK_NONE,       /* the same, and it can make no socket at all */
};

/* All of them together (the key isolation). */
enum cage_isolation {
	CAGE_ISOLATION_NONE,
	CAGE_ISOLATION_STRICT, /* what the machine does not have is left out, with a warning */
	CAGE_ISOLATION_FULL,   /* "strict!": what it does not have is an error */
};

/* Capabilities that are kept (capabilities(7)), by their bits. */
struct cage_capabilities {
	bool set;
	uint64_t kept;
};

/* Ports of tcp; `ports` NULL: any. */
struct cage_ports {
	uint16_t *ports;
	uint32_t count;
};

/* Processors by their numbers; `numbers` NULL: any. */
struct cage_cpus {
	uint32_t *numbers;
	uint32_t count;
};

/* System calls that are allowed: by name, and "@default"; `names` NULL: the default set. */
struct cage_calls {
	bool on;
	/* Made by the check, also where `on` is false: */
	bool keeps_peer;   /* connect(2) is refused */
	bool keeps_length; /* so is whatever cuts a file but writing to it */
	char **names;
};

#define CAGE_NO_NUMBER INT32_MIN /* what no key has set, where 0 is a value */
#define CAGE_CPUS      1024

/* Lists end with NULL; a list that is NULL restricts nothing. A path that begins with "-" may be
 * missing. */
struct cage {
	int isolation;                  /* enum cage_isolation */
	const char *directory, *chroot; /* NULL: "/", no other root */
	uint32_t ioprio;                /* of ioprio_set(2); 0 = as the daemon */
	int32_t oom_score_adj;          /* or CAGE_NO_NUMBER */
	struct cage_cpus cpus;
	struct cage_limit limits[RLIM_NLIMITS];
	struct cage_capabilities capabilities;
	bool no_new_privs;
	char **read_paths, **write_paths, **exec_paths;
	struct cage_ports connect_ports, bind_ports;
	int network; /* enum cage_network */
	bool scoped; /* no abstract sockets of others, no signals to others */
	bool private_tmp, read_only;
	bool hide_run; /* what is below /run, sockets of other daemons among it, is not seen */
	struct cage_calls calls;
	uint64_t memory_max;                      /* bytes; 0 = no limit */
	uint32_t pids_max, cpu_weight, io_weight; /* 0 = not set */
};

/* What this machine and this process can do of it. */
struct cage_features {
	int landlock_abi;        /* 0: none */
	bool namespaces;         /* network and mount namespaces can be made */
	bool filters;            /* of system calls */
	bool root;               /* identities and rights can be changed */
	const char *controllers; /* that our control group can pass on, with blanks between; NULL:
				    it is not of version 2, or not ours to divide */
	bool (*knows_call)(const char *name);
};

/* The cage of a service that asks for none. */
extern const struct cage cage_none;

#endif
