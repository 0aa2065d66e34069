/* show: see show.h. */
#include "config/show/show.h"

#include <errno.h>
#include <sys/param.h>

#include "config/check/key_rules.h"
#include "config/keys/protocol.h"
#include "config/show/show_value.h"
#include "config/syntax/ini.h"

/* Keys that a service has in another form than they are set in; all others print what their field
 * holds. */
static const struct {
	enum key_id id;
	show_fn *show;
} kept_otherwise[] = {
	{KEY_LISTEN, show_listen},
	{KEY_PORT, show_port},
	{KEY_BIND, show_bind},
	{KEY_PROTOCOL, show_protocol},
	{KEY_USER, show_user},
	{KEY_GROUP, show_group},
	{KEY_SERVER, show_server},
	{KEY_SERVER_ARGS, show_arguments},
	{KEY_ARGV0, show_argv0},
	{KEY_MUX, show_mux},
	{KEY_SOCKET_USER, show_owner},
	{KEY_SOCKET_GROUP, show_owner_group},
	{KEY_DISABLE, show_disable},
};

/* The service field of the entry, without bind part and protocol, out of "BIND:FIELD/tcp". */
static const char *find_field(const struct service *service, size_t *len)
{
	const char *field = service->id + strlen(service->bind) + 1, *slash = strrchr(field, '/');

	*len = slash ? (size_t)(slash - field) : strlen(field);
	return field;
}

/* True if the head of a section would not be taken as that name. */
static bool is_misleading(const char *field, size_t len)
{
	const char *slash = memrchr(field, '/', len);
	char last[16];

	if ((len == 5 && !strncmp(field, "inetd", 5)) ||
		(len == 8 && !strncmp(field, "defaults", 8)))
		return true;
	if (!slash || slash == field || len - (size_t)(slash + 1 - field) >= sizeof(last))
		return false;
	strlcpy(last, slash + 1, len - (size_t)(slash - field));
	return protocol_find(last);
}

/* The head of its section, freed by the caller; NULL without memory. The protocol
 * is in it even where one service alone bears the name: an entry that is switched off may bear
 * it too. */
static char *head_of(const struct service *service)
{
	size_t len;
	const char *field = find_field(service, &len);
	bool inet = !service->mux && service->families & ~(unsigned)(FAMILY_UNIX | FAMILY_VSOCK);
	bool bind = strcmp(service->label, service->name) != 0;
	bool protocol = inet || is_misleading(field, len);
	char *head;

	if (asprintf(&head, "%s%s%.*s%s%s", bind ? service->bind : "", bind ? ":" : "", (int)len,
		    field, protocol ? "/" : "", protocol ? service->protocol : "") < 0)
		return NULL;
	return head;
}

/* True if a section with that head means other entries besides: of services that share a name, and
 * of an entry that is switched off or wrong. */
static bool means_others(const struct service *service, const char *head)
{
	const struct config *config = service->config;
	bool others = entry_state(config, service->id) != ENTRY_UNKNOWN;

	if (!strcmp(service->label, service->name))
		return others;
	for (size_t i = 0; i < config->service_count && !others; i++) {
		const struct service *other = config->services[i];
		char *second;

		if (other == service || strcmp(other->name, service->name) != 0)
			continue;
		second = head_of(other);
		others = !second || !strcmp(second, head);
		free(second);
	}
	return others;
}

static void show_head(const struct service *service, FILE *out)
{
	char *head = head_of(service);

	if (head)
		ini_write_head(out, head);
	else
		fprintf(out, "# %s\n", strerror(errno));
	if (head && means_others(service, head))
		fprintf(out, "# other entries are called so too: this section would change them\n");
	free(head);
}

static unsigned traits_of(const struct service *service)
{
	const struct protocol *protocol = protocol_find(service->protocol);
	unsigned traits = service->builtin ? TRAIT_BUILTIN : TRAIT_PROGRAM;
	bool inet = service->name_count > 0;

	traits |= service->socktype == SOCK_DGRAM ? TRAIT_DGRAM : TRAIT_STREAM;
	for (size_t i = 0; i < service->endpoint_count; i++) {
		const struct sockaddr_len whole = sockaddr_copy(&service->endpoints[i].addr);
		const union sockaddr_any *addr = &whole.addr;

		inet |= sockaddr_is_inet(&addr->sa);
		if (addr->sa.sa_family == AF_VSOCK)
			traits |= TRAIT_VSOCK;
		if (addr->sa.sa_family == AF_UNIX && addr->un.sun_path[0])
			traits |= TRAIT_PATH;
	}
	if (service->wait)
		traits |= TRAIT_WAIT;
	if (service->mux)
		traits |= TRAIT_MUX;
	else
		traits |= inet ? TRAIT_INET : traits & TRAIT_VSOCK ? 0 : TRAIT_LOCAL;
	if (protocol && !strcmp(protocol->base, "tcp"))
		traits |= TRAIT_TCP;
	return traits | key_rules_families(protocol, service->mux);
}

/* True for what has no effect in this service and was set nevertheless, which is allowed. */
static bool is_set(const struct service *service, const struct key *key)
{
	const struct rate *rate = &service->policy->limits.per_source_rate;

	switch (key_id_of(key)) {
	case KEY_PER_SOURCE:
		return !service->policy->limits.per_source_default;
	case KEY_PER_SOURCE_RATE:
		return rate->count != LIMIT_NONE;
	case KEY_PER_SOURCE_BURST:
		return rate->burst != rate->count;
	case KEY_DENY_SCOPE:
		return service->policy->access.deny_scope != DENY_SERVICE;
	case KEY_PREFIX4:
		return service->policy->limits.prefix4 != conf_default_limits().prefix4;
	case KEY_PREFIX6:
		return service->policy->limits.prefix6 != conf_default_limits().prefix6;
	case KEY_KILL_AFTER:
	case KEY_DENY_AFTER:
	case KEY_PROXY_OTHERS:
	case KEY_START_TIME:
	case KEY_STOP_AFTER:
	case KEY_SPARE_IDLE:
		return !key_is_preset(key, key_of_service(key, service));
	case KEY_SEND_PROXY:
		return service->policy->on_demand.sends_proxy;
	case KEY_SPARE_READY:
		return service->policy->spares.ready;
	default:
		return false;
	}
}

static bool has_meaning(const struct service *service, unsigned traits, const struct key *key)
{
	enum key_id id = key_id_of(key);
	const struct key_rule *against = key_rules_against(traits, id);

	if (!(key->flags & KEY_IN_SERVICE))
		return false;
	switch (id) {
	case KEY_LISTEN:
	case KEY_PORT:
		return !service->mux;
	case KEY_MUX:
		return service->mux;
	case KEY_SERVER:
		return service->server;
	case KEY_INTERNAL:
		return service->builtin;
	case KEY_BIND:
		return !service->mux && !against;
	default:
		return !against || (against->severity == DIAG_WARNING && is_set(service, key));
	}
}

/* True for what would only change how another key works, which is not set. */
static bool is_idle(const struct service *service, const struct key *key)
{
	const struct policy *policy = service->policy;

	switch (key_id_of(key)) {
	case KEY_KILL_AFTER:
		return !policy->max_time_ms && !is_set(service, key);
	case KEY_DENY_AFTER:
	case KEY_DENY_SCOPE:
		return !policy->access.deny_ms && !is_set(service, key);
	case KEY_PROXY_OTHERS:
		return !service_has_proxies(service) && !is_set(service, key);
	case KEY_START_TIME:
	case KEY_STOP_AFTER:
	case KEY_SEND_PROXY:
		return policy->context.activation != ACTIVATION_PROXY && !is_set(service, key);
	case KEY_SPARE_READY:
	case KEY_SPARE_IDLE:
		return !policy->spares.count && !is_set(service, key);
	default:
		return false;
	}
}

static bool show_key(const struct service *service, const struct key *key, FILE *out)
{
	for (size_t i = 0; i < sizeof(kept_otherwise) / sizeof(kept_otherwise[0]); i++)
		if (kept_otherwise[i].id == key_id_of(key))
			return kept_otherwise[i].show(key, service, out);
	return key->type->print(key, key_of_service(key, service), out);
}

static void show_keys(const struct service *service, FILE *out)
{
	unsigned traits = traits_of(service);

	for (const struct key *key = key_table; key < key_table + KEY_COUNT; key++)
		if (has_meaning(service, traits, key) &&
			(is_idle(service, key) || !show_key(service, key, out)))
			fprintf(out, "# %s: %s\n", key->name, key->unset);
}

/* Half a service would be another one, so either every line is of use or none is. */
static void put_lines(const char *text, FILE *out)
{
	size_t longest = 0;

	for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
		longest = MAX(longest, strcspn(line, "\n"));
	if (longest <= INI_LINE_MOST) {
		fputs(text, out);
		return;
	}
	fprintf(out,
		"# an INI file cannot say this service: a line would have %zu bytes, %d at most\n",
		longest, INI_LINE_MOST);
	for (size_t len; *text; text += len + 1) {
		len = strcspn(text, "\n");
		fprintf(out, "%s%.*s\n", *text == '#' ? "" : "# ", (int)len, text);
	}
}

void show_service(const struct service *service, FILE *out)
{
	char *text = NULL;
	size_t len;
	FILE *lines = open_memstream(&text, &len);

	if (lines) {
		show_head(service, lines);
		show_keys(service, lines);
	}
	if (lines && fclose(lines) == 0)
		put_lines(text, out);
	else
		fprintf(out, "# %s: %s\n", service->label, strerror(errno));
	free(text);
}

void show_daemon(const struct config *config, FILE *out)
{
	fprintf(out, "[inetd]\n");
	for (const struct key *key = key_table; key < key_table + KEY_COUNT; key++) {
		const void *value = key_of_daemon(key, &config->daemon);

		if (key_id_of(key) == KEY_LOG_LEVEL)
			value = &config->daemon.log_level;
		if (value && !key->type->print(key, value, out))
			fprintf(out, "# %s: %s\n", key->name, key->unset);
	}
}

bool show_is_called(const struct service *service, const char *name)
{
	const struct protocol *protocol = protocol_find(service->protocol);
	const char *field, *rest = name;
	size_t len, bind_len = strlen(service->bind);

	if (!strcmp(name, service->label) || !strcmp(name, service->name))
		return true;
	field = find_field(service, &len);
	if (!strncmp(rest, service->bind, bind_len) && rest[bind_len] == ':')
		rest += bind_len + 1;
	if (strncmp(rest, field, len) != 0)
		return false;
	rest += len;
	return !*rest || (*rest == '/' && (!strcmp(rest + 1, service->protocol) ||
						  (protocol && !strcmp(rest + 1, protocol->base))));
}
