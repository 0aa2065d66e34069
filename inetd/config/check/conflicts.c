/* conflicts: what the services of one configuration are to each other: whose is an endpoint, which
 * number has one with port 0. */
#include <ctype.h>

#include "config/check/check.h"

/* An endpoint, a host name or a tcpmux name as bytes: equal bytes = cannot both be served. */
struct conflicts_key {
	size_t len;
	unsigned char bytes[300];
};

static void bytes_add(struct conflicts_key *key, const void *data, size_t len)
{
	if (key->len + len <= sizeof(key->bytes)) {
		memcpy(key->bytes + key->len, data, len);
		key->len += len;
	}
}

static void bytes_add_lower(struct conflicts_key *key, const char *text)
{
	for (; *text; text++) {
		char c = (char)tolower((unsigned char)*text);

		bytes_add(key, &c, 1);
	}
}

/* A version that rpcbind has one address for, of each protocol and family. */
static void key_of_version(
	struct conflicts_key *key, const struct service *service, uint32_t version, bool six)
{
	key->len = 0;
	bytes_add(key, "r", 1);
	bytes_add(key, &service->program->number, sizeof(service->program->number));
	bytes_add(key, &version, sizeof(version));
	bytes_add(key, &service->socktype, sizeof(service->socktype));
	bytes_add(key, &six, sizeof(six));
}

/* With `family` other than that of the address, the wildcard of that family: a dual socket takes
 * that too. */
static void key_of_endpoint(struct conflicts_key *key, const struct endpoint *endpoint, int family)
{
	struct sockaddr_len addr = sockaddr_copy(&endpoint->addr);
	uint16_t port = sockaddr_port(&addr.addr);
	int ports = endpoint_ports(endpoint);

	key->len = 0;
	if (addr.addr.sa.sa_family == AF_UNIX) {
		const char *path = addr.addr.un.sun_path;

		bytes_add(key, *path ? "u" : "a", 1);
		if (!*path) /* abstract names are apart by type, files are not */
			bytes_add(key, &endpoint->socktype, sizeof(endpoint->socktype));
		bytes_add(key, path, addr.len - offsetof(struct sockaddr_un, sun_path));
		return;
	}
	if (addr.addr.sa.sa_family == AF_VSOCK) {
		bytes_add(key, "v", 1);
		bytes_add(key, &endpoint->socktype, sizeof(endpoint->socktype));
		bytes_add(key, &addr.addr.vm.svm_port, sizeof(addr.addr.vm.svm_port));
		bytes_add(key, &addr.addr.vm.svm_cid, sizeof(addr.addr.vm.svm_cid));
		return;
	}
	if (addr.addr.sa.sa_family != family)
		sockaddr_any_of(family, port, &addr);
	bytes_add(key, family == AF_INET ? "4" : "6", 1);
	bytes_add(key, &ports, sizeof(ports));
	bytes_add(key, &port, sizeof(port));
	if (family == AF_INET) {
		bytes_add(key, &addr.addr.in.sin_addr, sizeof(addr.addr.in.sin_addr));
		return;
	}
	bytes_add(key, &addr.addr.in6.sin6_addr, sizeof(addr.addr.in6.sin6_addr));
	bytes_add(key, &addr.addr.in6.sin6_scope_id, sizeof(addr.addr.in6.sin6_scope_id));
}

static void key_of_name(
	struct conflicts_key *key, const struct service *service, const struct bind_name *name)
{
	const struct endpoint any = {.protocol = service->ip_protocol};
	int ports = endpoint_ports(&any);

	key->len = 0;
	bytes_add(key, "n", 1);
	bytes_add(key, &ports, sizeof(ports));
	bytes_add(key, &name->port, sizeof(name->port));
	bytes_add(key, &name->families, sizeof(name->families));
	bytes_add_lower(key, name->host);
}

static void key_of_mux(struct conflicts_key *key, const struct service *service)
{
	key->len = 0;
	bytes_add(key, "m", 1);
	bytes_add_lower(key, service->mux_name);
}

static bool is_inet(const struct endpoint *endpoint)
{
	return sockaddr_is_inet(&endpoint->addr.addr.sa);
}

static bool any_port(const struct endpoint *endpoint)
{
	if (endpoint->addr.addr.sa.sa_family == AF_VSOCK)
		return endpoint->addr.addr.vm.svm_port == VMADDR_PORT_ANY;
	return is_inet(endpoint) && !sockaddr_kept_port(&endpoint->addr);
}

/* The service that has what the key means, or NULL: then `service` has it from now on, be it that
 * nobody had it or that of two entries the last counts. */
static const struct service *take_claim(struct load *load, struct map *map,
	const struct conflicts_key *key, struct service *service)
{
	void **slot = load_memory(load, map_slot(map, key->bytes, key->len));
	struct service *other;

	if (!slot)
		return NULL;
	other = *slot;
	if (!other || other->replaced || (other->yields && service->yields && other != service)) {
		if (other)
			other->replaced = true;
		*slot = service;
	}
	return *slot == service ? NULL : *slot;
}

/* Notes the endpoints of one family that are asked for as such (tcp4, tcp6, one address): plain tcp
 * and udp use both families, and give way where one of them is asked for alone. */
static void note_single(struct load *load, struct map *singles, struct service *service)
{
	struct conflicts_key key;

	for (size_t i = 0; i < service->endpoint_count; i++) {
		const struct endpoint *endpoint = &service->endpoints[i];

		if (!is_inet(endpoint) || endpoint->dual || endpoint->plain || any_port(endpoint))
			continue;
		key_of_endpoint(&key, endpoint, endpoint->addr.addr.sa.sa_family);
		take_claim(load, singles, &key, service);
	}
}

/* Takes from a plain service what others ask for by family. Returns false after a diagnostic if
 * nothing is left. */
static bool give_way(struct load *load, const struct map *singles, struct service *service)
{
	const struct service *single = NULL, *last = NULL;
	struct conflicts_key key;
	size_t left = 0;

	for (size_t i = 0; i < service->endpoint_count; i++) {
		const struct endpoint endpoint = service->endpoints[i];

		single = NULL;
		key_of_endpoint(&key, &endpoint, endpoint.addr.addr.sa.sa_family);
		if (endpoint.plain && !any_port(&endpoint))
			single = map_get(singles, key.bytes, key.len);
		if (single)
			last = single;
		else
			service->endpoints[left++] = endpoint;
	}
	service->endpoint_count = left;
	if (left || service->name_count || !last)
		return true;
	diag_add(load->diag, DIAG_ERROR, service->where,
		"nothing is left to listen on: entries for one family, as at %s:%u, have the port",
		last->where.file, last->where.line);
	return false;
}

/* 16 bits of what a service runs (FNV-1a): equal endpoints with port 0 are told apart by it, so
 * that one that is added, removed or in error does not give its port to another program. */
static uint32_t program_hash(const struct service *service)
{
	const char *program = service->server ? service->server : builtin_name(service->builtin);
	uint32_t hash = 2166136261u;

	for (; *program; program++)
		hash = (hash ^ (unsigned char)*program) * 16777619u;
	return (hash >> 16) ^ (hash & 0xffff);
}

static const struct service *conflicts_endpoint(
	struct load *load, struct map *claims, struct service *service, struct endpoint *endpoint)
{
	const struct service *other;
	struct conflicts_key key;
	uint32_t hash;
	void **slot;

	key_of_endpoint(&key, endpoint, endpoint->addr.addr.sa.sa_family);
	if (any_port(endpoint)) { /* each has a port of its own */
		hash = program_hash(service);
		bytes_add(&key, &endpoint->dual, sizeof(endpoint->dual));
		bytes_add(&key, &hash, sizeof(hash));
		slot = load_memory(load, map_slot(claims, key.bytes, key.len));
		if (slot)
			endpoint->ordinal = hash << 16 | (uint16_t)(uintptr_t)*slot;
		if (slot)
			*slot = (void *)((uintptr_t)*slot + 1);
		return NULL;
	}
	other = take_claim(load, claims, &key, service);
	if (other || !endpoint->dual)
		return other;
	key_of_endpoint(&key, endpoint, AF_INET);
	return take_claim(load, claims, &key, service);
}

static bool conflicts_failed(struct load *load, const struct service *service, const char *what,
	const struct service *other)
{
	diag_add(load->diag, DIAG_ERROR, service->where, "%s %s is taken by the entry at %s:%u",
		*what == '/' || *what == '@' ? "unix" : service->protocol, what, other->where.file,
		other->where.line);
	return false;
}

/* False after a diagnostic: another entry serves a version of that RPC program. */
static bool versions_are_free(struct load *load, struct map *claims, struct service *service)
{
	const unsigned of_family[] = {FAMILY_INET | FAMILY_DUAL, FAMILY_INET6 | FAMILY_DUAL};
	const struct rpc_program *program = service->program;
	const struct service *other = NULL;
	struct conflicts_key key;
	char text[64];

	for (uint32_t i = 0; program && i <= 2 * (program->high - program->low) + 1; i++) {
		uint32_t version = program->low + i / 2;

		if (!(service->families & of_family[i % 2]))
			continue;
		key_of_version(&key, service, version, i % 2);
		other = take_claim(load, claims, &key, service);
		if (!other)
			continue;
		snprintf(text, sizeof(text), "RPC program %u, version %u,", program->number,
			version);
		return conflicts_failed(load, service, text, other);
	}
	return true;
}

static bool conflicts_all(struct load *load, struct map *claims, struct service *service)
{
	const struct service *other;
	struct sockaddr_len room;
	char text[SOCKADDR_TEXT];
	struct conflicts_key key;

	for (size_t i = 0; i < service->endpoint_count; i++) {
		struct endpoint *endpoint = &service->endpoints[i];

		other = conflicts_endpoint(load, claims, service, endpoint);
		if (other)
			return conflicts_failed(load, service,
				sockaddr_text(
					sockaddr_whole(&endpoint->addr, &room), text, sizeof(text)),
				other);
	}
	for (size_t i = 0; i < service->name_count; i++) {
		key_of_name(&key, service, &service->names[i]);
		other = service->names[i].port ? take_claim(load, claims, &key, service) : NULL;
		if (other)
			return conflicts_failed(load, service, service->names[i].host, other);
	}
	if (!service->mux)
		return versions_are_free(load, claims, service);
	key_of_mux(&key, service);
	other = take_claim(load, claims, &key, service);
	return other ? conflicts_failed(load, service, service->name, other) : true;
}

static void warn_mux(struct load *load)
{
	const struct service *first = NULL;

	for (size_t i = 0; i < load->config->service_count; i++) {
		const struct service *service = load->config->services[i];

		if (service->builtin == BUILTIN_TCPMUX)
			return;
		if (service->mux && !first)
			first = service;
	}
	if (first)
		diag_add(load->diag, DIAG_WARNING, first->where,
			"%s cannot be asked for: there is no entry 'tcpmux stream tcp nowait root "
			"internal'",
			first->name);
}

static void drop_replaced(struct load *load)
{
	struct config *config = load->config;
	size_t left = 0;

	for (size_t i = 0; i < config->service_count; i++) {
		struct service *service = config->services[i];

		if (service->replaced)
			diag_add(load->diag, DIAG_NOTE, service->where,
				"not served: a later entry has its socket, and in this dialect the "
				"last one "
				"counts");
		else
			config->services[left++] = service;
	}
	config->service_count = left;
}

/* True if any service may have to give way. */
static bool any_plain(const struct config *config)
{
	for (size_t i = 0; i < config->service_count; i++) {
		const struct service *service = config->services[i];

		for (size_t j = 0; j < service->endpoint_count; j++)
			if (service->endpoints[j].plain)
				return true;
	}
	return false;
}

void conflicts_endpoints(struct load *load)
{
	struct config *config = load->config;
	bool plain = any_plain(config);
	struct map singles, claims; /* endpoints that are taken, to the service that has them */
	struct arena arena;
	size_t left = 0;

	arena_init(&arena);
	map_init(&singles, &arena);
	map_init(&claims, &arena);
	map_expect(&claims, config->service_count);
	for (size_t i = 0; plain && i < config->service_count; i++) {
		load_breathe(load);
		note_single(load, &singles, config->services[i]);
	}
	for (size_t i = 0; i < config->service_count && !load->no_memory; i++) {
		struct service *service = config->services[i];

		load_breathe(load);
		if (!give_way(load, &singles, service) || !conflicts_all(load, &claims, service))
			continue;
		config->services[left++] = service;
	}
	config->service_count = left;
	load_free(load, &arena);
	drop_replaced(load);
	warn_mux(load);
}
