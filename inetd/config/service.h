/* service: what the administrator asked for. Immutable once loaded, owned by the arena of one
 * configuration generation. The only header that config/ and admit/ share. */
#ifndef CONFIG_SERVICE_H
#define CONFIG_SERVICE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/bucket.h"
#include "base/builtin.h"
#include "base/diag.h"
#include "base/network.h"
#include "base/sockaddr.h"
#include "base/week.h"
#include "config/cage.h"
#include "config/socket_extras.h"

struct limits {
	uint32_t instances;          /* children (or sessions) at once */
	uint32_t per_source;         /* the same, of one source */
	struct rate rate;            /* starts of the service */
	struct rate per_source_rate; /* starts for one source */
	uint32_t prefix4, prefix6;   /* bits of an address that make a source: 32, 64 */
	bool instances_default,
		per_source_default; /* not set: the log tells the key when reached */
};

/* Who ignores a source that was refused too often. */
enum deny_scope {
	DENY_SERVICE, /* the service that refused it */
	DENY_ALL,     /* all services */
};

/* Who may use the service, and when. */
struct access {
	struct networks only_from; /* none: anybody */
	struct networks no_access;
	struct networks exempt;  /* never limited by source; without names */
	struct week_spans times; /* none: always */
	uint32_t deny_ms;        /* for how long a source is ignored; 0 = never */
	uint32_t deny_after;     /* refused so often within deny_ms */
	enum deny_scope deny_scope;
};

/* Whose connections begin with a header of the PROXY protocol (base/proxy.h). */
struct proxy_senders {
	struct networks networks;
	bool local; /* whoever may connect to a unix socket of the service */
};

/* What becomes of connections from others. */
enum proxy_others {
	PROXY_OTHERS_SERVE, /* they are clients themselves */
	PROXY_OTHERS_REFUSE,
};

enum overload {
	OVERLOAD_QUEUE,  /* connections over a limit of the service wait with the kernel */
	OVERLOAD_REFUSE, /* they are closed, with busy_message */
};

enum output_to { OUTPUT_SOCKET, OUTPUT_LOG, OUTPUT_NULL, OUTPUT_FILE };

/* Where what a program writes to its standard error goes. */
struct output {
	enum output_to to;
	const char *path; /* of OUTPUT_FILE, absolute; else NULL */
};

enum { EVENT_START = 1, EVENT_EXIT = 2, EVENT_REFUSE = 4, EVENT_USERID = 8 };

/* How a program learns of the socket that is handed to it. */
enum activation {
	ACTIVATION_INETD,   /* by descriptor 0 alone */
	ACTIVATION_SYSTEMD, /* on descriptor 3 too, with LISTEN_FDS (sd_listen_fds(3)) */
	ACTIVATION_PROXY,   /* not at all: services/ondemand has it, in front of the program */
};

/* What a program finds besides its connection, and where its complaints go. */
struct exec_context {
	char **groups;    /* supplementary ones: names, "yes" or "no"; NULL: yes */
	char **env;       /* NAME=VALUE, NULL-terminated; NULL: none */
	char **env_files; /* paths, after '-' where it may be missing; NULL: none */
	char **file_env;  /* what these held when the configuration was read, as ->env */
	char **passenv;   /* names of the daemon's variables; NULL: none */
	bool clean_env;   /* nothing else of the daemon's */
	int nice;         /* added to the daemon's */
	mode_t umask;
	struct output errors;
	enum activation activation;
};

/* Programs that are executed before their connection comes (the key spare). */
struct spares {
	uint32_t count;   /* at most; 0 = none */
	uint32_t idle_ms; /* without a connection for so long one is enough; 0 = never */
	bool ready;       /* the program says by itself when it takes its connection */
};

/* A daemon that is started by its first connection (activation = proxy). */
struct on_demand {
	uint32_t start_ms; /* until it has to accept connections */
	uint32_t stop_ms;  /* without a connection, until it is told to end */
	bool sends_proxy;  /* it is told who calls */
	char **words;      /* options for services/ondemand; NULL: not used */
};

/* A text for clients, at most MESSAGE_MAX bytes, or the file that it was read from when the
 * configuration was. */
struct message {
	const char *text; /* NULL: none */
	const char *path; /* NULL: the text itself was written */
};

struct messages {
	struct message banner;      /* before the service itself */
	struct message banner_fail; /* to those that access is denied */
	struct message busy;        /* to those that a limit keeps out */
};

#define MESSAGE_MAX 1000

/* PATH of programs, where env sets no other. */
#define SERVICE_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* Where a socket is bound: its identity over reloads. Equal endpoint = same socket. */
struct endpoint {
	struct sockaddr_kept addr; /* port 0 = any free one */
	int socktype, protocol;    /* SOCK_..., IPPROTO_... or 0 */
	bool dual;                 /* an IPv6 socket that takes IPv4 too */
	bool plain; /* a family of plain tcp or udp, on any address; no part of the identity */
	uint32_t ordinal; /* tells equal endpoints with port 0 apart: by program, then by order */
};

/* The protocol whose ports it has: what differs has ports of its own. */
static inline int endpoint_ports(const struct endpoint *endpoint)
{
	return endpoint->protocol == IPPROTO_MPTCP ? IPPROTO_TCP : endpoint->protocol;
}

/* A program of RPC (RFC 5531) whose port is told by rpcbind (RFC 1833). */
struct rpc_program {
	uint32_t number;
	uint32_t low, high; /* versions: from, to; RPC_VERSIONS at most */
};

#define RPC_VERSIONS 64

enum { FAMILY_INET = 1, FAMILY_INET6 = 2, FAMILY_DUAL = 4, FAMILY_UNIX = 8, FAMILY_VSOCK = 16 };

/* A bind address that is a name: looked up while running, never while loading. */
struct bind_name {
	const char *host;
	unsigned families; /* FAMILY_... bits that are admitted */
	uint16_t port;
};

/* As whom a program runs; everything looked up when the file is read. */
struct identity {
	uid_t uid;
	gid_t gid;
	size_t ngroups;
	const gid_t *groups;
	const char *user, *home, *shell; /* home "/", shell "/bin/sh" where unknown */
	bool as_caller; /* the daemon is not root: no ids are changed, the above are the daemon's */
};

/* Whether programs may bind sockets of their own to the port of the datagram socket they have. */
enum reuse {
	REUSE_RESERVED, /* to a port that is only for root */
	REUSE_ALWAYS,
	REUSE_NEVER,
};

struct socket_options {
	uint32_t sndbuf_bytes, rcvbuf_bytes; /* 0 = the system's */
	int backlog;                         /* listen(2) */
	bool defer_accept;                   /* TCP_DEFER_ACCEPT */
	enum reuse reuse_address;            /* while a program has the datagram socket */
	mode_t mode;                         /* of a unix path */
	uid_t owner;                         /* of a unix path; -1 = the daemon's */
	gid_t group;
};

struct source_file {
	const char *path;
	const struct source_file *parent; /* who included it, or the directory; NULL at the top */
	bool in_error;
};

/* What [inetd] sets, for all services together. */
struct daemon_settings {
	bool stop_children;             /* end the programs too when told to stop */
	uint32_t children;              /* programs of all services at once; LIMIT_NONE */
	int log_level;                  /* LOG_..., or -1 where it is not set */
	int log_format;                 /* enum log_format, or -1 */
	const char *control_group_name; /* as written, or NULL */
	gid_t control_group;            /* -1: none */
};

/* How a service is served. Services that ask for the same share one. */
struct policy {
	char **wrapper; /* words in front of server and argv[1]...; NULL: none */
	struct identity identity;
	struct limits limits;
	struct access access;
	struct proxy_senders proxies; /* none: no connection has a header */
	enum proxy_others proxy_others;
	enum overload overload;
	uint32_t max_load;    /* hundredths of the load average (1 min); 0 = no limit */
	uint32_t max_time_ms; /* a program or session is ended after it; 0 = never */
	uint32_t kill_after_ms;
	struct spares spares;
	struct on_demand on_demand;
	struct exec_context context;
	const struct cage *cage; /* what confines its programs; NULL: nothing */
	struct messages messages;
	unsigned events;      /* EVENT_... that are logged */
	int log_level;        /* LOG_...: the least urgent that is logged of it */
	struct output log_to; /* OUTPUT_LOG or OUTPUT_FILE: where its clients are logged */
	struct socket_options socket;
	const struct socket_extras *extras; /* options that few set; NULL: none */
	uint32_t lingering_ms; /* what a program leaves unread is drained for so long; 0 = never */
	uint32_t idle_ms;      /* built-in streams */
	uint32_t reply_rate, reply_burst; /* built-in datagrams */
};

/* What keeps a program from being started, as the reading of the configuration has found. */
struct unusable {
	const char *path; /* as we see it */
	int err;          /* as of execve(2) */
	bool wrapper;     /* it is the wrapper */
	bool elsewhere;   /* below another root directory, with users and links of its own */
};

struct service {
	struct where where;
	const struct source_file *source;
	struct config *config; /* the generation that owns it */
	const char *name;      /* NAME of status and sections: the service field without its bind
				  part, with "/protocol" after it where more than one has it */
	const char *bind;      /* the bind part as it holds: "*" for any; "*" for unix and tcpmux */
	const char *id;        /* "BIND:FIELD/tcp": the same in every generation; not unique */
	const char *label;     /* unique: NAME, or BIND:NAME where several entries share it */
	const char *protocol;  /* as written: "tcp", "udp6", "unix" */
	enum builtin builtin;  /* BUILTIN_NONE: a program */
	int socktype;          /* SOCK_STREAM... */
	bool wait;        /* the socket itself is handed off; true for built-in dgram, false for
			     built-in streams. Of a program for dgram, false: each datagram
			     has one, with a socket connected to its sender */
	bool mux, mux_go; /* only by tcpmux; "+Go" is sent first. No endpoints then */
	bool yields, replaced; /* a later entry for its socket counts; there was one. Of a load */
	const char *mux_name;  /* what a tcpmux client asks for, any case; NULL unless mux */
	int ip_protocol;       /* IPPROTO_...; 0 for unix and vsock */
	unsigned families;     /* FAMILY_... */
	uint32_t endpoint_count, name_count;
	struct endpoint *endpoints;
	struct bind_name *names;
	const char *rpc; /* as written: "rusersd/2-3"; NULL: rpcbind is not told */
	const struct rpc_program *program; /* what that means; NULL: nothing */
	const char *server;                /* path; NULL for a built-in */
	char **argv; /* NULL-terminated, at least argv[0]; NULL for a built-in */
	const struct unusable *unusable; /* NULL: nothing is known to be */
	const struct policy *policy;
};

/* True if connections to it may have a header. */
static inline bool service_has_proxies(const struct service *service)
{
	return service->policy->proxies.networks.count || service->policy->proxies.local;
}

/* True if its program is a daemon on demand, with services/ondemand in front of it. */
static inline bool service_is_proxied(const struct service *service)
{
	return service->policy->context.activation == ACTIVATION_PROXY;
}

/* True if its two sockets of plain tcp, one for each family, are one that takes both: it is lent to
 * a program that knows of one descriptor alone. Datagrams stay apart, as programs from before IPv6
 * answer to addresses of IPv4 only. */
static inline bool service_is_dual(const struct service *service)
{
	const struct endpoint *four = service->endpoints, *six;

	if (!service->wait || !service->server || service->socktype != SOCK_STREAM ||
		service->policy->context.activation != ACTIVATION_INETD ||
		service->endpoint_count != 2)
		return false;
	six = four + 1;
	return four->plain && six->plain && four->addr.addr.sa.sa_family == AF_INET &&
	       six->addr.addr.sa.sa_family == AF_INET6 &&
	       four->addr.addr.in.sin_port == six->addr.addr.in6.sin6_port;
}

#endif
