/* endpoint: from the bind part, the service and the protocol of an entry to the addresses it
 * listens on. Host names stay names: they are looked up while running. */
#include "config/check.h"
#include "config/number.h"
#include "config/protocol.h"

#define HOST_MAX 253 /* RFC 1035, 2.3.4 */

/* A bind list while its members are read. */
struct binding {
	struct check *check;
	unsigned families; /* FAMILY_... that the protocol admits */
	uint16_t port;
	size_t room; /* of endpoints and of names */
};

static void endpoint_add(struct binding *binding, const struct sockaddr_len *addr, bool dual)
{
	struct service *service = binding->check->service;
	struct endpoint endpoint = {
		.addr = *addr,
		.socktype = service->socktype,
		.protocol = binding->check->draft->protocol->number,
		.dual = dual,
	};

	if (service->endpoint_count >= binding->room)
		return;
	sockaddr_set_port(&endpoint.addr.addr, binding->port);
	for (size_t i = 0; i < service->endpoint_count; i++)
		if (!sockaddr_compare(&service->endpoints[i].addr, &endpoint.addr)) {
			CHECK_WARNING(binding->check, KEY_BIND, "an address is said twice");
			return;
		}
	service->endpoints[service->endpoint_count++] = endpoint;
}

static void add_wildcards(struct binding *binding)
{
	struct sockaddr_len any;

	if (binding->families & FAMILY_INET) {
		sockaddr_any_of(AF_INET, 0, &any);
		endpoint_add(binding, &any, false);
	}
	if (binding->families & (FAMILY_INET6 | FAMILY_DUAL)) {
		sockaddr_any_of(AF_INET6, 0, &any);
		endpoint_add(binding, &any, binding->families & FAMILY_DUAL);
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
		/* Of the entry, even if the address stands on a line of its own. */
		diag_add(check->load->diag, DIAG_ERROR, check->draft->where,
			"address %s is %s, but %s means %s only here", text, six ? "IPv6" : "IPv4",
			check->draft->protocol->name, six ? "IPv4" : "IPv6");
		check->draft->failed = true;
		return;
	}
	endpoint_add(binding, addr, dual && six && sockaddr_is_wildcard(&addr->addr));
}

/* A name that a resolver can be asked for; an IPv6 address with an interface that does not
 * exist yet is one too. Numbers with dots are addresses that went wrong. */
static bool is_host(const char *text)
{
	const char *percent = strchr(text, '%');
	struct sockaddr_len addr;
	char copy[64];

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

	if (!is_host(text)) {
		CHECK_ERROR(binding->check, KEY_BIND, "'%s' is no address and no host name", text);
		return;
	}
	host = load_memory(load, arena_strdup(&load->config->arena, text));
	if (!host || service->name_count >= binding->room)
		return;
	service->names[service->name_count++] = (struct bind_name){
		.host = host, .families = binding->families, .port = binding->port};
}

static void add_member(struct binding *binding, const char *text)
{
	struct sockaddr_len addr;
	size_t len = strlen(text);

	if (!len)
		CHECK_ERROR(binding->check, KEY_BIND, "an address is missing beside a comma");
	else if (!strcmp(text, "*"))
		add_wildcards(binding);
	else if (sockaddr_parse(text, &addr))
		add_number(binding, text, &addr);
	else if (text[0] == '[' && text[len - 1] == ']')
		CHECK_ERROR(binding->check, KEY_BIND, "'%s' is not an IPv6 address", text);
	else
		add_name(binding, text);
}

/* Room for the endpoints and names of a list of `members`, until it is read; a wildcard makes
 * two. */
static bool make_room(struct binding *binding, size_t members)
{
	struct load *load = binding->check->load;
	struct service *service = binding->check->service;

	binding->room = members * 2;
	service->endpoints = load_memory(
		load, arena_calloc(&load->scratch, binding->room, sizeof(struct endpoint)));
	service->names =
		load_memory(load, arena_calloc(&load->scratch, members, sizeof(struct bind_name)));
	return service->endpoints && service->names;
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

static void check_list(struct binding *binding, const char *bind)
{
	struct load *load = binding->check->load;
	struct service *service = binding->check->service;
	size_t members = 1;
	char *rest, *member;

	for (const char *at = bind; *at; at++)
		members += *at == ',';
	rest = load_memory(load, arena_strdup(&load->scratch, bind));
	if (!rest || !make_room(binding, members))
		return;
	while ((member = strsep(&rest, ",")))
		add_member(binding, member);
	service->endpoints =
		keep(load, service->endpoints, service->endpoint_count, sizeof(struct endpoint));
	service->names = keep(load, service->names, service->name_count, sizeof(struct bind_name));
}

/* The port of the service field, in *port. False after a diagnostic. */
static bool check_port(struct check *check, uint16_t *port)
{
	const struct draft *draft = check->draft;
	const char *base = draft->protocol->base, *other = *base == 't' ? "udp" : "tcp";
	int64_t number = 0;
	int found;

	switch (number_parse(draft->port, 0, UINT16_MAX, &number)) {
	case NUMBER_OK:
		*port = (uint16_t)number;
		return true;
	case NUMBER_LOW:
	case NUMBER_HIGH:
		CHECK_ERROR(check, KEY_PORT, "port %s is not within 0 to 65535", draft->port);
		return false;
	default:
		break;
	}
	found = lookup_port(&check->load->lookup, draft->port, base);
	if (found >= 0) {
		*port = (uint16_t)found;
		return true;
	}
	if (found == -2)
		check->load->no_memory = true;
	else if (lookup_port(&check->load->lookup, draft->port, other) >= 0)
		CHECK_ERROR(check, KEY_PORT, "service '%s' is known for %s, not for %s",
			draft->port, other, base);
	else
		CHECK_ERROR(check, KEY_PORT,
			"unknown service '%s': a name of services(5) or a port number",
			draft->port);
	return false;
}

static void check_unix(struct check *check)
{
	struct load *load = check->load;
	const char *path = check->draft->port;
	size_t len = strlen(path);
	struct sockaddr_un *un;

	if ((*path != '/' && *path != '@') || len < 2) {
		CHECK_ERROR(check, KEY_PORT,
			"'%s' is neither the absolute path nor the @name of a unix socket", path);
		return;
	}
	if (len >= sizeof(un->sun_path)) {
		CHECK_ERROR(check, KEY_PORT, "path of %zu bytes: a unix socket has %zu at most",
			len, sizeof(un->sun_path) - 1);
		return;
	}
	check->service->endpoints =
		load_memory(load, arena_calloc(&load->config->arena, 1, sizeof(struct endpoint)));
	if (!check->service->endpoints)
		return;
	check->service->endpoint_count = 1;
	check->service->endpoints[0].socktype = check->service->socktype;
	un = &check->service->endpoints[0].addr.addr.un;
	un->sun_family = AF_UNIX;
	memcpy(un->sun_path, path, len);
	if (*path == '@')
		un->sun_path[0] = 0;
	check->service->endpoints[0].addr.len =
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + (*path == '/'));
}

/* tcpmux/NAME, tcpmux/+NAME (RFC 1078). */
static void check_mux(struct check *check)
{
	struct draft *draft = check->draft;
	struct service *service = check->service;
	const char *name = draft->port + strlen("tcpmux/");

	service->mux = true;
	service->mux_go = *name == '+';
	name += service->mux_go;
	if (draft->set[KEY_BIND] && strcmp(draft->bind, "*") != 0)
		CHECK_WARNING(check, KEY_BIND,
			"address '%s' is ignored: %s can be asked for wherever tcpmux listens",
			draft->bind, draft->port);
	if (!*name || strlen(name) > 255 || !strcasecmp(name, "help"))
		CHECK_ERROR(check, KEY_PORT,
			"'%s' cannot be asked for: a name of 1 to 255 bytes, and not help",
			draft->port);
	for (const char *at = name; *at; at++)
		if ((unsigned char)*at <= ' ' || *at == 127) {
			CHECK_ERROR(check, KEY_PORT,
				"a name for tcpmux cannot hold blanks or control characters");
			break;
		}
	service->mux_name =
		load_memory(check->load, arena_strdup(&check->load->config->arena, name));
	if (strcmp(draft->protocol->base, "tcp") != 0 || service->wait)
		CHECK_ERROR(check, KEY_PORT, "a tcpmux service is a tcp nowait service");
	if (service->builtin == BUILTIN_TCPMUX)
		CHECK_ERROR(check, KEY_PORT, "tcpmux cannot be asked for by tcpmux");
}

void check_endpoints(struct check *check)
{
	struct draft *draft = check->draft;
	struct service *service = check->service;
	struct binding binding = {.check = check};
	const char *bind = draft->set[KEY_BIND] ? draft->bind : check->load->options->bind_default;

	if (!draft->protocol || !draft->port)
		return;
	binding.families = draft->protocol->families;
	if (!binding.families)
		binding.families = check->load->options->plain_families;
	service->families = binding.families;
	service->bind = "*";
	if (binding.families == FAMILY_UNIX) {
		check_unix(check);
		return;
	}
	if (!strncmp(draft->port, "tcpmux/", 7)) {
		check_mux(check);
		return;
	}
	bind = bind && *bind ? bind : "*";
	service->bind = load_memory(check->load, arena_strdup(&check->load->config->arena, bind));
	if (check_port(check, &binding.port))
		check_list(&binding, bind);
}
