/* listen: where a service listens, from bind, listen, port, mux and the protocol of an entry; or
 * that tcpmux passes it on. */
#include "config/check/endpoint.h"
#include "config/keys/protocol.h"
#include "config/text/number.h"

/* The port of a service name, in binding->first and last. False after a diagnostic. */
static bool named_port(struct binding *binding, const char *name)
{
	struct check *check = binding->check;
	const char *ports = check->draft->protocol->ports;
	const char *other = strcmp(ports, "udp") ? "udp" : "tcp";
	int found = lookup_port(&check->load->lookup, name, ports);

	/* Few have a row of SCTP in services(5), though the ports are the same (RFC 6335). */
	if (found == -1 && !strcmp(ports, "sctp"))
		found = lookup_port(&check->load->lookup, name, "tcp");
	if (found >= 0) {
		binding->first = binding->last = (uint16_t)found;
		return true;
	}
	if (found == -2)
		check->load->no_memory = true;
	else if (lookup_port(&check->load->lookup, name, other) >= 0)
		CHECK_ERROR(check, binding->key, "service '%s' is known for %s, not for %s", name,
			other, ports);
	else
		port_mistake(binding, name);
	return false;
}

/* The port of a name or number. False after a diagnostic. */
static bool one_port(struct binding *binding, const char *text)
{
	int64_t number = 0;

	switch (number_parse(text, 0, UINT16_MAX, &number)) {
	case NUMBER_OK:
		binding->first = binding->last = (uint16_t)number;
		return true;
	case NUMBER_LOW:
	case NUMBER_HIGH:
		CHECK_ERROR(binding->check, binding->key, "port %s is not within 0 to 65535", text);
		return false;
	default:
		return named_port(binding, text);
	}
}

/* FIRST-LAST, two numbers; a '-' in a name is none. False if it is no range. */
static bool is_range(const char *text, int64_t *first, int64_t *last)
{
	const char *rest = "";
	enum number number = number_scan(text, 10, first, &rest);

	if (number == NUMBER_NOT || *rest != '-')
		return false;
	if (number == NUMBER_HIGH)
		*first = INT64_MAX;
	number = number_scan(rest + 1, 10, last, &rest);
	if (number == NUMBER_HIGH)
		*last = INT64_MAX;
	return number != NUMBER_NOT && !*rest;
}

/* The ports of an item of a list. False after a diagnostic. */
static bool item_ports(struct binding *binding, const char *item, const char *text)
{
	int64_t first = 0, last = 0;

	if (!*text) {
		CHECK_ERROR(binding->check, KEY_LISTEN, "listen: '%s' names no port", item);
		return false;
	}
	if (!is_range(text, &first, &last))
		return one_port(binding, text);
	if (first < 1 || last > UINT16_MAX || first > last) {
		CHECK_ERROR(binding->check, KEY_LISTEN,
			"listen: '%s': a range goes from one of the ports 1 to 65535 upwards",
			item);
		return false;
	}
	if (last - first >= LISTEN_RANGE) {
		CHECK_ERROR(binding->check, KEY_LISTEN, "listen: '%s' has %jd ports: %d at most",
			item, (intmax_t)(last - first + 1), LISTEN_RANGE);
		return false;
	}
	binding->first = (uint16_t)first;
	binding->last = (uint16_t)last;
	return true;
}

/* True for what precedes the colon of "tcp:80". */
static bool is_protocol_word(const char *item, const char *colon)
{
	char word[16];

	if ((size_t)(colon - item) >= sizeof(word))
		return false;
	strlcpy(word, item, (size_t)(colon - item) + 1);
	return protocol_find(word);
}

/* [addr:]port, [addr:]first-last, /path, @name, vsock:cid:port. `bind` is for those without
 * address. */
static void add_item(struct binding *binding, char *item, const char *bind)
{
	struct check *check = binding->check;
	char *colon = strrchr(item, ':');
	bool no_port = item[strlen(item) - 1] == ']';

	binding->key = KEY_LISTEN;
	if (*item == '/' || *item == '@') {
		endpoint_add_unix(binding, item);
		return;
	}
	if (check->draft->protocol->families == FAMILY_VSOCK || !strncmp(item, "vsock:", 6)) {
		endpoint_add_vsock(binding, item);
		return;
	}
	if (!binding->families) {
		CHECK_ERROR(check, KEY_LISTEN,
			"listen: '%s': protocol unix has paths and @names only", item);
		return;
	}
	if (colon && is_protocol_word(item, colon)) {
		CHECK_ERROR(check, KEY_LISTEN,
			"listen: '%s': the protocol has a key of its own: protocol = %.*s", item,
			(int)(colon - item), item);
		return;
	}
	if (!item_ports(binding, item, no_port ? "" : colon ? colon + 1 : item))
		return;
	if (colon)
		*colon = 0;
	else
		binding->key = KEY_BIND;
	endpoint_add_list(binding, colon ? (*item ? item : "*") : bind);
}

static void check_listen(struct binding *binding, const char *bind)
{
	struct load *load = binding->check->load;

	for (char **item = binding->check->draft->listen; *item; item++) {
		char *copy = load_memory(load, arena_strdup(&load->work, *item));

		if (copy)
			add_item(binding, copy, bind);
	}
}

/* tcpmux/NAME, tcpmux/+NAME (RFC 1078). */
static void check_mux(struct check *check)
{
	struct draft *draft = check->draft;
	struct service *service = check->service;
	enum key_id key = draft->set[KEY_MUX] ? KEY_MUX : KEY_PORT;
	const char *written = key == KEY_MUX ? draft->mux : draft->port;
	const char *name = written + (key == KEY_MUX ? 0 : strlen(DRAFT_TCPMUX));

	service->mux = true;
	service->mux_go = *name == '+';
	name += service->mux_go;
	if (draft->set[KEY_BIND] && strcmp(draft->bind, "*") != 0)
		CHECK_WARNING(check, KEY_BIND,
			"address '%s' is ignored: %s can be asked for wherever tcpmux listens",
			draft->bind, written);
	if (!*name || strlen(name) > 255 || !strcasecmp(name, "help"))
		CHECK_ERROR(check, key,
			"'%s' cannot be asked for: a name of 1 to 255 bytes, and not help",
			written);
	for (const char *at = name; *at; at++)
		if ((unsigned char)*at <= ' ' || *at == 127) {
			CHECK_ERROR(check, key,
				"a name for tcpmux cannot hold blanks or control characters");
			break;
		}
	service->mux_name =
		load_memory(check->load, arena_strdup(&check->load->config->arena, name));
	if (strcmp(draft->protocol->base, "tcp") != 0 || service->wait)
		CHECK_ERROR(check, key, "a tcpmux service is a tcp nowait service");
	if (service->builtin == BUILTIN_TCPMUX)
		CHECK_ERROR(check, key, "tcpmux cannot be asked for by tcpmux");
}

/* The address of what is written without one: bind, else -a, else any. */
static const char *default_bind(const struct check *check)
{
	const char *bind = check->load->options->bind_default;

	if (check->draft->set[KEY_BIND])
		bind = check->draft->bind;
	else if (!draft_needs_bind(check->draft))
		bind = NULL;
	return bind && *bind ? bind : "*";
}

static bool listens_on(const struct service *service, const char *host)
{
	struct sockaddr_len addr, other;
	bool number = sockaddr_parse(host, &addr);

	if (number)
		sockaddr_unmap(&addr);
	for (size_t i = 0; number && i < service->endpoint_count; i++) {
		other = sockaddr_copy(&service->endpoints[i].addr);
		if (other.addr.sa.sa_family == AF_UNIX)
			continue;
		sockaddr_set_port(&other.addr, 0);
		if (!sockaddr_compare(&addr, &other))
			return true;
	}
	for (size_t i = 0; !number && i < service->name_count; i++)
		if (!strcasecmp(service->names[i].host, host))
			return true;
	return !strcmp(host, "*");
}

/* Where every item of listen has an address, bind is a part of what the entry is called by, and
 * must not look like more. */
static void check_idle_bind(struct check *check)
{
	struct load *load = check->load;
	char *rest, *host;

	if (!check->draft->set[KEY_BIND] || check->draft->failed || draft_needs_bind(check->draft))
		return;
	rest = load_memory(load, arena_strdup(&load->work, check->draft->bind));
	while (rest && (host = strsep(&rest, ",")))
		if (!listens_on(check->service, host))
			CHECK_WARNING(check, KEY_BIND,
				"bind: nothing listens on '%s': every item of listen has an "
				"address "
				"of its own",
				host);
}

static void collect(struct check *check, unsigned families)
{
	struct binding binding = {.check = check, .key = KEY_PORT, .families = families};
	const char *bind = default_bind(check);
	struct service *service = check->service;

	if (check->draft->places & PLACE_INET)
		service->bind = load_memory(
			check->load, arena_share_text(&check->load->config->arena, bind));
	map_init(&binding.seen, &check->load->work);
	if (check->draft->set[KEY_LISTEN]) {
		check_listen(&binding, bind);
		check_idle_bind(check);
	} else if (check->draft->places & PLACE_VSOCK) {
		endpoint_add_vsock(&binding, check->draft->port);
	} else if (!families) {
		endpoint_add_unix(&binding, check->draft->port);
	} else if (one_port(&binding, check->draft->port)) {
		binding.key = KEY_BIND;
		endpoint_add_list(&binding, bind);
	}
	endpoint_keep(&binding);
}

/* True if the protocol is set for an entry that has paths and @names only, both in one section. */
static bool is_local_only(const struct draft *draft)
{
	struct where protocol = draft_where(draft, KEY_PROTOCOL);

	return draft->set[KEY_PROTOCOL] && draft->set[KEY_LISTEN] &&
	       !(draft->places & (PLACE_INET | PLACE_MUX | PLACE_VSOCK)) &&
	       protocol.file == draft_where(draft, KEY_LISTEN).file &&
	       protocol.file == draft->where.file && protocol.line != draft->where.line;
}

void check_endpoints(struct check *check)
{
	struct draft *draft = check->draft;
	struct service *service = check->service;
	unsigned families;

	service->bind = "*";
	if (!draft->protocol || !draft->places)
		return;
	families = draft->protocol->families;
	if (is_local_only(draft) && !(families & (FAMILY_UNIX | FAMILY_VSOCK)))
		CHECK_ERROR(check, KEY_PROTOCOL,
			"protocol: nothing listens on %s, as listen has unix sockets only: write "
			"protocol "
			"= unix, or leave it out",
			draft->protocol->name);
	if (!families)
		families = check->load->options->plain_families;
	families &= ~(unsigned)(FAMILY_UNIX | FAMILY_VSOCK);
	if (draft->places & (PLACE_INET | PLACE_MUX))
		service->families = families;
	if (draft->places & PLACE_MUX)
		check_mux(check);
	else
		collect(check, families);
}
