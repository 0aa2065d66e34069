/* xinetd_socket: see xinetd.h. Without flags a service of xinetd is one IPv6 socket for both
 * families; plain tcp and udp serve the same callers by two sockets, which for a program that is
 * handed its socket would be two programs. */
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include "base/rpcname.h"
#include "inetctl/import/xinetd.h"

static const char *value_of(const struct xinetd_service *service, const char *name)
{
	const struct attribute *attribute = xinetd_file_find(service->entry, name);

	return attribute && attribute->count ? attribute->words[0] : NULL;
}

/* What protocols(5) has besides tcp and udp, and we serve. */
static bool is_other(const char *protocol)
{
	return !strcmp(protocol, "sctp") || !strcmp(protocol, "udplite") ||
	       !strcmp(protocol, "mptcp");
}

static const char *transport_of(const struct entry *entry)
{
	const struct attribute *type = xinetd_file_find(entry, "socket_type");
	const struct attribute *protocol = xinetd_file_find(entry, "protocol");

	if (protocol && protocol->count && is_other(protocol->words[0]))
		return protocol->words[0];
	if (protocol && protocol->count)
		return strncmp(protocol->words[0], "udp", 3) ? "tcp" : "udp";
	return xinetd_file_has_word(type, "dgram") ? "udp" : "tcp";
}

const char *xinetd_section_name(
	struct conversion *conversion, const struct entry *entry, const struct entries *entries)
{
	const struct attribute *id = xinetd_file_find(entry, "id");
	const struct entry *other;
	bool alone = true, told_apart = true;

	if (!entry->name)
		return "defaults";
	STAILQ_FOREACH (other, entries, in_file)
		if (!other->name && id && id->count &&
			xinetd_file_has_word(xinetd_file_find(other, "disabled"), id->words[0]))
			return id->words[0]; /* by which it is switched off */
	STAILQ_FOREACH (other, entries, in_file)
		if (other != entry && other->name && !strcmp(other->name, entry->name)) {
			alone = false;
			told_apart &= strcmp(transport_of(other), transport_of(entry)) != 0;
		}
	if (alone)
		return entry->name;
	if (told_apart)
		return conversion_text(conversion, "%s/%s", entry->name, transport_of(entry));
	return id && id->count ? id->words[0] : entry->name;
}

static bool is_literal(const char *host, char kind)
{
	return host && strchr(host, kind) && !host[strspn(host, "0123456789abcdefABCDEF.:")];
}

static bool is_rpc(const struct xinetd_service *service)
{
	return xinetd_file_has_word(xinetd_file_find(service->entry, "type"), "RPC");
}

/* 4, 6 and 46 as in tcp46; "" for both families on two sockets. */
static const char *families(const struct xinetd_service *service, const char *host)
{
	const struct attribute *flags = xinetd_file_find(service->entry, "flags");
	bool one_program = service->is_wait && !service->is_builtin;

	if (xinetd_file_has_word(xinetd_file_find(service->entry, "v6only"), "yes"))
		return "6";
	if (is_literal(host, '.') || (is_literal(host, ':') && strcmp(host, "::") != 0))
		return "";
	if ((xinetd_file_has_word(flags, "IPv4") || is_rpc(service)) &&
		!xinetd_file_has_word(flags, "IPv6"))
		return "4";
	return xinetd_file_has_word(flags, "IPv6") || one_program || (host && !strcmp(host, "::"))
		       ? "46"
		       : "";
}

/* True if the port is the one that services(5) has for the name. */
static bool is_listed(const char *name, const char *transport, const char *port)
{
	const struct servent *entry = getservbyname(name, transport);

	return entry && ntohs((uint16_t)entry->s_port) == strtol(port, NULL, 10);
}

static struct origin origin_of(const struct xinetd_service *service, const char *name)
{
	const struct attribute *attribute = xinetd_file_find(service->entry, name);

	return attribute ? attribute->origin : service->entry->origin;
}

static void listen_on(struct xinetd_service *service, const char *host, const char *port)
{
	bool v6 = is_literal(host, ':');

	conversion_key(service->section,
		origin_of(service, value_of(service, "port") ? "port" : "bind"), "listen",
		host ? conversion_text(service->conversion, v6 ? "[%s]:%s" : "%s:%s", host, port)
		     : port);
}

void xinetd_socket(struct xinetd_service *service)
{
	const struct attribute *type = xinetd_file_find(service->entry, "type");
	const char *transport = transport_of(service->entry), *port = value_of(service, "port");
	const char *host = value_of(service, "bind") ?: value_of(service, "interface"), *suffix;
	const char *name = service->entry->name;

	if (xinetd_file_has_word(type, "TCPMUX") || xinetd_file_has_word(type, "TCPMUXPLUS"))
		return;
	suffix = families(service, host);
	if (host && !strcmp(host, "::"))
		host = NULL;
	if (strcmp(service->section->name, name) && !strchr(service->section->name, '/') && !port &&
		!is_rpc(service))
		port = name;
	else if (port && !strcmp(service->section->name, name) &&
		 !xinetd_file_has_word(type, "UNLISTED") && is_listed(name, transport, port))
		port = NULL;
	else if (port && strchr(service->section->name, '/') && is_listed(name, transport, port))
		port = NULL;
	if (port)
		listen_on(service, host, port);
	else if (host)
		conversion_key(service->section, origin_of(service, "bind"), "bind", host);
	if (*suffix || (strcmp(transport, "tcp") != 0 && !strchr(service->section->name, '/')))
		conversion_key(service->section, origin_of(service, "socket_type"), "protocol",
			conversion_text(service->conversion, "%s%s", transport, suffix));
	if (service->is_wait && !service->is_datagram)
		conversion_key(service->section, origin_of(service, "wait"), "wait", "yes");
}

void xinetd_socket_type(struct xinetd_service *service, const struct attribute *attribute)
{
	const char *type = attribute->count ? attribute->words[0] : "";

	if (!strcmp(type, "stream") || !strcmp(type, "dgram"))
		conversion_implied(service->section, attribute->origin, "it follows from protocol");
	else
		conversion_shut(service->section, attribute->origin,
			"no protocol here has sockets of that type");
}

void xinetd_protocol(struct xinetd_service *service, const struct attribute *attribute)
{
	const char *name = attribute->count ? attribute->words[0] : "";

	if (!strncmp(name, "tcp", 3) || !strncmp(name, "udp", 3) || is_other(name))
		conversion_implied(service->section, attribute->origin,
			"tcp is the default, and protocol above says what differs");
	else
		conversion_shut(service->section, attribute->origin, "the protocol is not served");
}

void xinetd_wait(struct xinetd_service *service, const struct attribute *attribute)
{
	if (service->is_datagram && !service->is_wait && !service->is_builtin)
		conversion_key(service->section, attribute->origin, "wait", "no");
	else
		conversion_implied(service->section, attribute->origin,
			service->is_builtin    ? "built-in services wait for nobody"
			: service->is_datagram ? "datagrams are always served so"
			: service->is_wait     ? "see wait above"
					       : "it is the default for streams");
}

void xinetd_port(struct xinetd_service *service, const struct attribute *attribute)
{
	conversion_implied(service->section, attribute->origin,
		"see listen above, or it is that of services(5)");
}

void xinetd_bind(struct xinetd_service *service, const struct attribute *attribute)
{
	bool any = attribute->count && !strcmp(attribute->words[0], "::");

	if (!service->entry->name && attribute->count && !any)
		conversion_key(service->section, attribute->origin, "bind", attribute->words[0]);
	else
		conversion_implied(service->section, attribute->origin,
			any ? "all addresses of both families, as by default"
			    : "see listen or bind above");
}

/* Registered as what the service is called, or as a number that is set. */
static void rpc(struct xinetd_service *service, const struct attribute *attribute)
{
	const char *number = value_of(service, "rpc_number");
	const char *versions = value_of(service, "rpc_version");
	uint32_t known;

	if (!versions)
		conversion_shut(service->section, attribute->origin,
			"rpc_version is missing: the versions that rpcbind is to be told");
	else if (!number && !rpcname_number(service->entry->name, &known))
		conversion_shut(service->section, attribute->origin,
			"rpc(5) has no program %s: write its number in rpc", service->entry->name);
	else
		conversion_key(service->section, attribute->origin, "rpc",
			conversion_text(service->conversion, "%s/%s",
				number ? number : service->entry->name, versions));
}

void xinetd_type(struct xinetd_service *service, const struct attribute *attribute)
{
	static const char *const builtins[] = {
		"echo", "discard", "chargen", "daytime", "time", "tcpmux", NULL};
	const char *name = service->entry->name;
	size_t i = 0;

	if (xinetd_file_has_word(attribute, "RPC")) {
		rpc(service, attribute);
	} else if (xinetd_file_has_word(attribute, "TCPMUXPLUS")) {
		conversion_key(service->section, attribute->origin, "mux",
			conversion_text(service->conversion, "+%s", name));
	} else if (xinetd_file_has_word(attribute, "TCPMUX")) {
		conversion_key(service->section, attribute->origin, "mux", name);
	} else if (xinetd_file_has_word(attribute, "INTERNAL") && !service->is_sensor) {
		while (builtins[i] && strcmp(builtins[i], name) != 0)
			i++;
		if (builtins[i])
			conversion_key(service->section, attribute->origin, "internal", name);
		else
			conversion_shut(service->section, attribute->origin,
				"there is no built-in service %s", name);
	} else {
		conversion_implied(
			service->section, attribute->origin, "a section may listen on any port");
	}
}

static const struct {
	const char *name, *key, *why;
} flags[] = {
	{"REUSE", NULL, "sockets are always set so"},
	{"IPv4", NULL, "see protocol above, or the address says it"},
	{"IPv6", NULL, "see protocol above, or the address says it"},
	{"NAMEINARGS", NULL, "see argv0"},
	{"NOLIBWRAP", NULL, "tcp wrappers are asked with -w alone"},
	{"NORETRY", NULL, "a start that fails is tried again after a pause"},
	{"NODELAY", "nodelay", NULL},
	{"KEEPALIVE", "keepalive", NULL},
	{"INTERCEPT", NULL, NULL},
	{"IDONLY", NULL, NULL},
	{"LABELED", NULL, NULL},
};

static void flag(
	struct xinetd_service *service, const struct attribute *attribute, const char *word)
{
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		if (strcasecmp(flags[i].name, word) != 0)
			continue;
		if (flags[i].key)
			conversion_key(service->section, attribute->origin, flags[i].key, "yes");
		else if (flags[i].why)
			conversion_implied(service->section, attribute->origin, flags[i].why);
		else
			conversion_lost(
				service->section, attribute->origin, "%s has no counterpart", word);
		return;
	}
	conversion_lost(service->section, attribute->origin, "the flag %s is not known", word);
}

/* Who calls is kept away: from all services there, here from this one. */
static void sensor(struct xinetd_service *service, const struct attribute *attribute)
{
	conversion_key(service->section, attribute->origin, "internal", "discard");
	conversion_key(service->section, attribute->origin, "no_access", "0.0.0.0/0 ::/0");
	conversion_key(service->section, attribute->origin, "deny_after", "1");
	conversion_key(service->section, attribute->origin, "deny_scope", "all");
}

void xinetd_flags(struct xinetd_service *service, const struct attribute *attribute)
{
	for (char **word = attribute->words; *word; word++) {
		if (!strcasecmp(*word, "DISABLE"))
			conversion_key(service->section, attribute->origin, "disable", "yes");
		else if (!strcasecmp(*word, "SENSOR"))
			sensor(service, attribute);
		else
			flag(service, attribute, *word);
	}
}
