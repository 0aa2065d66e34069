/* key_table: the rows of the key table (see key.h). Names follow xinetd.conf(5) where it has the
 * idea, systemd.socket(5) where only that has it. */
#include <stdint.h>
#include <sys/socket.h>

#include "config/key.h"

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
	{NULL, 0},
};

#define AT(field) offsetof(struct draft, field)
#define BOTH      (KEY_IN_SERVICE | KEY_IN_DEFAULTS)
#define COUNT_MAX 1000000
#define BYTES_MAX (1 << 30)
#define DAY_MS    (24 * 3600 * 1000)

const struct key key_table[KEY_COUNT] = {
	[KEY_PORT] = {"port", KEY_TEXT, AT(port), 0, 0, KEY_IN_SERVICE, NULL,
		"the name of the section",
		"name or number of the port, path of a unix socket, tcpmux/NAME"},
	[KEY_BIND] = {"bind", KEY_TEXT, AT(bind), 0, 0, BOTH, NULL, "*",
		"addresses and host names to listen on, with commas between; * is any"},
	[KEY_SOCKET_TYPE] = {"socket_type", KEY_WORD, AT(socktype), 0, 0, KEY_IN_SERVICE, socktypes,
		"stream for tcp and unix, dgram for udp", "kind of socket"},
	[KEY_PROTOCOL] = {"protocol", KEY_PROTO, AT(protocol), 0, 0, KEY_IN_SERVICE, NULL, "tcp",
		"tcp or udp, with 4, 6, 6only or 46 behind to choose the family; or unix"},
	[KEY_WAIT] = {"wait", KEY_YESNO, AT(wait), 0, 0, KEY_IN_SERVICE, NULL,
		"no for stream, yes for dgram", "lend the socket itself to one program at a time"},
	[KEY_USER] = {"user", KEY_TEXT, AT(user), 0, 0, BOTH, NULL, "none: it must be said",
		"user, or user:group, that the program runs as"},
	[KEY_GROUP] = {"group", KEY_TEXT, AT(group), 0, 0, KEY_IN_SERVICE, NULL, "the user's",
		"primary group that the program runs as"},
	[KEY_SERVER] = {"server", KEY_TEXT, AT(server), 0, 0, KEY_IN_SERVICE, NULL,
		"none: it must be said", "path of the program"},
	[KEY_SERVER_ARGS] = {"server_args", KEY_TEXT, AT(server_args), 0, 0, KEY_IN_SERVICE, NULL,
		"none", "arguments of the program, without its name; quotes group"},
	[KEY_INTERNAL] = {"internal", KEY_WORD, AT(builtin), 0, 0, KEY_IN_SERVICE, builtins, "none",
		"built-in service that answers instead of a program"},
	[KEY_INSTANCES] = {"instances", KEY_LIMIT, AT(instances), 1, COUNT_MAX, BOTH, NULL,
		"256; 16384 for built-in streams", "how many run at once"},
	[KEY_PER_SOURCE] = {"per_source", KEY_LIMIT, AT(per_source), 1, COUNT_MAX, BOTH, NULL,
		"128; 8192 for built-in streams", "how many run at once for one source address"},
	[KEY_RATE] = {"rate", KEY_PER_TIME, AT(rate), 1, COUNT_MAX, BOTH, NULL, "unlimited",
		"how many start in a second, minute or hour"},
	[KEY_BURST] = {"burst", KEY_NUMBER, AT(burst), 1, COUNT_MAX, BOTH, NULL,
		"the count of rate", "how many of rate may start at once"},
	[KEY_PER_SOURCE_RATE] = {"per_source_rate", KEY_PER_TIME, AT(per_source_rate), 1, COUNT_MAX,
		BOTH, NULL, "unlimited",
		"how many start in a second, minute or hour for one source address"},
	[KEY_PER_SOURCE_BURST] = {"per_source_burst", KEY_NUMBER, AT(per_source_burst), 1,
		COUNT_MAX, BOTH, NULL, "the count of per_source_rate",
		"how many of per_source_rate may start at once"},
	[KEY_PREFIX4] = {"per_source_prefix4", KEY_NUMBER, AT(prefix4), 1, 32, BOTH, NULL, "32",
		"how many bits of an IPv4 address make a source"},
	[KEY_PREFIX6] = {"per_source_prefix6", KEY_NUMBER, AT(prefix6), 1, 128, BOTH, NULL, "64",
		"how many bits of an IPv6 address make a source"},
	[KEY_SNDBUF] = {"sndbuf", KEY_BYTES, AT(sndbuf_bytes), 1, BYTES_MAX, BOTH | KEY_IN_PROTOCOL,
		NULL, "the system's", "send buffer of the socket in bytes"},
	[KEY_RCVBUF] = {"rcvbuf", KEY_BYTES, AT(rcvbuf_bytes), 1, BYTES_MAX, BOTH | KEY_IN_PROTOCOL,
		NULL, "the system's", "receive buffer of the socket in bytes"},
	[KEY_BACKLOG] = {"backlog", KEY_NUMBER, AT(backlog), 1, INT32_MAX, BOTH, NULL,
		"as -q says, else the system's largest", "how many connections may queue"},
	[KEY_DEFER_ACCEPT] = {"defer_accept", KEY_YESNO, AT(defer_accept), 0, 0, BOTH, NULL, "no",
		"start nothing before the client has sent something"},
	[KEY_SOCKET_MODE] = {"socket_mode", KEY_MODE, AT(socket_mode), 0, 0777, BOTH, NULL, "0666",
		"mode of a unix socket's path"},
	[KEY_SOCKET_USER] = {"socket_user", KEY_TEXT, AT(socket_user), 0, 0, BOTH, NULL,
		"the daemon's", "owner of a unix socket's path"},
	[KEY_SOCKET_GROUP] = {"socket_group", KEY_TEXT, AT(socket_group), 0, 0, BOTH, NULL,
		"the daemon's", "group of a unix socket's path"},
	[KEY_IDLE_TIMEOUT] = {"idle_timeout", KEY_TIME, AT(idle_ms), 1000, DAY_MS, BOTH, NULL,
		"5min", "end a session of a built-in stream service after this long without data"},
	[KEY_REPLY_RATE] = {"reply_rate", KEY_LIMIT, AT(reply_rate), 1, COUNT_MAX, BOTH, NULL, "50",
		"answers a second of a built-in datagram service to one network"},
	[KEY_REPLY_BURST] = {"reply_burst", KEY_NUMBER, AT(reply_burst), 1, COUNT_MAX, BOTH, NULL,
		"100", "how many answers of reply_rate may leave at once"},
	[KEY_DISABLE] = {"disable", KEY_YESNO, AT(disable), 0, 0, KEY_IN_SERVICE, NULL, "no",
		"do not serve this entry"},
	[KEY_STOP_CHILDREN] = {"stop_children", KEY_YESNO, AT(stop_children), 0, 0, KEY_IN_DAEMON,
		NULL, "no", "end the programs too when inetd is told to stop"},
};
