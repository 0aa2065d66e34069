/* ucspi: see ucspi.h. Words are taken apart as a shell does it, but nothing is put in the place of
 * variables: what needs a shell to be known is lost, and told. */
#include "inetctl/import/ucspi.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "inetctl/adhoc_service.h"
#include "inetctl/import/unit_value.h"
#include "inetctl/quoting.h"

struct command {
	struct conversion *conversion;
	struct section *section; /* NULL until the name is known */
	struct origin origin;
	char **words; /* what is left */
	const char *user, *group;
	bool has_limit; /* -c */
};

/* Options of a program: those with a value have a ':' after them, as for getopt(3). */
static const struct server {
	const char *name, *options;
	bool local; /* a path instead of host and port */
} servers[] = {
	{"tcpserver", "1346UXpPhHrRoOdDqQvc:x:B:g:u:l:b:t:", false},
	{"s6-tcpserver", "1qQvd46Dc:C:b:G:g:u:U:", false},
	{"s6-tcpserver4", "1qQvDdc:C:b:G:g:u:U:", false},
	{"s6-tcpserver6", "1qQvDdc:C:b:G:g:u:U:", false},
	{"unixserver", "qQvdDUc:b:B:g:u:o:p:m:t:", true},
	{"s6-ipcserver", "1qQvdDpPa:c:C:b:G:g:u:U:", true},
	{NULL, NULL, false},
};

static const struct server *find_server(const char *word)
{
	const struct server *server = servers;

	while (server->name && strcmp(server->name, adhoc_base_name(word)) != 0)
		server++;
	return server->name ? server : NULL;
}

bool ucspi_is_command(const char *line)
{
	char copy[4096], *rest = copy, *word;

	if (strlcpy(copy, line, sizeof(copy)) >= sizeof(copy))
		return false;
	while ((word = source_word(&rest)) && *word != '#')
		if (find_server(word))
			return true;
	return false;
}

static bool is_unknown(const char *word)
{
	return strpbrk(word, "$`");
}

static void key(struct command *command, const char *name, const char *value)
{
	if (is_unknown(value))
		conversion_lost(command->section, command->origin,
			"%s = %s: a shell knows what that is: write it out", name, value);
	else
		conversion_key(command->section, command->origin, name, value);
}

static const struct option_row {
	char letter;
	const char *key, *why; /* key NULL: implied, or with `lost` lost */
	bool lost;
} options[] = {
	{'c', "instances", NULL, false},
	{'C', "per_source", NULL, false},
	{'b', "backlog", NULL, false},
	{'B', "banner", NULL, false},
	{'m', "socket_mode", NULL, false},
	{'x', NULL, "rules by address in a file of cdb: write only_from, no_access and env", true},
	{'X', NULL, "rules by address in a file of cdb: write only_from, no_access and env", true},
	{'U', NULL, "the user of UID and GID in the environment", true},
	{'G', NULL, "further groups, by number", true},
	{'p', NULL, "the peer's name is looked up and checked (inetd -r only looks it up)", true},
	{'h', NULL, "TCPREMOTEHOST is set with inetd -r", true},
	{'l', NULL, "TCPLOCALHOST is set with inetd -r", true},
	{'r', NULL, "the caller's user (RFC 1413) is not asked for", true},
	{'H', NULL, "names are looked up with inetd -r alone", false},
	{'R', NULL, "the caller's user (RFC 1413) is not asked for", false},
	{'t', NULL, "the caller's user (RFC 1413) is not asked for", false},
};

static void option(struct command *command, char letter, const char *value)
{
	const struct origin at = {command->origin.file, command->origin.line,
		conversion_text(command->conversion, "-%c%s%s", letter, value ? " " : "",
			value ? value : "")};
	const struct origin whole = command->origin;

	if (letter == 'l' && value && !strcmp(value, "0")) {
		conversion_implied(command->section, at, "no name is looked up");
		return;
	}
	command->has_limit |= letter == 'c';
	if (letter == 'u' || letter == 'g') {
		*(letter == 'u' ? &command->user : &command->group) = value;
		return;
	}
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		if (options[i].letter != letter)
			continue;
		command->origin = at;
		if (options[i].key && value)
			key(command, options[i].key, value);
		else if (options[i].lost)
			conversion_lost(command->section, at, "%s", options[i].why);
		else
			conversion_implied(command->section, at, options[i].why);
		command->origin = whole;
		return;
	}
	conversion_implied(command->section, at, "how much it logs, and what it sets by itself");
}

/* Letters up to the first word that is none. */
static void take_options(struct command *command, const char *known)
{
	for (; *command->words && **command->words == '-' && (*command->words)[1];
		command->words++) {
		const char *letters = *command->words + 1;

		if (!strcmp(*command->words, "--")) {
			command->words++;
			return;
		}
		for (; *letters; letters++) {
			const char *row = strchr(known, *letters), *value = NULL;

			if (row && row[1] == ':') {
				value = letters[1] ? letters + 1 : *++command->words;
				if (!value)
					return;
				option(command, *letters, value);
				break;
			}
			option(command, *letters, NULL);
		}
		if (!*command->words)
			return;
	}
}

/* Limits of softlimit(8): a letter, and the number after it. */
static char **softlimit(struct command *command, char **words, char **end)
{
	static const struct {
		char letter;
		const char *keys[4];
	} limits[] = {{'m', {"rlimit_data", "rlimit_stack", "rlimit_memlock", "rlimit_as"}},
		{'a', {"rlimit_as"}}, {'d', {"rlimit_data"}}, {'s', {"rlimit_stack"}},
		{'l', {"rlimit_memlock"}}, {'o', {"rlimit_nofile"}}, {'p', {"rlimit_nproc"}},
		{'f', {"rlimit_fsize"}}, {'c', {"rlimit_core"}}, {'r', {"rlimit_rss"}},
		{'t', {"rlimit_cpu"}}};

	for (; words + 1 < end && **words == '-'; words += 2)
		for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
			for (size_t j = 0; limits[i].letter == (*words)[1] && j < 4; j++)
				if (limits[i].keys[j])
					key(command, limits[i].keys[j], words[1]);
	return words;
}

/* What stands in front of the server changes what the server, and so the program, runs as. */
static void take_prefixes(struct command *command, char **end)
{
	char **words = command->words;

	while (words < end) {
		const char *name = adhoc_base_name(*words);

		command->origin.text = *words++;
		if (strstr(name, "uidgid") && words < end) {
			command->user = *words++;
		} else if (!strcmp(name, "softlimit")) {
			words = softlimit(command, words, end);
		} else if (!strcmp(name, "nice") && words + 1 < end && !strcmp(*words, "-n")) {
			key(command, "nice", words[1]);
			words += 2;
		} else if (strchr(name, '=')) {
			conversion_add(command->section, command->origin, "env",
				quoting_words(&command->conversion->arena,
					(char *[]){(char *)command->origin.text, NULL}));
		} else if (strcmp(name, "exec") != 0 && strcmp(name, "env") != 0) {
			conversion_lost(command->section, command->origin,
				"it stands in front, and does not run here");
		}
	}
}

static const char *in_path(struct conversion *conversion, const char *name)
{
	static const char *const places[] = {"/usr/local/bin", "/usr/local/sbin", "/usr/bin",
		"/usr/sbin", "/bin", "/sbin", "/var/qmail/bin", "/command"};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		const char *path = conversion_text(conversion, "%s/%s", places[i], name);

		if (!access(path, X_OK))
			return path;
	}
	return NULL;
}

static void take_program(struct command *command)
{
	char **words = command->words, **end;
	const char *path;

	for (end = words; *end && !strpbrk(*end, "|<>&;"); end++)
		;
	command->origin.text = *words ? *words : "";
	if (*end && !strcmp(*end, "2>&1") && !end[1])
		conversion_implied(
			command->section, command->origin, "standard error goes to the log");
	else if (*end)
		conversion_lost(command->section, command->origin,
			"'%s' and what follows: the shell does that; standard error goes to the "
			"log",
			*end);
	*end = NULL;
	if (!*words) {
		conversion_shut(command->section, command->origin, "there is no program in it");
		return;
	}
	path = **words == '/' ? *words : in_path(command->conversion, *words);
	if (!path)
		conversion_lost(command->section, command->origin,
			"%s: where is it? programs have absolute paths", *words);
	key(command, "server", path ? path : *words);
	key(command, "argv0", *words);
	if (words[1])
		key(command, "server_args", quoting_words(&command->conversion->arena, words + 1));
	conversion_key(command->section, command->origin, "stderr", "log");
}

/* Host and port, or a path. */
static void take_place(struct command *command, const struct server *server)
{
	const char *host = *command->words, *port;

	if (!host || (!server->local && !command->words[1])) {
		conversion_shut(command->section, command->origin, "it ends before its address");
		return;
	}
	command->origin.text = host;
	command->words++;
	if (server->local) {
		key(command, "listen", host);
		return;
	}
	port = *command->words++;
	if (!strcmp(host, "0"))
		host = "0.0.0.0";
	key(command, "listen",
		conversion_text(
			command->conversion, strchr(host, ':') ? "[%s]:%s" : "%s:%s", host, port));
}

static const char *section_name(struct command *command, const char *path)
{
	const char *slash = strrchr(path, '/'), *before = slash;

	if (strcmp(adhoc_base_name(path), "run") != 0 || !slash)
		return adhoc_base_name(path);
	while (before > path && before[-1] != '/')
		before--;
	return conversion_text(command->conversion, "%.*s", (int)(slash - before), before);
}

static bool take_line(
	struct conversion *conversion, struct source *source, const char *line, unsigned number)
{
	struct command command = {.conversion = conversion,
		.origin = {source->path, number, conversion_text(conversion, "%s", line)}};
	const struct server *server = NULL;
	char **words = unit_value_words(conversion, line), **at;

	if (!words) {
		fprintf(stderr, "inetctl: %s:%u: a quote is not closed\n", source->path, number);
		return false;
	}
	for (at = words; *at && !(server = find_server(*at)); at++)
		;
	if (!*at) /* it stands in a quote */
		return true;
	command.words = words;
	command.section = conversion_section(
		conversion, section_name(&command, source->path), command.origin);
	take_prefixes(&command, at);
	command.words = at + 1;
	command.origin.text = *at;
	take_options(&command, server->options);
	if (!command.has_limit && !strcmp(server->name, "tcpserver"))
		key(&command, "instances", "40");
	take_place(&command, server);
	command.origin.text = "user";
	key(&command, "user", command.user ? command.user : "root");
	if (command.group)
		key(&command, "group", command.group);
	take_program(&command);
	return true;
}

bool ucspi_convert(struct conversion *conversion, const char *path)
{
	struct source source;
	char *line;

	if (!source_open(&source, conversion, path))
		return false;
	while ((line = source_line(&source))) {
		unsigned number = source.line;
		size_t len;

		line = conversion_text(conversion, "%s", source_trim(line));
		while ((len = strlen(line)) && line[len - 1] == '\\') {
			char *more = source_line(&source);

			line[len - 1] = 0;
			line = conversion_text(
				conversion, "%s %s", line, more ? source_trim(more) : "");
		}
		if (*line != '#' && ucspi_is_command(line) &&
			!take_line(conversion, &source, line, number))
			return false;
	}
	return true;
}
