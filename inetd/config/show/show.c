/* show: see show.h. */
#include "config/show/show.h"

#include <errno.h>
#include <sys/param.h>

#include "config/check/key_rules.h"
#include "config/keys/protocol.h"
#include "config/show/show_value.h"
#include "config/syntax/ini_long.h"

#define AT(field) offsetof(struct service, field)

/* How each key of a service is read back. A table beside that of the keys, because one of them is
 * about words and the other about what came of them. */
static const struct {
	show_fn *show;
	size_t offset; /* of the value in struct service */
} rows[KEY_COUNT] = {
	[KEY_LISTEN] = {show_listen, 0},
	[KEY_PORT] = {show_port, 0},
	[KEY_BIND] = {show_text, AT(bind)},
	[KEY_SOCKET_TYPE] = {show_word, AT(socktype)},
	[KEY_PROTOCOL] = {show_text, AT(protocol)},
	[KEY_WAIT] = {show_yes, AT(wait)},
	[KEY_USER] = {show_text, AT(identity.user)},
	[KEY_GROUP] = {show_id, AT(identity.gid)},
	[KEY_SERVER] = {show_text, AT(server)},
	[KEY_SERVER_ARGS] = {show_arguments, AT(argv)},
	[KEY_ARGV0] = {show_text, 0},
	[KEY_WRAPPER] = {show_words, AT(wrapper)},
	[KEY_INTERNAL] = {show_word, AT(builtin)},
	[KEY_MUX] = {show_mux, 0},
	[KEY_ACTIVATION] = {show_word, AT(context.activation)},
	[KEY_INSTANCES] = {show_limit, AT(limits.instances)},
	[KEY_PER_SOURCE] = {show_limit, AT(limits.per_source)},
	[KEY_RATE] = {show_rate, AT(limits.rate)},
	[KEY_BURST] = {show_burst, AT(limits.rate)},
	[KEY_PER_SOURCE_RATE] = {show_rate, AT(limits.per_source_rate)},
	[KEY_PER_SOURCE_BURST] = {show_burst, AT(limits.per_source_rate)},
	[KEY_PREFIX4] = {show_byte, AT(limits.prefix4)},
	[KEY_PREFIX6] = {show_byte, AT(limits.prefix6)},
	[KEY_EXEMPT] = {show_networks, AT(access.exempt)},
	[KEY_OVERLOAD] = {show_word, AT(overload)},
	[KEY_BUSY_MESSAGE] = {show_message, AT(messages.busy)},
	[KEY_MAX_TIME] = {show_time, AT(max_time_ms)},
	[KEY_KILL_AFTER] = {show_time, AT(kill_after_ms)},
	[KEY_MAX_LOAD] = {show_load, AT(max_load)},
	[KEY_ONLY_FROM] = {show_networks, AT(access.only_from)},
	[KEY_NO_ACCESS] = {show_networks, AT(access.no_access)},
	[KEY_ACCESS_TIMES] = {show_times, AT(access.times)},
	[KEY_DENY_TIME] = {show_time, AT(access.deny_ms)},
	[KEY_DENY_AFTER] = {show_count, AT(access.deny_after)},
	[KEY_ENV] = {show_words, AT(context.env)},
	[KEY_PASSENV] = {show_names, AT(context.passenv)},
	[KEY_CLEAN_ENV] = {show_no, AT(context.keep_env)},
	[KEY_STDERR] = {show_output, AT(context)},
	[KEY_BANNER] = {show_message, AT(messages.banner)},
	[KEY_BANNER_FAIL] = {show_message, AT(messages.banner_fail)},
	[KEY_LOG] = {show_events, AT(events)},
	[KEY_LOG_LEVEL] = {show_word, AT(log_level)},
	[KEY_SNDBUF] = {show_bytes, AT(socket.sndbuf_bytes)},
	[KEY_RCVBUF] = {show_bytes, AT(socket.rcvbuf_bytes)},
	[KEY_BACKLOG] = {show_count, AT(socket.backlog)},
	[KEY_DEFER_ACCEPT] = {show_yes, AT(socket.defer_accept)},
	[KEY_SOCKET_MODE] = {show_mode, AT(socket.mode)},
	[KEY_SOCKET_USER] = {show_id, AT(socket.owner)},
	[KEY_SOCKET_GROUP] = {show_id, AT(socket.group)},
	[KEY_IDLE_TIME] = {show_time, AT(idle_ms)},
	[KEY_REPLY_RATE] = {show_reply_rate, AT(reply_rate)},
	[KEY_REPLY_BURST] = {show_count, AT(reply_burst)},
	[KEY_DISABLE] = {show_enabled, 0},
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

/* What stands in the head of its section, freed by the caller; NULL without memory. The protocol
 * stands there even where one service alone bears the name: an entry that is switched off may bear
 * it too. */
static char *head_of(const struct service *service)
{
	size_t len;
	const char *field = find_field(service, &len);
	bool inet = !service->mux && service->families & ~(unsigned)FAMILY_UNIX;
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
		const union sockaddr_any *addr = &service->endpoints[i].addr.addr;

		inet |= addr->sa.sa_family != AF_UNIX;
		if (addr->sa.sa_family == AF_UNIX && addr->un.sun_path[0])
			traits |= TRAIT_PATH;
	}
	if (service->wait)
		traits |= TRAIT_WAIT;
	if (service->mux)
		traits |= TRAIT_MUX;
	else
		traits |= inet ? TRAIT_INET : TRAIT_LOCAL;
	if (protocol && !strcmp(protocol->base, "tcp"))
		traits |= TRAIT_TCP;
	return traits | key_rules_families(protocol, service->mux);
}

/* True for what does nothing in this service and was said nevertheless, which is allowed. */
static bool was_said(const struct service *service, enum key_id id)
{
	const struct rate *rate = &service->limits.per_source_rate;

	switch (id) {
	case KEY_PER_SOURCE:
		return !service->limits.per_source_default;
	case KEY_PER_SOURCE_RATE:
		return rate->count != LIMIT_NONE;
	case KEY_PER_SOURCE_BURST:
		return rate->burst != rate->count;
	case KEY_PREFIX4:
		return service->limits.prefix4 != conf_default_limits().prefix4;
	case KEY_PREFIX6:
		return service->limits.prefix6 != conf_default_limits().prefix6;
	case KEY_KILL_AFTER:
		return service->kill_after_ms != KILL_AFTER_MS;
	case KEY_DENY_AFTER:
		return service->access.deny_after != DENY_AFTER;
	default:
		return false;
	}
}

static bool has_meaning(const struct service *service, unsigned traits, enum key_id id)
{
	const struct key_rule *against = key_rules_against(traits, id);

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
		return !against || (against->severity == DIAG_WARNING && was_said(service, id));
	}
}

/* True for what would only change how another key works, which is not set. */
static bool is_idle(const struct service *service, enum key_id id)
{
	return ((id == KEY_KILL_AFTER && !service->max_time_ms) ||
		       (id == KEY_DENY_AFTER && !service->access.deny_ms)) &&
	       !was_said(service, id);
}

static void show_keys(const struct service *service, FILE *out)
{
	unsigned traits = traits_of(service);

	for (size_t i = 0; i < KEY_COUNT; i++) {
		enum key_id id = (enum key_id)i;
		struct show show = {out, &key_table[id], service};
		const void *value = (const char *)service + rows[id].offset;

		if (!rows[id].show || !has_meaning(service, traits, id))
			continue;
		if (id == KEY_ARGV0)
			value = service->argv;
		if (is_idle(service, id) || !rows[id].show(&show, value))
			fprintf(out, "# %s: %s\n", show.key->name, show.key->unset);
	}
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
	static const struct {
		enum key_id id;
		show_fn *show;
		size_t offset; /* of the value in struct config */
	} of_daemon[] = {
		{KEY_LOG_LEVEL, show_word, offsetof(struct config, log_level)},
		{KEY_CHILDREN, show_limit, offsetof(struct config, children)},
		{KEY_STOP_CHILDREN, show_yes, offsetof(struct config, stop_children)},
		{KEY_CONTROL_GROUP, show_text, offsetof(struct config, control_group_name)},
		{KEY_LOG_FORMAT, show_word, offsetof(struct config, log_format)},
	};

	fprintf(out, "[inetd]\n");
	for (size_t i = 0; i < sizeof(of_daemon) / sizeof(of_daemon[0]); i++) {
		struct show show = {out, &key_table[of_daemon[i].id], NULL};

		if (!of_daemon[i].show(&show, (const char *)config + of_daemon[i].offset))
			fprintf(out, "# %s: %s\n", show.key->name, show.key->unset);
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
