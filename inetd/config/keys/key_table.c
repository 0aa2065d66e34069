/* key_table: the rows of key_rows.def as a table, with the words and rules that they name. */
#include <sys/resource.h>
#include <sys/socket.h>
#include <syslog.h>

#include "base/log.h"
#include "config/keys/key.h"

static const struct key_word socktypes[] = {
	{"stream", SOCK_STREAM},
	{"dgram", SOCK_DGRAM},
	{"seqpacket", SOCK_SEQPACKET},
	{"rdm", SOCK_RDM},
	{"raw", SOCK_RAW},
	{NULL, 0},
};

static const struct key_word builtins[] = {
	{"echo", BUILTIN_ECHO},
	{"discard", BUILTIN_DISCARD},
	{"chargen", BUILTIN_CHARGEN},
	{"daytime", BUILTIN_DAYTIME},
	{"time", BUILTIN_TIME},
	{"tcpmux", BUILTIN_TCPMUX},
	{"auth", BUILTIN_AUTH},
	{"systat", BUILTIN_SYSTAT},
	{"netstat", BUILTIN_NETSTAT},
	{NULL, 0},
};

static const struct key_word activations[] = {
	{"inetd", ACTIVATION_INETD},
	{"systemd", ACTIVATION_SYSTEMD},
	{"proxy", ACTIVATION_PROXY},
	{NULL, 0},
};

static const struct key_word reuses[] = {
	{"reserved", REUSE_RESERVED},
	{"yes", REUSE_ALWAYS},
	{"no", REUSE_NEVER},
	{NULL, 0},
};

static const struct key_word scopes[] = {
	{"service", DENY_SERVICE},
	{"all", DENY_ALL},
	{NULL, 0},
};

static const struct key_word overloads[] = {
	{"queue", OVERLOAD_QUEUE},
	{"refuse", OVERLOAD_REFUSE},
	{NULL, 0},
};

static const struct key_word others[] = {
	{"serve", PROXY_OTHERS_SERVE},
	{"refuse", PROXY_OTHERS_REFUSE},
	{NULL, 0},
};

static const struct key_word events[] = {
	{"start", EVENT_START},
	{"exit", EVENT_EXIT},
	{"refuse", EVENT_REFUSE},
	{"userid", EVENT_USERID},
	{"none", 0},
	{NULL, 0},
};

/* As syslog(3) numbers them. */
static const struct key_word levels[] = {
	{"err", LOG_ERR},
	{"warning", LOG_WARNING},
	{"notice", LOG_NOTICE},
	{"info", LOG_INFO},
	{"debug", LOG_DEBUG},
	{NULL, 0},
};

static const struct key_word isolations[] = {
	{"none", CAGE_ISOLATION_NONE},
	{"strict", CAGE_ISOLATION_STRICT},
	{"strict!", CAGE_ISOLATION_FULL},
	{NULL, 0},
};

static const struct key_word networks[] = {
	{"yes", CAGE_NETWORK_YES},
	{"connection", CAGE_NETWORK_CONNECTION},
	{"none", CAGE_NETWORK_NONE},
	{NULL, 0},
};

static const struct key_word formats[] = {
	{"text", LOG_FORMAT_TEXT},
	{"json", LOG_FORMAT_JSON},
	{NULL, 0},
};

/* What kinds of entry keys mean something for; the first rule that an entry breaks is reported. */
#define NEEDS(any, why)                                                                            \
	{                                                                                          \
		any, 0, DIAG_ERROR, why                                                            \
	}
#define NOT(all, why)                                                                              \
	{                                                                                          \
		0, all, DIAG_ERROR, why                                                            \
	}
#define WARN_NEEDS(any, why)                                                                       \
	{                                                                                          \
		any, 0, DIAG_WARNING, why                                                          \
	}
#define WARN_NOT(all, why)                                                                         \
	{                                                                                          \
		0, all, DIAG_WARNING, why                                                          \
	}
#define RULES(name, ...)                                                                           \
	static const struct key_rule name[] = {__VA_ARGS__, {0, 0, DIAG_NOTE, NULL}}

#define WAIT_STREAM (TRAIT_STREAM | TRAIT_WAIT)
#define LOCAL_DGRAM (TRAIT_LOCAL | TRAIT_DGRAM)
#define ANSWERS     (TRAIT_BUILTIN | TRAIT_DGRAM)
#define PEERS       (TRAIT_INET | TRAIT_MUX | TRAIT_VSOCK)

#define NO_PROGRAM "a built-in service runs no program"
#define NO_SOCKET  "what tcpmux passes on has no socket of its own"
#define NO_CONNECT "only connections can be told something, and only before a program has them"
#define NO_PATH    "is for the path of a unix socket"
#define NO_NETWORK "is for peers with an address, not for unix sockets"
#define NO_FAMILY  "does nothing: the protocol has no peers of that family"
#define HANDED_OFF "with wait, the program itself accepts: inetd does not see the peer"
#define NO_SOURCE  "a unix datagram names no source that could be limited"
#define NO_EFFECT  "does nothing with wait: the program itself accepts"
#define NO_SESSION "built-in datagram services have no sessions; reply_rate limits them"
#define NO_BUILTIN "is for built-in services"

RULES(of_programs, NEEDS(TRAIT_PROGRAM, NO_PROGRAM));
RULES(of_rpc, NEEDS(TRAIT_PROGRAM, NO_PROGRAM), NOT(TRAIT_MUX, NO_SOCKET),
	NEEDS(TRAIT_INET, "is for tcp and udp: rpcbind tells ports"));
RULES(of_activation, NEEDS(TRAIT_PROGRAM, NO_PROGRAM),
	NEEDS(TRAIT_WAIT, "systemd is for wait: without it no socket is handed off"));
RULES(of_spares, NEEDS(TRAIT_PROGRAM, NO_PROGRAM),
	NEEDS(TRAIT_STREAM, "is for programs that get a connection"),
	NOT(TRAIT_WAIT, "with wait, the program itself accepts: it is running already"));
RULES(of_networks, NEEDS(PEERS, NO_NETWORK));
RULES(of_addresses, NEEDS(PEERS, NO_NETWORK), NOT(WAIT_STREAM, HANDED_OFF));
RULES(of_ipv4, NEEDS(PEERS, NO_NETWORK), WARN_NEEDS(TRAIT_FOUR, NO_FAMILY));
RULES(of_ipv6, NEEDS(PEERS, NO_NETWORK), WARN_NEEDS(TRAIT_SIX, NO_FAMILY));
/* Limits that FreeBSD's wait field has may be in lines of any kind: warnings. */
RULES(of_sources, NOT(LOCAL_DGRAM, NO_SOURCE), WARN_NOT(WAIT_STREAM, NO_EFFECT),
	WARN_NOT(ANSWERS, NO_SESSION));
RULES(of_denials, NOT(LOCAL_DGRAM, NO_SOURCE), NOT(WAIT_STREAM, HANDED_OFF),
	NOT(ANSWERS, NO_SESSION));
RULES(of_connections, NEEDS(TRAIT_STREAM, "only connections can be refused"),
	NOT(WAIT_STREAM, HANDED_OFF));
RULES(of_headers, NEEDS(TRAIT_STREAM, "a header is in front of a connection"),
	NOT(WAIT_STREAM, "with wait, the program itself accepts, and reads the header"),
	NOT(TRAIT_MUX, "is for the tcpmux service, which has read the header already"));
RULES(of_texts, NEEDS(TRAIT_STREAM, NO_CONNECT), NOT(WAIT_STREAM, NO_CONNECT));
RULES(of_sessions, NOT(ANSWERS, NO_SESSION));
RULES(of_sockets, NOT(TRAIT_MUX, NO_SOCKET));
RULES(of_queues, NOT(TRAIT_MUX, NO_SOCKET),
	NEEDS(TRAIT_STREAM, "datagrams do not queue as connections do; see rcvbuf"));
RULES(of_filters, NOT(TRAIT_MUX, NO_SOCKET), NEEDS(TRAIT_TCP, "accept filters are for tcp"));
RULES(of_ends, NEEDS(TRAIT_PROGRAM, NO_PROGRAM),
	NEEDS(TRAIT_TCP | TRAIT_MUX, "is for connections of tcp"),
	NOT(TRAIT_WAIT, "with wait, the program itself closes"));
RULES(of_lent_datagrams, NEEDS(TRAIT_PROGRAM, NO_PROGRAM),
	NEEDS(TRAIT_INET | TRAIT_MUX, "is for ports"),
	NEEDS(TRAIT_DGRAM, "is for datagrams: sockets of streams can always be bound anew"));
RULES(of_tcp, NOT(TRAIT_MUX, NO_SOCKET), NEEDS(TRAIT_TCP, "is for tcp"));
RULES(of_inet, NOT(TRAIT_MUX, NO_SOCKET), NEEDS(TRAIT_INET, "is for sockets with an address"));
RULES(of_local, NOT(TRAIT_MUX, NO_SOCKET), NEEDS(TRAIT_LOCAL, "is for unix sockets"));
RULES(of_paths, NEEDS(TRAIT_PATH, NO_PATH));
RULES(of_ports_and_paths, NOT(TRAIT_MUX, NO_SOCKET),
	NEEDS(TRAIT_INET | TRAIT_PATH, "is for sockets with an address or a path"));
RULES(of_builtin_streams, NEEDS(TRAIT_BUILTIN, NO_BUILTIN),
	NEEDS(TRAIT_STREAM, "is for sessions of streams"));
RULES(of_builtin_datagrams, NEEDS(TRAIT_BUILTIN, NO_BUILTIN),
	NEEDS(TRAIT_DGRAM, "is for answers to datagrams"));

#define DRAFT(field)       offsetof(struct draft, field)
#define PLAIN(field)       offsetof(struct draft, service.field)
#define POLICY(field)      offsetof(struct draft, policy.field)
#define EXTRA(field)       offsetof(struct draft, extras.field)
#define CAGE(field)        offsetof(struct draft, cage.field)
#define DAEMON(field)      offsetof(struct draft, daemon.field)
#define BOTH               (KEY_IN_SERVICE | KEY_IN_DEFAULTS)
#define FROM_TO(low, high) .min = low, .max = high
#define COUNTS             FROM_TO(1, COUNT_MAX)
#define PRESET(text)       .preset = text, .unset = text
#define COUNT_MAX          1000000
#define BYTES_MAX          (1 << 30)
#define DAY_MS             (24 * 3600 * 1000)
#define LINGER_MS          (9 * 3600 * 1000) /* 32 767 s and more the kernel does not take */
#define LONG_MS            (40 * (int64_t)DAY_MS)

const struct key key_table[KEY_COUNT] = {
#define KEY(id, called, of_type, lives_at, may_stand, ...)                                         \
	[KEY_##id] = {                                                                             \
		.name = called, .type = of_type, .at = lives_at, .flags = may_stand, __VA_ARGS__},
#include "config/keys/key_rows.def"
#undef KEY
};
