/* key_table: the rows of the key table (see key.h). Names follow xinetd.conf(5) where it has
 * the idea, systemd.socket(5) where only that has it. */
#include <stdint.h>
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
	{NULL, 0},
};

static const struct key_word activations[] = {
	{"inetd", ACTIVATION_INETD},
	{"systemd", ACTIVATION_SYSTEMD},
	{NULL, 0},
};

static const struct key_word overloads[] = {
	{"queue", OVERLOAD_QUEUE},
	{"refuse", OVERLOAD_REFUSE},
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

static const struct key_word formats[] = {
	{"text", LOG_FORMAT_TEXT},
	{"json", LOG_FORMAT_JSON},
	{NULL, 0},
};

#define AT(field) offsetof(struct draft, field)
#define BOTH      (KEY_IN_SERVICE | KEY_IN_DEFAULTS)
#define COUNT_MAX 1000000
#define BYTES_MAX (1 << 30)
#define DAY_MS    (24 * 3600 * 1000)
#define LONG_MS   (40 * (int64_t)DAY_MS)

const struct key key_table[KEY_COUNT] = {
	[KEY_LISTEN] = {"listen", KEY_LISTENERS, AT(listen), 0, 0, KEY_IN_SERVICE, NULL,
		"the name of the section",
		"where to listen, several with blanks between: [addr:]port, [addr:]first-last, "
		"/path, @name"},
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
	[KEY_SERVER_ARGS] = {"server_args", KEY_COMMAND, AT(server_args), 0, 0, KEY_IN_SERVICE,
		NULL, "none", "arguments of the program, without its name; quotes group"},
	[KEY_ARGV0] = {"argv0", KEY_TEXT, AT(argv0), 0, 0, KEY_IN_SERVICE | KEY_MAY_BE_EMPTY, NULL,
		"the last part of server", "the name that the program is called by, its argv[0]"},
	[KEY_WRAPPER] = {"wrapper", KEY_COMMAND, AT(wrapper), 0, 0, BOTH, NULL, "none",
		"a command, as an absolute path and arguments, put in front of the program"},
	[KEY_INTERNAL] = {"internal", KEY_WORD, AT(builtin), 0, 0, KEY_IN_SERVICE, builtins, "none",
		"built-in service that answers instead of a program"},
	[KEY_MUX] = {"mux", KEY_TEXT, AT(mux), 0, 0, KEY_IN_SERVICE, NULL, "none",
		"name that tcpmux serves it by, instead of a port; + in front has +Go sent first"},
	[KEY_ACTIVATION] = {"activation", KEY_WORD, AT(activation), 0, 0, KEY_IN_SERVICE,
		activations, "inetd",
		"systemd: a wait program finds the socket on descriptor 3 too, with LISTEN_FDS"},
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
	[KEY_PREFIX4] = {"source_prefix4", KEY_NUMBER, AT(prefix4), 1, 32, BOTH, NULL, "32",
		"how many bits of an IPv4 address make a source"},
	[KEY_PREFIX6] = {"source_prefix6", KEY_NUMBER, AT(prefix6), 1, 128, BOTH, NULL, "64",
		"how many bits of an IPv6 address make a source"},
	[KEY_EXEMPT] = {"exempt", KEY_NETWORKS, AT(exempt), 0, 0, BOTH, NULL, "none",
		"networks that the limits by source and deny_time do not apply to"},
	[KEY_OVERLOAD] = {"overload", KEY_WORD, AT(overload), 0, 0, BOTH, overloads, "queue",
		"connections over a limit of the service wait (queue) or are closed (refuse)"},
	[KEY_BUSY_MESSAGE] = {"busy_message", KEY_MESSAGE, AT(busy_message), 0, 0, BOTH, NULL,
		"none", "text, or path of a file with it, for connections that a limit keeps out"},
	[KEY_MAX_TIME] = {"max_time", KEY_TIME, AT(max_time_ms), 1, LONG_MS,
		BOTH | KEY_MAY_BE_UNSET, NULL, "unlimited",
		"a program gets TERM after this long, a built-in session is closed"},
	[KEY_KILL_AFTER] = {"kill_after", KEY_TIME, AT(kill_after_ms), 1, DAY_MS, BOTH, NULL, "10s",
		"a program that outlives the TERM of max_time by this long gets KILL"},
	[KEY_MAX_LOAD] = {"max_load", KEY_LOAD, AT(max_load), 1, 100 * COUNT_MAX,
		BOTH | KEY_MAY_BE_UNSET, NULL, "unlimited",
		"load average of one minute from which on nothing is started"},
	[KEY_ONLY_FROM] = {"only_from", KEY_NETWORKS, AT(only_from), 0, 0, BOTH, NULL, "anybody",
		"networks that may use the service; the most specific of both lists decides"},
	[KEY_NO_ACCESS] = {"no_access", KEY_NETWORKS, AT(no_access), 0, 0, BOTH, NULL, "nobody",
		"networks that may not use the service"},
	[KEY_ACCESS_TIMES] = {"access_times", KEY_TIMES, AT(access_times), 0, 0, BOTH, NULL,
		"always", "when it may be used: Mon-Fri 08:00-18:00, Sat 10:00-14:00; local time"},
	[KEY_DENY_TIME] = {"deny_time", KEY_TIME, AT(deny_ms), 1000, DAY_MS,
		BOTH | KEY_MAY_BE_UNSET, NULL, "never",
		"how long a source that was refused deny_after times is ignored"},
	[KEY_DENY_AFTER] = {"deny_after", KEY_NUMBER, AT(deny_after), 1, COUNT_MAX, BOTH, NULL,
		"10", "how many refusals within deny_time it takes"},
	[KEY_ENV] = {"env", KEY_ENVIRONMENT, AT(env), 0, 0, BOTH, NULL, "none",
		"variables for the program, as NAME=VALUE; quotes group"},
	[KEY_PASSENV] = {"passenv", KEY_NAMES, AT(passenv), 0, 0, BOTH, NULL, "none",
		"names of variables of the daemon that the program gets too"},
	[KEY_CLEAN_ENV] = {"clean_env", KEY_YESNO, AT(clean_env), 0, 0, BOTH, NULL,
		"yes, no with -E", "no: the program gets all variables of the daemon"},
	[KEY_STDERR] = {"stderr", KEY_OUTPUT, AT(stderr_to), 0, 0, BOTH, NULL, "socket",
		"where the program's errors go: socket, log, null, or a file to append to"},
	[KEY_BANNER] = {"banner", KEY_MESSAGE, AT(banner), 0, 0, BOTH, NULL, "none",
		"text, or path of a file with it, sent before the service begins"},
	[KEY_BANNER_FAIL] = {"banner_fail", KEY_MESSAGE, AT(banner_fail), 0, 0, BOTH, NULL, "none",
		"text, or path of a file with it, for connections that access rules keep out"},
	[KEY_LOG] = {"log", KEY_EVENTS, AT(log), 0, 0, BOTH, NULL,
		"refuse, with -l start exit refuse",
		"what is logged of it: start, exit, refuse, several with blanks between, or none"},
	[KEY_LOG_LEVEL] = {"log_level", KEY_WORD, AT(log_level), 0, 0, BOTH | KEY_IN_DAEMON, levels,
		"info", "the least urgent that is logged of it"},
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
	[KEY_IDLE_TIME] = {"idle_time", KEY_TIME, AT(idle_ms), 1000, DAY_MS, BOTH, NULL, "5min",
		"end a session of a built-in stream service after this long without data"},
	[KEY_REPLY_RATE] = {"reply_rate", KEY_LIMIT, AT(reply_rate), 1, COUNT_MAX, BOTH, NULL, "50",
		"answers a second of a built-in datagram service to one network"},
	[KEY_REPLY_BURST] = {"reply_burst", KEY_NUMBER, AT(reply_burst), 1, COUNT_MAX, BOTH, NULL,
		"100", "how many answers of reply_rate may leave at once"},
	[KEY_DISABLE] = {"disable", KEY_YESNO, AT(disable), 0, 0, KEY_IN_SERVICE, NULL, "no",
		"do not serve this entry"},
	[KEY_CHILDREN] = {"children", KEY_LIMIT, AT(children), 1, COUNT_MAX, KEY_IN_DAEMON, NULL,
		"unlimited", "how many programs of all services run at once"},
	[KEY_STOP_CHILDREN] = {"stop_children", KEY_YESNO, AT(stop_children), 0, 0, KEY_IN_DAEMON,
		NULL, "no", "end the programs too when inetd is told to stop"},
	[KEY_CONTROL_GROUP] = {"control_group", KEY_TEXT, AT(control_group), 0, 0, KEY_IN_DAEMON,
		NULL, "none", "group whose members may ask the daemon by inetctl, not change it"},
	[KEY_LOG_FORMAT] = {"log_format", KEY_WORD, AT(log_format), 0, 0, KEY_IN_DAEMON, formats,
		"text", "lines of the log as text with name=value behind, or as JSON objects"},
};
