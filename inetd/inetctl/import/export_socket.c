/* export_socket: see export.h. */
#include <arpa/inet.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include "inetctl/import/export.h"

struct listens {
	const struct export_section *section;
	FILE *out;
	const char *directive, *transport; /* "ListenStream", "tcp" */
	int lost;
};

bool export_accepts(const struct export_section *section)
{
	const char *wait = export_value(section, "wait");

	return !wait || strcmp(wait, "yes") != 0;
}

static int lose(struct listens *listens, const char *place, const char *why)
{
	fprintf(listens->out, "# LOST: listen = %s: %s\n", place, why);
	return ++listens->lost;
}

/* A port by name or number, with the address in front; 4 and 6 of the protocol choose the family.
 */
static void put_port(struct listens *listens, const char *host, const char *port)
{
	const char *protocol = export_value(listens->section, "protocol");
	const struct servent *entry = getservbyname(port, listens->transport);
	const char *family = protocol ? protocol + strcspn(protocol, "46") : "";
	struct in6_addr six;
	struct in_addr four;
	char number[12];

	if (entry) {
		snprintf(number, sizeof(number), "%u", ntohs((uint16_t)entry->s_port));
		port = number;
	}
	if (port[strspn(port, "0123456789")])
		lose(listens, port, "no number is known for the port");
	else if (!*host || !strcmp(host, "*"))
		fprintf(listens->out, "%s=%s%s\n", listens->directive,
			!strcmp(family, "4") ? "0.0.0.0:"
			: *family == '6'     ? "[::]:"
					     : "",
			port);
	else if (inet_pton(AF_INET, host, &four) == 1)
		fprintf(listens->out, "%s=%s:%s\n", listens->directive, host, port);
	else if (inet_pton(AF_INET6, host, &six) == 1)
		fprintf(listens->out, "%s=[%s]:%s\n", listens->directive, host, port);
	else
		lose(listens, host, "systemd takes no names of hosts");
}

static void put_ports(struct listens *listens, const char *host, const char *port)
{
	char *end, number[12];
	unsigned long first = strtoul(port, &end, 10), last;

	if (end == port || *end != '-') {
		put_port(listens, host, port);
		return;
	}
	for (last = strtoul(end + 1, NULL, 10); first <= last && last <= UINT16_MAX; first++) {
		snprintf(number, sizeof(number), "%lu", first);
		put_port(listens, host, number);
	}
}

/* Without an address: on each of bind. */
static void put_bound(struct listens *listens, const char *port)
{
	const char *bind = export_value(listens->section, "bind");
	char *copy = strdup(bind ? bind : "*"), *rest = copy, *host;

	while (copy && (host = strsep(&rest, ",")))
		put_ports(listens, host, port);
	free(copy);
}

static void put_place(struct listens *listens, char *place)
{
	char *colon = strrchr(place, ':');

	if (!strncmp(place, "vsock:*:", 8)) { /* no number there means any */
		fprintf(listens->out, "%s=vsock::%s\n", listens->directive, place + 8);
		return;
	}
	if (*place == '/' || *place == '@' || !strncmp(place, "vsock:", 6)) {
		fprintf(listens->out, "%s=%s\n", listens->directive, place);
		return;
	}
	if (!colon) {
		put_bound(listens, place);
		return;
	}
	*colon = 0;
	if (*place == '[' && colon[-1] == ']') {
		colon[-1] = 0;
		place++;
	}
	put_ports(listens, place, colon + 1);
}

static void put_listens(struct listens *listens)
{
	const char *listen = export_value(listens->section, "listen");
	const char *port = export_value(listens->section, "port");
	const char *type = export_value(listens->section, "socket_type");
	char *copy = strdup(listen ? listen : port ? port : ""), *rest = copy, *place;

	listens->directive = type && !strcmp(type, "dgram")       ? "ListenDatagram"
			     : type && !strcmp(type, "seqpacket") ? "ListenSequentialPacket"
								  : "ListenStream";
	listens->transport = type && !strcmp(type, "dgram") ? "udp" : "tcp";
	while (copy && (place = strsep(&rest, " ,")))
		if (*place)
			put_place(listens, place);
	free(copy);
}

static const struct {
	const char *key, *directive;
} rows[] = {
	{"backlog", "Backlog"},
	{"rcvbuf", "ReceiveBuffer"},
	{"sndbuf", "SendBuffer"},
	{"socket_mode", "SocketMode"},
	{"socket_user", "SocketUser"},
	{"socket_group", "SocketGroup"},
	{"socket_dir_mode", "DirectoryMode"},
	{"keepalive", "KeepAlive"},
	{"nodelay", "NoDelay"},
	{"pass_credentials", "PassCredentials"},
	{"bind_device", "BindToDevice"},
	{"keepalive_time", "KeepAliveTimeSec"},
	{"keepalive_interval", "KeepAliveIntervalSec"},
	{"keepalive_probes", "KeepAliveProbes"},
	{"tos", "IPTOS"},
	{"ttl", "IPTTL"},
	{"mark", "Mark"},
	{"priority", "Priority"},
	{"congestion", "TCPCongestion"},
	{"transparent", "Transparent"},
	{"reuse_port", "ReusePort"},
	{"freebind", "FreeBind"},
};

/* systemd knows no number that means any. */
static void put_most(
	const struct export_section *section, FILE *out, const char *key, const char *directive)
{
	const char *value = export_value(section, key);

	if (value && export_accepts(section))
		fprintf(out, "%s=%s\n", directive, strcmp(value, "unlimited") ? value : "1000000");
}

/* systemd.socket(5) names them in a directive of their own. */
static const char *const others[] = {"mptcp", "sctp", "udplite"};

int export_socket(const struct export_section *section, FILE *out)
{
	struct listens listens = {.section = section, .out = out};
	const char *protocol = export_value(section, "protocol");
	const char *defer = export_value(section, "defer_accept");

	fprintf(out, "[Socket]\n");
	put_listens(&listens);
	if (protocol && strchr(protocol, '6'))
		fprintf(out, "BindIPv6Only=%s\n", strstr(protocol, "46") ? "both" : "ipv6-only");
	for (size_t i = 0; protocol && i < sizeof(others) / sizeof(others[0]); i++)
		if (!strncmp(protocol, others[i], strlen(others[i])))
			fprintf(out, "SocketProtocol=%s\n", others[i]);
	fprintf(out, "Accept=%s\n", export_accepts(section) ? "yes" : "no");
	put_most(section, out, "instances", "MaxConnections");
	put_most(section, out, "per_source", "MaxConnectionsPerSource");
	if (defer && !strcmp(defer, "yes"))
		fprintf(out, "DeferAcceptSec=10\n");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (export_value(section, rows[i].key) &&
			!export_is_default(rows[i].key, export_value(section, rows[i].key)))
			export_put(out, rows[i].directive, export_value(section, rows[i].key));
	fprintf(out, "\n[Install]\nWantedBy=sockets.target\n");
	return listens.lost;
}
