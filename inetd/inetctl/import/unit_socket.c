/* unit_socket: see unit.h. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "inetctl/import/unit.h"
#include "inetctl/import/unit_value.h"

static const struct unit_row rows[] = {
	{"SocketUser", UNIT_KEY, "socket_user", NULL},
	{"SocketGroup", UNIT_KEY, "socket_group", NULL},
	{"SocketMode", UNIT_KEY, "socket_mode", NULL},
	{"DirectoryMode", UNIT_KEY, "socket_dir_mode", NULL},
	{"Backlog", UNIT_KEY, "backlog", NULL},
	{"ReceiveBuffer", UNIT_BYTES, "rcvbuf", NULL},
	{"SendBuffer", UNIT_BYTES, "sndbuf", NULL},
	{"KeepAlive", UNIT_YES, "keepalive", "it is the default"},
	{"KeepAliveTimeSec", UNIT_TIME, "keepalive_time", NULL},
	{"KeepAliveIntervalSec", UNIT_TIME, "keepalive_interval", NULL},
	{"KeepAliveProbes", UNIT_KEY, "keepalive_probes", NULL},
	{"NoDelay", UNIT_YES, "nodelay", "it is the default"},
	{"Priority", UNIT_KEY, "priority", NULL},
	{"Mark", UNIT_KEY, "mark", NULL},
	{"IPTOS", UNIT_KEY, "tos", NULL},
	{"IPTTL", UNIT_KEY, "ttl", NULL},
	{"TCPCongestion", UNIT_KEY, "congestion", NULL},
	{"BindToDevice", UNIT_KEY, "bind_device", NULL},
	{"Transparent", UNIT_YES, "transparent", "it is the default"},
	{"ReusePort", UNIT_YES, "reuse_port", "it is the default"},
	{"PassCredentials", UNIT_YES, "pass_credentials", "it is the default"},
	{"PassSecurity", UNIT_LOST, NULL, "the security context with each message"},
	{"Broadcast", UNIT_IMPLIED, NULL, "a program may set SO_BROADCAST by itself"},
	{"FreeBind", UNIT_IMPLIED, NULL, "an address that is not there yet is tried again"},
	{"RemoveOnStop", UNIT_IMPLIED, NULL, "the path goes with the service"},
	{"FlushPending", UNIT_LOST, NULL, "what waits stays with the socket"},
	{"Symlinks", UNIT_LOST, NULL, "links to the path: make them by hand"},
	{"SELinuxContextFromNet", UNIT_LOST, NULL, "the security context of the peer"},
	{"SmackLabel", UNIT_LOST, NULL, "security labels"},
	{"TriggerLimitIntervalSec", UNIT_LOST, NULL,
		"how often it may be started before the socket fails; here it waits (rate)"},
	{"TriggerLimitBurst", UNIT_LOST, NULL,
		"how often it may be started before the socket fails; here it waits (rate)"},
	{"PollLimitIntervalSec", UNIT_IMPLIED, NULL, "the daemon bounds its turns"},
	{"PollLimitBurst", UNIT_IMPLIED, NULL, "the daemon bounds its turns"},
	{"FileDescriptorName", UNIT_LOST, NULL,
		"LISTEN_FDNAMES is the name of the section: give it that name"},
	{"BindIPv6Only", UNIT_IMPLIED, NULL, "see listen and protocol"},
	{"Service", UNIT_IMPLIED, NULL, "its program is below"},
	{"SocketProtocol", UNIT_IMPLIED, NULL, "protocol above says it"},
	{"TimeoutSec", UNIT_IMPLIED, NULL, "there are no commands around the socket"},
	{"ListenFIFO", UNIT_LOST, NULL, "no FIFO can be listened on"},
	{"ListenSpecial", UNIT_LOST, NULL, "no special file can be listened on"},
	{"ListenNetlink", UNIT_LOST, NULL, "netlink is no protocol here"},
	{"ListenMessageQueue", UNIT_LOST, NULL, "message queues are not served"},
	{"ListenUSBFunction", UNIT_LOST, NULL, "USB endpoints are not served"},
	{"ExecStartPre", UNIT_LOST, NULL, "a command before the socket is made"},
	{"ExecStartPost", UNIT_LOST, NULL, "a command after the socket is made"},
	{"ExecStopPre", UNIT_LOST, NULL, "a command before the socket is closed"},
	{"ExecStopPost", UNIT_LOST, NULL, "a command after the socket is closed"},
	{NULL, 0, NULL, NULL},
};

/* --- where it listens --- */

static const struct {
	const char *name, *type; /* of sockets by path */
} listens[] = {
	{"ListenStream", NULL},
	{"ListenDatagram", "dgram"},
	{"ListenSequentialPacket", "seqpacket"},
};

static bool is_listen(const struct setting *setting)
{
	for (size_t i = 0; setting->name && i < sizeof(listens) / sizeof(listens[0]); i++)
		if (!strcmp(listens[i].name, setting->name))
			return true;
	return false;
}

static bool is_port(const char *value)
{
	return !value[strspn(value, "0123456789")];
}

static bool is_local(const char *value)
{
	return *value == '/' || *value == '@';
}

static const struct setting *first_listen(const struct unit *unit)
{
	const struct setting *setting;

	STAILQ_FOREACH (setting, &unit->settings, in_unit)
		if (is_listen(setting))
			return setting;
	return NULL;
}

static void listen_type(struct unit_pair *pair, const struct setting *first, bool ports, bool local)
{
	const char *asked = unit_file_value(&pair->socket, "Socket", "SocketProtocol");
	const char *family = asked ? asked : pair->is_datagram ? "udp" : "tcp", *type = NULL;

	for (size_t i = 0; i < sizeof(listens) / sizeof(listens[0]); i++)
		if (!strcmp(listens[i].name, first->name))
			type = listens[i].type;
	if (local && type)
		conversion_key(pair->section, first->origin, "socket_type", type);
	if (ports && (!pair->accepts || pair->is_datagram))
		conversion_key(pair->section, first->origin, "protocol",
			conversion_text(pair->conversion, "%s46", family));
	else if (!local && (asked || pair->is_datagram))
		conversion_key(pair->section, first->origin, "protocol", family);
}

/* All addresses of one kind, in their order. */
static void listen_on(struct unit_pair *pair)
{
	const struct setting *first = first_listen(&pair->socket), *setting;
	const char *only = unit_file_value(&pair->socket, "Socket", "BindIPv6Only"), *all = "";
	bool ports = true, local = true;

	STAILQ_FOREACH (setting, &pair->socket.settings, in_unit) {
		const char *place = setting->value;

		if (!is_listen(setting))
			continue;
		if (strcmp(setting->name, first->name) != 0) {
			conversion_lost(pair->section, setting->origin,
				"a service has sockets of one kind: write a section of its own");
			continue;
		}
		if (is_port(place) && only && !strcmp(only, "ipv6-only"))
			place = conversion_text(pair->conversion, "[::]:%s", place);
		ports &= is_port(place);
		local &= is_local(place);
		all = conversion_text(pair->conversion, "%s%s%s", all, *all ? " " : "", place);
	}
	conversion_key(pair->section, first->origin, "listen", all);
	listen_type(pair, first, ports, local);
}

/* --- the rest --- */

static void accepts(struct unit_pair *pair)
{
	const struct setting *accept = unit_file_find(&pair->socket, "Socket", "Accept");
	struct origin origin = accept ? accept->origin : first_listen(&pair->socket)->origin;

	if (!accept)
		origin.text = "Accept=no, the default";
	if (pair->accepts) {
		conversion_implied(pair->section, origin, "it is the default for streams");
		return;
	}
	if (pair->is_datagram)
		conversion_implied(pair->section, origin, "datagrams are always served so");
	else
		conversion_key(pair->section, origin, "wait", "yes");
	if (!pair->has_classic_fd)
		conversion_key(pair->section, origin, "activation", "systemd");
}

static void at_most(struct unit_pair *pair, const struct setting *setting, const char *key)
{
	if (!pair->accepts) {
		conversion_implied(pair->section, setting->origin, "it is for Accept=yes");
		return;
	}
	conversion_key(pair->section, setting->origin, key,
		strcmp(setting->value, "0") ? setting->value : "unlimited");
	if (!strcmp(key, "instances"))
		conversion_lost(pair->section, setting->origin,
			"what is over it is refused; here it waits, or is refused with overload = "
			"refuse");
}

/* What the daemon does for tcp alone. */
static bool is_of_tcp(const char *name)
{
	return !strncmp(name, "KeepAlive", strlen("KeepAlive")) || !strcmp(name, "NoDelay") ||
	       !strcmp(name, "TCPCongestion") || !strcmp(name, "DeferAcceptSec");
}

static void socket_setting(struct unit_pair *pair, const struct setting *setting)
{
	if (is_listen(setting) || !strcmp(setting->name, "Accept"))
		return;
	if (is_of_tcp(setting->name) &&
		unit_file_value(&pair->socket, "Socket", "SocketProtocol")) {
		conversion_lost(pair->section, setting->origin, "it is for tcp alone");
		return;
	}
	if (!strcmp(setting->name, "MaxConnections"))
		at_most(pair, setting, "instances");
	else if (!strcmp(setting->name, "MaxConnectionsPerSource"))
		at_most(pair, setting, "per_source");
	else if (!strcmp(setting->name, "Timestamping"))
		conversion_key(pair->section, setting->origin, "timestamps",
			strcmp(setting->value, "off") ? "yes" : "no");
	else if (!strcmp(setting->name, "DeferAcceptSec"))
		conversion_key(pair->section, setting->origin, "defer_accept", "yes");
	else if (!unit_row(pair, setting, rows))
		conversion_lost(pair->section, setting->origin, "it has no counterpart");
}

/* What may be set several times, with all of them meant. */
static bool is_list(const char *name)
{
	return !strncmp(name, "Listen", strlen("Listen")) ||
	       !strncmp(name, "Exec", strlen("Exec")) || strstr(name, "Environment") ||
	       strstr(name, "Paths");
}

static void settings(struct unit_pair *pair, const struct unit *unit)
{
	const struct setting *setting;

	STAILQ_FOREACH (setting, &unit->settings, in_unit) {
		if (!setting->name)
			conversion_comment(pair->section, setting->value);
		else if (!is_list(setting->name) &&
			 setting != unit_file_find(unit, setting->section, setting->name))
			conversion_implied(pair->section, setting->origin, "it is set again later");
		else if (!strcmp(setting->section, "Socket"))
			socket_setting(pair, setting);
		else if (!strcmp(setting->section, "Service"))
			unit_service(pair, setting);
		else if (!strcmp(setting->name, "DefaultInstance"))
			conversion_lost(pair->section, setting->origin,
				"which instance is meant by the template: one was imported");
		else
			conversion_implied(pair->section, setting->origin,
				"what belongs together and begins when is the daemon's");
	}
}

/* The path of a unit beside the socket's. */
static const char *service_path(struct unit_pair *pair)
{
	const struct unit *socket = &pair->socket;
	const char *slash = strrchr(socket->path, '/'), *dot = strrchr(socket->name, '.');
	const char *named = unit_file_value(socket, "Socket", "Service");
	int len = (int)(slash ? slash + 1 - socket->path : 0);

	if (named)
		return conversion_text(pair->conversion, "%.*s%s", len, socket->path, named);
	if (pair->accepts)
		return conversion_text(
			pair->conversion, "%.*s%s@.service", len, socket->path, socket->prefix);
	return conversion_text(pair->conversion, "%.*s%.*s.service", len, socket->path,
		(int)(dot - socket->name), socket->name);
}

bool unit_convert(struct conversion *conversion, const char *path)
{
	struct unit_pair pair = {.conversion = conversion};
	const char *input, *instance;
	const struct setting *first;

	if (!unit_file_read(conversion, path, &pair.socket))
		return false;
	instance = unit_file_value(&pair.socket, "Install", "DefaultInstance");
	if (strchr(pair.socket.name, '@') && !*pair.socket.instance && instance)
		return unit_convert(
			conversion, conversion_text(conversion, "%.*s@%s.socket",
					    (int)(strrchr(path, '@') - path), path, instance));
	first = first_listen(&pair.socket);
	if (!first) {
		fprintf(stderr, "inetctl: %s: listens on nothing that can be served\n", path);
		return false;
	}
	pair.accepts = unit_file_is_yes(unit_file_value(&pair.socket, "Socket", "Accept"));
	pair.is_datagram = !strcmp(first->name, "ListenDatagram");
	if (!unit_file_read(conversion, service_path(&pair), &pair.service))
		return false;
	input = unit_file_value(&pair.service, "Service", "StandardInput");
	pair.has_classic_fd = input && !strcmp(input, "socket");
	pair.section = conversion_section(conversion,
		conversion_text(conversion, "%s%s%s", pair.socket.prefix,
			*pair.socket.instance ? "-" : "", pair.socket.instance),
		(struct origin){path, 1, ""});
	listen_on(&pair);
	accepts(&pair);
	settings(&pair, &pair.socket);
	settings(&pair, &pair.service);
	if (!unit_file_find(&pair.service, "Service", "User"))
		conversion_key(pair.section,
			(struct origin){pair.service.path, 1, "User=root, the default"}, "user",
			"root");
	if (!unit_file_find(&pair.service, "Service", "StandardError"))
		conversion_key(pair.section,
			(struct origin){pair.service.path, 1, "StandardError=journal, the default"},
			"stderr", "log");
	if (!pair.has_classic_fd && !unit_file_find(&pair.service, "Service", "StandardOutput"))
		conversion_lost(pair.section,
			(struct origin){
				pair.service.path, 1, "StandardOutput=journal, the default"},
			"%s",
			pair.accepts ? "the connection is on descriptors 0 and 1 here, and not on 3"
				     : "descriptors 0 and 1 are the socket here, as 3 is");
	return true;
}
