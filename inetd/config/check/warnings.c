/* warnings: see warnings.h. */
#include "config/check/warnings.h"

#include <arpa/inet.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "config/check/dialect_warnings.h"
#include "config/file.h"
#include "config/keys/key.h"
#include "config/keys/protocol.h"

#define REASON (PATH_MAX + 48)

#define WARN(load, where, ...) diag_add((load)->diag, DIAG_WARNING, where, __VA_ARGS__)

/* True if a list holds every address of one family. */
static bool holds_all(const struct networks *networks, bool v4)
{
	for (size_t i = 0; i < networks->count; i++)
		if (!networks->list[i].bits && networks->list[i].v4 == v4)
			return true;
	return false;
}

/* The families of which anybody may come in. */
static unsigned open_families(const struct access *access)
{
	const struct networks *only = &access->only_from;
	bool anybody = !only->count && !only->names;
	unsigned families = 0;

	if ((anybody || holds_all(only, true)) && !holds_all(&access->no_access, true))
		families |= FAMILY_INET;
	if ((anybody || holds_all(only, false)) && !holds_all(&access->no_access, false))
		families |= FAMILY_INET6;
	return families;
}

/* The families of which anybody can ask for the service at its own sockets. */
static unsigned asked_from(const struct service *service)
{
	unsigned families = 0;

	for (size_t i = 0; i < service->endpoint_count; i++) {
		const struct endpoint *endpoint = &service->endpoints[i];

		if (!sockaddr_kept_is_wildcard(&endpoint->addr))
			continue;
		if (endpoint->dual || endpoint->addr.addr.sa.sa_family == AF_INET)
			families |= FAMILY_INET;
		if (endpoint->addr.addr.sa.sa_family == AF_INET6)
			families |= FAMILY_INET6;
	}
	return families & open_families(&service->policy->access);
}

/* The same by tcpmux. */
static unsigned passed_on_from(const struct config *config, const struct service *service)
{
	unsigned families = 0;

	for (size_t i = 0; i < config->service_count; i++)
		if (config->services[i]->builtin == BUILTIN_TCPMUX)
			families |= asked_from(config->services[i]);
	return families & open_families(&service->policy->access);
}

/* Nobody can ask from elsewhere. */
static bool is_local(const struct service *service)
{
	for (size_t i = 0; i < service->endpoint_count; i++) {
		const struct sockaddr_len whole = sockaddr_copy(&service->endpoints[i].addr);
		const union sockaddr_any *addr = &whole.addr;

		if (addr->sa.sa_family == AF_INET &&
			ntohl(addr->in.sin_addr.s_addr) >> 24 != IN_LOOPBACKNET)
			return false;
		if (addr->sa.sa_family == AF_INET6 && !IN6_IS_ADDR_LOOPBACK(&addr->in6.sin6_addr))
			return false;
	}
	return !service->name_count;
}

static bool has_limits(const struct limits *limits)
{
	return (!limits->instances_default && limits->instances != LIMIT_NONE) ||
	       (!limits->per_source_default && limits->per_source != LIMIT_NONE) ||
	       limits->rate.count != LIMIT_NONE || limits->per_source_rate.count != LIMIT_NONE;
}

/* tcp wrappers decide who may come in. */
static bool is_wrapped(const struct service *service)
{
	const char *slash = strrchr(service->server, '/');

	return slash && !strcmp(slash, "/tcpd");
}

/* True with the reason if others than root, the caller and `user` can put something else in the
 * place of a file: there, in any directory above, or where a symbolic link leads to. */
static bool is_open(const struct load *load, const char *path, uid_t user, char *reason)
{
	struct path_stranger stranger;

	if (!path_find_stranger(path, user, !load->options->own_paths, &stranger))
		return false;
	path_stranger_text(path, &stranger, reason, REASON);
	return true;
}

/* The same of the directories alone, by a group: what others can change is not read. */
static bool directory_open(const struct load *load, const char *path, char *reason)
{
	const char *slash = strrchr(path, '/');
	struct path_stranger stranger;
	char directory[PATH_MAX];

	if (!slash || snprintf(directory, sizeof(directory), "%.*s/.", (int)(slash - path), path) >=
			      (int)sizeof(directory))
		return false;
	if (!path_find_stranger(directory, 0, !load->options->own_paths, &stranger) ||
		stranger.gid == (gid_t)-1)
		return false;
	path_stranger_text(path, &stranger, reason, REASON);
	return true;
}

static void warn_file(
	struct load *load, struct where where, const char *what, const char *path, uid_t user)
{
	char reason[REASON];

	if (is_open(load, path, user, reason))
		WARN(load, where, "the %s can be replaced by others: %s", what, reason);
}

/* A socket that every local user may connect to, because nothing was set for it. */
static bool is_open_path(const struct service *service)
{
	for (size_t i = 0; i < service->endpoint_count; i++)
		if (service->endpoints[i].addr.addr.sa.sa_family == AF_UNIX &&
			*sockaddr_kept_path(&service->endpoints[i].addr))
			return service->policy->socket.owner == (uid_t)-1;
	return false;
}

/* True if a service has an IPv4 socket of that port and type. */
static bool has_ipv4(const struct service *service, const struct endpoint *six)
{
	for (size_t i = 0; i < service->endpoint_count; i++) {
		const struct endpoint *endpoint = &service->endpoints[i];

		if ((endpoint->dual || endpoint->addr.addr.sa.sa_family == AF_INET) &&
			endpoint->socktype == six->socktype &&
			sockaddr_kept_port(&endpoint->addr) == sockaddr_kept_port(&six->addr))
			return true;
	}
	return false;
}

/* False for a service whose endpoint another one has. */
static bool is_served(const struct config *config, const struct service *service)
{
	for (size_t i = 0; i < config->service_count; i++)
		if (config->services[i] == service)
			return true;
	return false;
}

/* tcp6 and udp6 of a line: other inetds take IPv4 with them. */
static void warn_six(struct load *load, const struct service *service)
{
	size_t len = strlen(service->protocol);
	const struct endpoint *six = service->endpoints;

	if (service->protocol[len - 1] != '6' || service->families != FAMILY_INET6 ||
		service->endpoint_count != 1 || !sockaddr_kept_is_wildcard(&six->addr))
		return;
	for (size_t i = 0; i < load->config->service_count; i++)
		if (has_ipv4(load->config->services[i], six))
			return;
	WARN(load, service->where,
		"%s is IPv6 alone here; GNU inetutils and busybox take IPv4 too: write %.*s46 for "
		"both, or "
		"%sonly",
		service->protocol, (int)len - 1, service->protocol, service->protocol);
}

static void warn_root(struct load *load, const struct service *service)
{
	bool everyone = service->mux ? passed_on_from(load->config, service) : asked_from(service);

	if (service->policy->identity.uid || is_wrapped(service) || !everyone)
		return;
	if (service->wait && service->socktype == SOCK_DGRAM)
		WARN(load, service->where,
			"runs as root, for everyone, and reads its socket by itself: bind it to an "
			"address, filter its port, or give it another user");
	else if (service->wait)
		WARN(load, service->where,
			"runs as root, for everyone, and accepts by itself: only_from or another "
			"user would help");
	else if (!has_limits(&service->policy->limits))
		WARN(load, service->where,
			"runs as root, for everyone, with no limit of its own: only_from, "
			"instances, per_source or rate would be one");
}

/* A program that knows of descriptor 0 alone serves one socket of its service; where only one may
 * run, who comes by another socket waits for its end. Plain tcp is one socket for both families. */
static void warn_sockets(struct load *load, const struct service *service)
{
	size_t count = service->endpoint_count + service->name_count;

	if (!service->wait || !service->server || service->policy->limits.instances != 1 ||
		service->policy->context.activation != ACTIVATION_INETD ||
		count - service_is_dual(service) < 2)
		return;
	WARN(load, service->where,
		"one program may run and serves one of its %zu sockets: the others wait for its "
		"end; 'activation = systemd' lets a program that can do so serve all",
		count);
}

/* With SO_REUSEADDR on both sockets anybody may bind a port that is not reserved, and gets its
 * datagrams. */
static void warn_shared_port(struct load *load, const struct service *service)
{
	if (service->policy->socket.reuse_address != REUSE_ALWAYS)
		return;
	for (size_t i = 0; i < service->endpoint_count; i++) {
		unsigned port = sockaddr_kept_port(&service->endpoints[i].addr);

		if (port && port < IPPORT_RESERVED)
			continue;
		WARN(load, service->where,
			"reuse_address: while a program has the socket every user of the machine "
			"can take its datagrams, unless the port is reserved (below %d)",
			IPPORT_RESERVED);
		return;
	}
}

/* What clients connect to: who can replace that can be the service to them. */
static void warn_paths(struct load *load, const struct service *service)
{
	for (size_t i = 0; i < service->endpoint_count; i++) {
		const char *path = sockaddr_kept_path(&service->endpoints[i].addr);

		if (path && *path)
			warn_file(load, service->where, "socket", path,
				service->policy->identity.uid);
	}
}

static void warn_service(struct load *load, const struct service *service)
{
	uid_t user = service->policy->identity.uid;

	warn_sockets(load, service);
	warn_shared_port(load, service);
	if (service->builtin == BUILTIN_CHARGEN && service->socktype == SOCK_DGRAM &&
		!is_local(service))
		WARN(load, service->where,
			"udp chargen answers forged requests too: it can be used against others");
	warn_paths(load, service);
	if (service->policy->log_to.path)
		warn_file(load, service->where, "log_to", service->policy->log_to.path, 0);
	if (service->builtin)
		return;
	warn_root(load, service);
	warn_file(load, service->where, "server", service->server, user);
	if (service->policy->wrapper)
		warn_file(load, service->where, "wrapper", service->policy->wrapper[0], user);
	if (service->policy->context.errors.to == OUTPUT_FILE)
		warn_file(
			load, service->where, "stderr", service->policy->context.errors.path, user);
}

/* What drafts know and services do not: how it was written, and files of texts. */
static void warn_draft(struct load *load, const struct draft *draft)
{
	if (!draft->made)
		return;
	if (!draft->internal && !draft->made->policy->identity.uid &&
		!draft->set[KEY_SOCKET_MODE] && is_open_path(draft->made) &&
		is_served(load->config, draft->made))
		WARN(load, draft->where,
			"runs as root, and every local user may connect, as the socket has mode "
			"0666: set "
			"socket_mode, or write :root:root:600:/PATH");
	if (draft->positional && draft->dialect == &dialect_auto &&
		draft->made->families == FAMILY_INET6 && is_served(load->config, draft->made))
		warn_six(load, draft->made);
	if (draft->set[KEY_BIND] && !draft->protocol->families &&
		(!strcmp(draft->bind, "::") || !strcmp(draft->bind, "[::]")))
		WARN(load, draft_where(draft, KEY_BIND),
			"bind: %s is every IPv6 address and no IPv4 address: for both write *",
			draft->bind);
	for (const struct key *key = key_table; key < key_table + KEY_COUNT; key++) {
		const struct message *message = key_value(draft, key_id_of(key));

		if (key->type == &type_message && message->path)
			warn_file(load, draft_where(draft, key_id_of(key)), key->name,
				message->path, 0);
	}
}

/* True if a file was found in a directory of the configuration, which was looked at itself. */
static bool in_read_directory(const struct source_file *source)
{
	const struct source_file *parent = source->parent;
	size_t len = parent ? strlen(parent->path) : 0;

	return len && !strncmp(source->path, parent->path, len) && strchr(source->path + len, '/');
}

void warn_load(struct load *load)
{
	const struct draft_pack *pack;
	char reason[REASON];

	for (size_t i = 0; i < load->config->service_count; i++) {
		load_breathe(load);
		warn_service(load, load->config->services[i]);
	}
	STAILQ_FOREACH (pack, &load->drafts, in_load) {
		load_breathe(load);
		warn_draft(load, load_take(load, pack));
	}
	dialect_warnings_load(load);
	for (size_t i = 0; i < load->source_count; i++) {
		const struct source_file *source = load->sources[i];
		const char *path = file_path(load, source->path);

		if (path && !in_read_directory(source) && directory_open(load, path, reason))
			WARN(load, ((struct where){source->path, 0}),
				"can be replaced by others: %s", reason);
	}
}
