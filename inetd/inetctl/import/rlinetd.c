/* rlinetd: see rlinetd.h. */
#include "inetctl/import/rlinetd.h"

#include <string.h>
#include <sys/stat.h>

#include "inetctl/import/rlinetd_file.h"
#include "inetctl/quoting.h"

/* A service while its block is read: what is said together with others. */
struct service {
	struct conversion *conversion;
	struct section *section;
	const char *ports[RLINETD_WORDS], *hosts[RLINETD_WORDS], *family;
	size_t port_count, host_count;
	struct origin ports_at;
	const char *server;    /* NULL: the first word of exec */
	struct statement exec; /* count 0: none yet */
	bool is_datagram, is_wait, is_default;
	bool has_user, has_instances, is_builtin, is_rpc;
};

/* Statements that are a key with the same value. */
static const struct {
	const char *name, *key;
} keys[] = {
	{"user", "user"},
	{"group", "group"},
	{"backlog", "backlog"},
	{"nice", "nice"},
	{"chroot", "chroot"},
	{"capability", "capabilities"},
	{"banner", "banner"},
	{"sndbuf", "sndbuf"},
	{"rcvbuf", "rcvbuf"},
};

static const struct {
	const char *name, *lost;
} losses[] = {
	{"log", "lines of its own in the log: log = start exit refuse has them in our words"},
	{"tcpd", "hosts.allow is asked with -w, or with /usr/sbin/tcpd as the server"},
	{"filter", "a filter of its own on the socket"},
	{"exit", "the end of the connection after the text"},
};

static void command(struct service *service)
{
	const struct statement *statement = &service->exec;
	char *rest = statement->words[1], *words[RLINETD_WORDS + 1] = {NULL};
	size_t count = 0;

	while (rest && count < RLINETD_WORDS && (words[count] = source_word(&rest)))
		count++;
	if (!count)
		return;
	conversion_key(service->section, statement->origin, "server",
		service->server ? service->server : words[0]);
	conversion_key(service->section, statement->origin, "argv0", words[0]);
	if (count > 1)
		conversion_key(service->section, statement->origin, "server_args",
			quoting_words(&service->conversion->arena, words + 1));
	for (size_t i = 0; i < count; i++)
		if (strchr(words[i], '%')) {
			conversion_lost(service->section, statement->origin,
				"nothing is put in the place of %% in arguments: the program finds "
				"REMOTE_ADDR and others in its environment");
			break;
		}
}

static void limit(
	struct service *service, struct rlinetd_file *file, const struct statement *statement)
{
	const char *soft = statement->words[2], *hard = NULL;
	struct statement one;

	while (statement->opens && rlinetd_file_next(file, &one)) {
		if (!strcmp(one.words[0], "soft"))
			soft = one.words[1];
		else
			hard = one.words[1];
	}
	conversion_key(service->section, statement->origin,
		conversion_text(service->conversion, "rlimit_%s", statement->words[1]),
		conversion_text(service->conversion, "%s%s%s", soft ? soft : hard,
			soft && hard ? ":" : "", soft && hard ? hard : ""));
}

static void rpc(
	struct service *service, struct rlinetd_file *file, const struct statement *statement)
{
	const char *name = service->section->name, *versions = NULL;
	struct statement one;

	while (statement->opens && rlinetd_file_next(file, &one)) {
		if (!strcmp(one.words[0], "version"))
			versions = one.words[1];
		else if (!strcmp(one.words[0], "name") && one.words[1])
			name = one.words[1];
	}
	service->is_rpc = true;
	if (versions)
		conversion_key(service->section, statement->origin, "rpc",
			conversion_text(service->conversion, "%s/%s", name, versions));
	else
		conversion_shut(service->section, statement->origin,
			"version is missing: what rpcbind is to be told");
}

static void builtin(struct service *service, const struct statement *statement)
{
	static const char *const names[][2] = {
		{"chargen", "chargen"}, {"discard", "discard"}, {"loopback", "echo"}};
	const char *name = NULL, *text = statement->words[1];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(names[i][0], statement->words[0]))
			name = names[i][1];
	if (!name && text && !strcmp(text, "%M"))
		name = "time";
	if (!name && text && !strncmp(text, "%I", 2))
		name = "daytime";
	service->is_builtin |= name != NULL;
	if (name)
		conversion_key(service->section, statement->origin, "internal", name);
	else if (text && !strchr(text, '%'))
		conversion_key(service->section, statement->origin, "banner",
			conversion_text(service->conversion, "%s\\n", text));
	else
		conversion_lost(service->section, statement->origin,
			"a text with something of the connection in it");
}

static void yes_or_no(struct service *service, const struct statement *statement)
{
	const char *name = statement->words[0];
	bool yes = statement->words[1] && !strcmp(statement->words[1], "yes");

	if (!strcmp(name, "enabled") && !yes) {
		conversion_key(service->section, statement->origin, "disable", "yes");
	} else if (!strcmp(name, "wait") && yes) {
		service->is_wait = true;
		conversion_key(service->section, statement->origin, "wait", "yes");
	} else if (!strcmp(name, "initgroups") && !yes) {
		conversion_key(service->section, statement->origin, "groups", "no");
	} else {
		conversion_implied(service->section, statement->origin, "it is the default");
	}
}

static void remember(struct service *service, const struct statement *statement)
{
	bool ports = !strcmp(statement->words[0], "port");
	const char **list = ports ? service->ports : service->hosts;
	size_t *count = ports ? &service->port_count : &service->host_count;

	if (ports)
		service->ports_at = statement->origin;
	for (size_t i = 1; i < statement->count && *count < RLINETD_WORDS; i++)
		if (statement->words[i] && strcmp(statement->words[i], "any") != 0)
			list[(*count)++] = statement->words[i];
	conversion_implied(service->section, statement->origin, "see listen");
}

static bool is_one_of(const char *name, const char *const *names)
{
	for (; *names; names++)
		if (!strcmp(*names, name))
			return true;
	return false;
}

/* Returns false where the name is none of the simple ones. */
static bool simple(struct service *service, const struct statement *statement)
{
	const char *name = statement->words[0], *value = statement->words[1];

	for (size_t i = 0; value && i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!strcmp(keys[i].name, name)) {
			service->has_user |= !strcmp(name, "user");
			conversion_key(service->section, statement->origin, keys[i].key, value);
			return true;
		}
	for (size_t i = 0; i < sizeof(losses) / sizeof(losses[0]); i++)
		if (!strcmp(losses[i].name, name)) {
			conversion_lost(service->section, statement->origin, "%s", losses[i].lost);
			return true;
		}
	return false;
}

static void take(struct service *service, struct rlinetd_file *file, struct statement *statement)
{
	static const char *const builtins[] = {"chargen", "discard", "loopback", "echo", NULL};
	static const char *const switches[] = {"enabled", "wait", "initgroups", NULL};
	static const char *const places[] = {"port", "interface", NULL};
	const char *name = statement->words[0], *value = statement->words[1];

	if (!strcmp(name, "exec")) {
		service->exec = *statement;
	} else if (!strcmp(name, "server")) {
		service->server = value;
		conversion_implied(service->section, statement->origin, "see server");
	} else if (!strcmp(name, "instances") && value) {
		service->has_instances = true;
		conversion_key(service->section, statement->origin, name, value);
	} else if (!strcmp(name, "protocol")) {
		service->is_datagram = value && !strcmp(value, "udp");
		conversion_implied(service->section, statement->origin, "see protocol, or tcp");
	} else if (!strcmp(name, "family")) {
		service->family = value && !strcmp(value, "ipv4") ? "4" : "6";
		conversion_implied(service->section, statement->origin, "see protocol");
	} else if (!strcmp(name, "close")) {
		conversion_implied(service->section, statement->origin, "it closes");
	} else if (!strcmp(name, "rlimit") && value) {
		limit(service, file, statement);
		return;
	} else if (!strcmp(name, "rpc")) {
		rpc(service, file, statement);
		return;
	} else if (is_one_of(name, builtins)) {
		builtin(service, statement);
	} else if (is_one_of(name, switches)) {
		yes_or_no(service, statement);
	} else if (is_one_of(name, places)) {
		remember(service, statement);
	} else if (!simple(service, statement)) {
		conversion_lost(service->section, statement->origin, "it has no counterpart");
	}
	if (statement->opens)
		rlinetd_file_skip(file);
}

static void listen_on(struct service *service)
{
	const char *all = "", *name = service->section->name;

	if (!service->port_count && !service->host_count)
		return;
	for (size_t i = 0; i < service->port_count || !i; i++)
		for (size_t j = 0; j < service->host_count || !j; j++) {
			const char *host = service->host_count ? service->hosts[j] : "";

			all = conversion_text(service->conversion, "%s%s%s%s%s%s%s", all,
				*all ? " " : "", strchr(host, ':') ? "[" : "", host,
				strchr(host, ':') ? "]" : "", *host ? ":" : "",
				service->port_count ? service->ports[i] : name);
		}
	conversion_key(service->section,
		service->port_count ? service->ports_at : service->section->origin, "listen", all);
}

/* What is known at the end of the block. */
static void finish(struct service *service)
{
	struct origin origin = service->section->origin;
	bool is_one = (service->is_wait || service->is_datagram) && !service->is_builtin;
	const char *suffix = service->family   ? service->family
			     : service->is_rpc ? "4"
			     : is_one          ? "46"
					       : "";

	if (service->is_default)
		return;
	command(service);
	listen_on(service);
	if (*suffix || service->is_datagram)
		conversion_key(service->section, origin, "protocol",
			conversion_text(service->conversion, "%s%s",
				service->is_datagram ? "udp" : "tcp", suffix));
	if (!service->has_user && !service->is_builtin)
		conversion_key(service->section, origin, "user", "root");
	if (!service->has_instances && !service->is_wait && !service->is_datagram)
		conversion_key(service->section, origin, "instances", "40");
}

static void read_block(
	struct rlinetd_file *file, const struct statement *head, struct service *defaults)
{
	struct service service = {.conversion = file->conversion};
	struct statement statement;

	service.is_default = !strcmp(head->words[0], "defaults");
	service.has_instances = defaults->has_instances;
	service.has_user = defaults->has_user;
	service.section = conversion_section(
		file->conversion, service.is_default ? "defaults" : head->words[1], head->origin);
	file->section = service.section;
	while (rlinetd_file_next(file, &statement))
		take(&service, file, &statement);
	file->section = NULL;
	finish(&service);
	if (service.is_default)
		*defaults = service;
}

static bool read_directory(struct conversion *conversion, const char *path, const char *from,
	struct service *defaults);

static bool read_file(struct conversion *conversion, const char *path, struct service *defaults)
{
	struct rlinetd_file file;
	struct statement statement;
	bool good = rlinetd_file_open(&file, conversion, path);

	while (good && rlinetd_file_next(&file, &statement)) {
		const char *name = statement.words[0];

		if (statement.opens && (!strcmp(name, "defaults") ||
					       (!strcmp(name, "service") && statement.count > 1)))
			read_block(&file, &statement, defaults);
		else if (!strcmp(name, "directory") && statement.count > 1)
			good = read_directory(conversion, statement.words[1], path, defaults);
		else if (statement.opens)
			rlinetd_file_skip(&file);
	}
	return good && !file.failed;
}

static bool read_directory(
	struct conversion *conversion, const char *path, const char *from, struct service *defaults)
{
	const char *slash = strrchr(from, '/'), *last = strrchr(path, '/');
	const char *near = conversion_text(conversion, "%.*s%s",
		(int)(slash ? slash + 1 - from : 0), from, last ? last + 1 : path);
	struct stat file;
	char **names;
	bool good = true;

	path = !stat(near, &file) && S_ISDIR(file.st_mode) ? near : path;
	names = source_names(conversion, path);
	for (; names && *names; names++)
		if (!strpbrk(*names, "~.") &&
			strcmp(conversion_text(conversion, "%s/%s", path, *names), from) != 0)
			good &= read_file(conversion,
				conversion_text(conversion, "%s/%s", path, *names), defaults);
	return good;
}

bool rlinetd_convert(struct conversion *conversion, const char *path)
{
	struct service defaults = {0};

	return read_file(conversion, path, &defaults);
}
