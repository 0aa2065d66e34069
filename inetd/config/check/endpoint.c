/* endpoint: see endpoint.h. Host names stay names: they are looked up while running. */
#include "config/check/endpoint.h"

#include <net/if.h>

#include "config/keys/protocol.h"

#define HOST_MAX 253 /* RFC 1035, 2.3.4 */
#define FEW      8   /* addresses */

/* An array with room for one more; NULL without memory. */
static void *grow(struct binding *binding, void *array, size_t count, size_t *room, size_t size)
{
	size_t more = *room ? *room * 2 : 1;
	void *copy;

	if (count < *room)
		return array;
	copy = load_memory(
		binding->check->load, arena_calloc(&binding->check->load->work, more, size));
	if (!copy)
		return NULL;
	if (count)
		memcpy(copy, array, count * size);
	*room = more;
	return copy;
}

/* False, after a diagnostic once, if a service has as many sockets as it may have. */
static bool has_room(struct binding *binding)
{
	const struct service *service = binding->check->service;

	if (service->endpoint_count + service->name_count < LISTEN_MOST)
		return true;
	if (!binding->full)
		CHECK_ERROR(binding->check, binding->key, "more than %d sockets of one service",
			LISTEN_MOST);
	binding->full = true;
	return false;
}

/* Adds an address to those of the service. False if it is there already. */
static bool note_address(struct binding *binding, const struct sockaddr_len *addr)
{
	void **slot = load_memory(
		binding->check->load, map_slot(&binding->seen, &addr->addr, (size_t)addr->len));

	if (!slot || *slot)
		return !slot;
	*slot = binding;
	return true;
}

/* Few are looked through, for many there is a map. */
static bool is_new(struct binding *binding, const struct sockaddr_len *addr)
{
	const struct service *service = binding->check->service;
	const struct sockaddr_kept kept = sockaddr_keep(addr);
	size_t count = service->endpoint_count;

	if (count > FEW)
		return note_address(binding, addr);
	for (size_t i = 0; i < count; i++)
		if (!sockaddr_kept_compare(&service->endpoints[i].addr, &kept))
			return false;
	for (size_t i = 0; count == FEW && i < count; i++) {
		const struct sockaddr_len other = sockaddr_copy(&service->endpoints[i].addr);

		note_address(binding, &other);
	}
	return count < FEW || note_address(binding, addr);
}

/* True after a warning if the service has the address already. */
static bool is_seen(struct binding *binding, const struct sockaddr_len *addr)
{
	if (is_new(binding, addr))
		return false;
	CHECK_WARNING(binding->check, binding->key, "an address is listed twice");
	return true;
}

static void endpoint_add(
	struct binding *binding, const struct sockaddr_len *addr, bool dual, bool plain)
{
	struct service *service = binding->check->service;
	bool inet = sockaddr_is_inet(&addr->addr.sa);
	struct endpoint *endpoints;

	if (!has_room(binding) || is_seen(binding, addr))
		return;
	endpoints = grow(binding, service->endpoints, service->endpoint_count, &binding->room,
		sizeof(*endpoints));
	if (!endpoints)
		return;
	service->endpoints = endpoints;
	endpoints[service->endpoint_count++] = (struct endpoint){
		.addr = sockaddr_keep(addr),
		.socktype = service->socktype,
		.protocol = inet ? binding->check->draft->protocol->number : 0,
		.dual = dual,
		.plain = plain,
	};
}

/* An address with each of the ports. */
static void add_ports(
	struct binding *binding, const struct sockaddr_len *addr, bool dual, bool plain)
{
	struct sockaddr_len copy = *addr;

	for (unsigned port = binding->first; port <= binding->last && !binding->full; port++) {
		sockaddr_set_port(&copy.addr, (uint16_t)port);
		endpoint_add(binding, &copy, dual, plain);
	}
}

static void add_wildcards(struct binding *binding)
{
	const unsigned both = FAMILY_INET | FAMILY_INET6;
	bool plain = !binding->check->draft->protocol->families && binding->families == both;
	struct sockaddr_len any;

	if (binding->families & FAMILY_INET) {
		sockaddr_any_of(AF_INET, 0, &any);
		add_ports(binding, &any, false, plain);
	}
	if (binding->families & (FAMILY_INET6 | FAMILY_DUAL)) {
		sockaddr_any_of(AF_INET6, 0, &any);
		add_ports(binding, &any, binding->families & FAMILY_DUAL, plain);
	}
}

static void add_number(struct binding *binding, const char *text, struct sockaddr_len *addr)
{
	struct check *check = binding->check;
	bool six, dual;

	sockaddr_unmap(addr);
	six = addr->addr.sa.sa_family == AF_INET6;
	dual = binding->families & FAMILY_DUAL;
	if (!dual && !(binding->families & (six ? FAMILY_INET6 : FAMILY_INET))) {
		/* Of the entry, even if the address is on a line of its own. */
		diag_add(check->load->diag, DIAG_ERROR, check->draft->where,
			"address %s is %s, but %s means %s only here", text, six ? "IPv6" : "IPv4",
			check->draft->protocol->name, six ? "IPv4" : "IPv6");
		check->draft->failed = true;
		return;
	}
	add_ports(binding, addr, dual && six && sockaddr_is_wildcard(&addr->addr), false);
}

/* "%eth0": all addresses of an interface, which need not exist yet. */
static bool is_interface(const char *text)
{
	size_t len = strlen(text);

	return *text == '%' && len > 1 && len <= IF_NAMESIZE && !strpbrk(text + 1, "%/ \t");
}

/* A name that a resolver can be asked for; an IPv6 address with an interface that does not
 * exist yet is one too. Numbers with dots are addresses that went wrong. */
static bool is_host(const char *text)
{
	const char *percent = strchr(text, '%');
	struct sockaddr_len addr;
	char copy[64];

	if (*text == '[')
		return false;
	if (percent && (size_t)(percent - text) < sizeof(copy)) {
		strlcpy(copy, text, (size_t)(percent - text) + 1);
		return percent[1] && sockaddr_parse(copy, &addr) &&
		       addr.addr.sa.sa_family == AF_INET6;
	}
	if (strlen(text) > HOST_MAX || !text[strspn(text, "0123456789.")])
		return false;
	for (; *text; text++)
		if (!strchr("-._", *text) && (*text < '0' || *text > '9') &&
			((*text | 32) < 'a' || (*text | 32) > 'z'))
			return false;
	return true;
}

static void add_name(struct binding *binding, const char *text)
{
	struct service *service = binding->check->service;
	struct load *load = binding->check->load;
	char *host;

	if (protocol_find(text)) {
		CHECK_ERROR(binding->check, binding->key,
			"'%s' before the colon is a protocol, where an address or the name of a "
			"host is meant: leave it out",
			text);
		return;
	}
	if (!is_host(text) && !is_interface(text)) {
		bind_mistake(binding, text);
		return;
	}
	if (load->options->advise && if_nametoindex(text))
		CHECK_WARNING(binding->check, binding->key,
			"'%s' is looked up as the name of a host: for the addresses of the "
			"interface write %%%s",
			text, text);
	host = load_memory(load, arena_strdup(&load->config->arena, text));
	for (unsigned port = binding->first; host && port <= binding->last; port++) {
		struct bind_name *names;

		if (!has_room(binding))
			return;
		names = grow(binding, service->names, service->name_count, &binding->name_room,
			sizeof(*names));
		if (!names)
			return;
		service->names = names;
		names[service->name_count++] = (struct bind_name){
			.host = host, .families = binding->families, .port = (uint16_t)port};
	}
}

/* [fe80::1%eth9] while there is no eth9: in `inner` without its brackets. */
static bool is_bracketed_name(const char *text, size_t len, char inner[64])
{
	if (text[0] != '[' || text[len - 1] != ']' || len - 2 >= 64)
		return false;
	snprintf(inner, 64, "%.*s", (int)len - 2, text + 1);
	return strchr(inner, '%') && is_host(inner);
}

static void add_member(struct binding *binding, const char *text)
{
	struct sockaddr_len addr;
	char inner[64];
	size_t len = strlen(text);

	if (!len)
		CHECK_ERROR(binding->check, binding->key, "an address is missing beside a comma");
	else if (!strcmp(text, "*"))
		add_wildcards(binding);
	else if (sockaddr_parse(text, &addr))
		add_number(binding, text, &addr);
	else if (is_bracketed_name(text, len, inner))
		add_name(binding, inner);
	else if (text[0] == '[' && text[len - 1] == ']')
		CHECK_ERROR(binding->check, binding->key, "'%s' is not an IPv6 address", text);
	else
		add_name(binding, text);
}

void endpoint_add_list(struct binding *binding, const char *list)
{
	struct load *load = binding->check->load;
	char *rest = load_memory(load, arena_strdup(&load->work, list)), *member;

	while (rest && (member = strsep(&rest, ",")))
		add_member(binding, member);
}

void endpoint_add_unix(struct binding *binding, const char *path)
{
	const struct sockaddr_len *kept;
	struct sockaddr_len addr = {0};
	struct sockaddr_un *un = &addr.addr.un;
	size_t len = strlen(path);

	if ((*path != '/' && *path != '@') || len < 2) {
		CHECK_ERROR(binding->check, binding->key,
			"'%s' is neither the absolute path nor the @name of a unix socket", path);
		return;
	}
	if (len >= sizeof(un->sun_path)) {
		CHECK_ERROR(binding->check, binding->key,
			"path of %zu bytes: a unix socket has %zu at most", len,
			sizeof(un->sun_path) - 1);
		return;
	}
	un->sun_family = AF_UNIX;
	memcpy(un->sun_path, path, len);
	if (*path == '@')
		un->sun_path[0] = 0;
	addr.len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + (*path == '/'));
	binding->check->service->families |= FAMILY_UNIX;
	kept = load_share(binding->check->load, &addr, sizeof(addr));
	if (kept)
		endpoint_add(binding, kept, false, false);
}

void endpoint_add_vsock(struct binding *binding, const char *text)
{
	char whole[40];
	struct sockaddr_len addr;

	snprintf(whole, sizeof(whole), "vsock::%s", text);
	if (!sockaddr_parse_vsock(strncmp(text, "vsock:", 6) ? whole : text, &addr)) {
		CHECK_ERROR(binding->check, binding->key,
			"'%s' is no place of vsock: write vsock:CID:PORT, two numbers, or "
			"vsock::PORT for any CID",
			text);
		return;
	}
	binding->check->service->families |= FAMILY_VSOCK;
	endpoint_add(binding, &addr, false, false);
}

/* A copy of an array of a service that lives as long as that; NULL where it is empty. */
static void *keep(struct load *load, const void *array, size_t count, size_t size)
{
	void *copy;

	if (!count)
		return NULL;
	copy = load_memory(load, arena_calloc(&load->config->arena, count, size));
	if (copy)
		memcpy(copy, array, count * size);
	return copy;
}

void endpoint_keep(struct binding *binding)
{
	struct load *load = binding->check->load;
	struct service *service = binding->check->service;

	service->endpoints =
		keep(load, service->endpoints, service->endpoint_count, sizeof(struct endpoint));
	service->names = keep(load, service->names, service->name_count, sizeof(struct bind_name));
}
