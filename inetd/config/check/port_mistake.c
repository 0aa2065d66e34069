/* port_mistake: what somebody may have meant by a port or an address that is none (see endpoint.h).
 */
#include "config/check/endpoint.h"
#include "config/keys/protocol.h"

static bool is_address(const char *text)
{
	struct sockaddr_len addr;

	return sockaddr_parse(text, &addr);
}

static bool is_number(const char *text)
{
	return *text && !text[strspn(text, "0123456789")];
}

static bool is_range(const char *text)
{
	size_t digits = strspn(text, "0123456789");

	return digits && text[digits] == '-' && is_number(text + digits + 1);
}

static bool is_address_before(const char *text, const char *end)
{
	char copy[SOCKADDR_TEXT];

	if ((size_t)(end - text) >= sizeof(copy) || !is_number(end + 1))
		return false;
	strlcpy(copy, text, (size_t)(end - text) + 1);
	return is_address(copy);
}

/* True if what comes before the last colon is an address, and a port follows it. */
static bool has_port(const char *text)
{
	const char *colon = strrchr(text, ':');
	char copy[SOCKADDR_TEXT];

	if (!colon || (size_t)(colon - text) >= sizeof(copy) || !is_number(colon + 1))
		return false;
	strlcpy(copy, text, (size_t)(colon - text) + 1);
	return is_address(copy) || !strcmp(copy, "*");
}

static void address_as_port(struct binding *binding, const char *text)
{
	const struct draft *draft = binding->check->draft;

	if (draft->set[KEY_BIND] && is_number(draft->bind))
		CHECK_ERROR(binding->check, binding->key,
			"'%s:%s': the address comes before the port: write %s:%s", draft->bind,
			text, text, draft->bind);
	else
		CHECK_ERROR(binding->check, binding->key,
			"the address %s has no port: write %s:PORT", text, text);
}

/* A section without a port is called by it, mostly; where that is none its name is no mistake. */
static bool is_name_of_section(const struct draft *draft, const char *text)
{
	struct where where = draft_where(draft, KEY_PORT);

	return !draft->dialect && !draft->set[KEY_LISTEN] && draft->name &&
	       !strcmp(draft->name, text) && where.file == draft->where.file &&
	       where.line == draft->where.line;
}

/* A name of a host, not of a service. */
static bool is_host(const char *text)
{
	return !strcasecmp(text, "localhost") || strchr(text, '.');
}

void port_mistake(struct binding *binding, const char *text)
{
	const char *protocol = binding->check->draft->protocol->name, *slash = strchr(text, '/');

	if (is_name_of_section(binding->check->draft, text) && slash && slash > text &&
		text[strspn(text, "0123456789")] == '/')
		CHECK_ERROR(binding->check, binding->key,
			"unknown protocol '%s' after the slash of the section's name", slash + 1);
	else if (is_name_of_section(binding->check->draft, text))
		CHECK_ERROR(binding->check, binding->key,
			"no port: set listen = PORT, as the name '%s' is none of services(5)",
			text);
	else if (!strncmp(text, "//", 2))
		CHECK_ERROR(binding->check, binding->key,
			"'%s' is the rest of a URL: a port is meant, or an address and a port, as "
			"in 127.0.0.1:80",
			text);
	else if (slash == text)
		CHECK_ERROR(binding->check, binding->key,
			"'%s' is the path of a unix socket: the protocol must be unix, not %s",
			text, protocol);
	else if (slash && protocol_find(slash + 1))
		CHECK_ERROR(binding->check, binding->key,
			"'%s': the port alone is written here, as %.*s: the protocol has a field "
			"or key "
			"of its own",
			text, (int)(slash - text), text);
	else if (slash && is_address_before(text, slash))
		CHECK_ERROR(binding->check, binding->key,
			"'%s': a colon stands between address and port: write %.*s:%s", text,
			(int)(slash - text), text, slash + 1);
	else if (slash && (is_number(slash + 1) || is_range(slash + 1)))
		CHECK_ERROR(binding->check, binding->key,
			"'%s' looks like an RPC program with its versions: its protocol is rpc/%s, "
			"and in a section it is rpc = %s",
			text, protocol, text);
	else if (slash)
		CHECK_ERROR(binding->check, binding->key,
			"'%s' is no port: the absolute path of a unix socket begins with '/'",
			text);
	else if (strpbrk(text, " ,"))
		CHECK_ERROR(binding->check, binding->key,
			"'%s': one port can be set here; for several write listen in a section",
			text);
	else if (is_range(text))
		CHECK_ERROR(binding->check, binding->key,
			"'%s': a range of ports can only be set by listen in a section", text);
	else if (is_address(text))
		address_as_port(binding, text);
	else if (!strcmp(text, "*") || *text == '%')
		CHECK_ERROR(binding->check, binding->key, "'%s' has no port: write %s:PORT", text,
			text);
	else if (has_port(text))
		CHECK_ERROR(binding->check, binding->key,
			"'%s' has an address: write it in listen, or in bind and port", text);
	else if (is_host(text))
		CHECK_ERROR(binding->check, binding->key, "'%s' has no port: write %s:PORT", text,
			text);
	else
		CHECK_ERROR(binding->check, binding->key,
			"unknown service '%s': a name of services(5) or a port number", text);
}

void bind_mistake(struct binding *binding, const char *text)
{
	const char *name = key_table[binding->key].name, *url = strstr(text, "://");
	struct network network;

	if (url)
		CHECK_ERROR(binding->check, binding->key,
			"'%s' is a URL, where an address is meant: leave out '%.*s'", text,
			(int)(url + strlen("://") - text), text);
	else if (!strncmp(text, "vsock:", strlen("vsock:")) || !strcmp(text, "vsock"))
		CHECK_ERROR(binding->check, binding->key,
			"'%s' is an address of protocol vsock, not of %s", text,
			binding->check->draft->protocol->name);
	else if (strchr(text, '/') && network_parse(text, &network) != NETWORK_NOT)
		CHECK_ERROR(binding->check, binding->key,
			"'%s' is a network: an address of this machine is meant here; only_from "
			"sets who "
			"may connect",
			text);
	else if (*text == '[' && strstr(text, "]%"))
		CHECK_ERROR(binding->check, binding->key,
			"'%s': the interface belongs into the brackets, as in [fe80::1%%eth0]",
			text);
	else if (strchr(text, ' '))
		CHECK_ERROR(binding->check, binding->key,
			"%s: '%s': addresses are separated by commas without blanks", name, text);
	else if (has_port(text))
		CHECK_ERROR(binding->check, binding->key,
			"%s: '%s' has a port: write the port in port, or both in listen", name,
			text);
	else if (*text && strchr(text, ':') &&
		 (text[strlen(text) - 1] == ':' || strpbrk(text, "[]")))
		CHECK_ERROR(binding->check, binding->key,
			"an IPv6 address with a port is written in brackets, as in [::1]:80");
	else
		CHECK_ERROR(
			binding->check, binding->key, "'%s' is no address and no host name", text);
}
