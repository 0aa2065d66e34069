/* check_words: arguments that are allowed and likely not meant: written for a shell, with a comment
 * after them, or with the name of the program forgotten. For `inetd -t` alone. */
#include <ctype.h>
#include <fnmatch.h>
#include <unistd.h>

#include "config/check/check.h"
#include "config/keys/key.h"
#include "config/keys/protocol.h"

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Words that mean something to a shell. */
static bool is_of_shell(const char *word)
{
	static const char *const patterns[] = {
		"|", "||", "&&", "&", "<", ">", ">>", "2>", "2>>", "2>&1", "2>/*", ">/*", ">>/*"};

	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
		if (!fnmatch(patterns[i], word, 0))
			return true;
	return false;
}

static bool begins_comment(const char *word, const char *next)
{
	return *word == '#' && !strchr(word, ' ') && (!word[1] || (next && isalpha(word[1])));
}

/* Quotes of a word processor, at the beginning of a word. */
static bool has_typographic_quote(const char *word)
{
	return !strncmp(word, "\xe2\x80\x9c", 3) || !strncmp(word, "\xe2\x80\x98", 3) ||
	       !strncmp(word, "\xe2\x80\x9e", 3);
}

/* A dash of a word processor (U+2013, U+2014, U+2212) where an option would begin. */
static bool has_long_dash(const char *word)
{
	return !strncmp(word, "\xe2\x80\x93", 3) || !strncmp(word, "\xe2\x80\x94", 3) ||
	       !strncmp(word, "\xe2\x88\x92", 3);
}

/* True if another entry of inetd.conf(5) begins with these words. */
static bool is_entry(char *const *words)
{
	return words[0] && words[1] && words[2] && words[3] &&
	       (!strcmp(words[1], "stream") || !strcmp(words[1], "dgram")) &&
	       protocol_find(words[2]) &&
	       (!strncmp(words[3], "nowait", 6) || !strncmp(words[3], "wait", 4));
}

/* True after a warning about one argument; `next` is the one that follows, or NULL. */
static bool is_suspicious(struct check *check, const char *word, const char *next)
{
	size_t len = strlen(word);

	if (is_of_shell(word))
		CHECK_WARNING(check, KEY_SERVER_ARGS,
			"'%s' is passed to the program as an argument, as no shell reads this: %s",
			word,
			!strncmp(word, "2>", 2) ? "stderr = log, null or /FILE does it"
						: "for a shell write /bin/sh with -c");
	else if (begins_comment(word, next))
		CHECK_WARNING(check, KEY_SERVER_ARGS,
			"'%s' and what follows is passed to the program as arguments: a comment "
			"needs a "
			"line of its own",
			word);
	else if (len > 1 && word[len - 1] == '\\' && word[len - 2] != '\\' && next)
		CHECK_WARNING(check, KEY_SERVER_ARGS,
			"'%s' keeps its backslash and ends at the blank: write '%.*s %s' in quotes",
			word, (int)len - 1, word, next);
	else if (has_typographic_quote(word))
		CHECK_WARNING(check, KEY_SERVER_ARGS,
			"the typographic quote (U+201C) of '%s' does not group words: write plain "
			"quotes, "
			"\" or '",
			word);
	else if (has_long_dash(word))
		CHECK_WARNING(check, KEY_SERVER_ARGS,
			"'%s' begins with a long dash: options begin with a plain '-'", word);
	else if (!next && len > 1 && word[len - 1] == ';' && !strpbrk(word, " \t\\"))
		CHECK_WARNING(check, KEY_SERVER_ARGS,
			"the ';' at the end of '%s' is passed to the program: leave it out", word);
	else
		return false;
	return true;
}

/* Programs that run the program they read from standard input when no file is named. */
static bool is_interpreter(const char *name)
{
	static const char *const patterns[] = {"sh", "bash", "dash", "ksh*", "mksh", "zsh",
		"python*", "perl*", "ruby*", "node", "nodejs", "php*", "lua*", "tclsh*", "guile*"};

	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
		if (!fnmatch(patterns[i], name, 0))
			return true;
	return false;
}

/* True if argv[0] of an interpreter is what it was to run: without arguments it looks at nothing
 * else, so that any path or file name is enough; with arguments the file is there. */
static bool is_script(struct check *check, const char *name)
{
	if (is_interpreter(last_part(name)))
		return false;
	if (!check->service->argv[1])
		return strpbrk(name, "/.");
	return *name == '/' && lookup_may_see(&check->load->lookup, name) &&
	       access(name, F_OK) == 0;
}

/* argv[0], where it was written. */
static void check_name(struct check *check)
{
	const char *server = check->service->server, *name = check->draft->argv0;
	const char *program = last_part(server);

	if (!strcmp(last_part(name), program))
		return;
	if (is_interpreter(program) && is_script(check, name))
		CHECK_WARNING(check, KEY_SERVER,
			"'%s' becomes the name of the program, argv[0], and %s reads its program "
			"from the client: write '%s %s %s'",
			name, program, server, program, name);
	else if (*name == '/' && !strcmp(program, "tcpd") &&
		 lookup_may_see(&check->load->lookup, name) && access(name, F_OK) < 0)
		CHECK_WARNING(check, KEY_SERVER, "tcpd is to run %s, which does not exist", name);
}

/* The value of a variable that looks as if a shell were to put another in. */
static void check_variables(struct check *check)
{
	for (char *const *env = check->policy->context.env; env && *env; env++) {
		const char *at = strchr(*env, '$');

		if (!at || (at[1] != '{' && !isalpha((unsigned char)at[1])))
			continue;
		CHECK_WARNING(check, KEY_ENV,
			"env: '%s' is set as it is written: no variable is put in", *env);
		return;
	}
}

void check_words(struct check *check)
{
	const struct service *service = check->service;
	const struct draft *draft = check->draft;

	if (!service->server || !service->argv)
		return;
	check_variables(check);
	if (draft->set[KEY_ARGV0] && is_suspicious(check, draft->argv0, service->argv[1]))
		return;
	if (draft->set[KEY_ARGV0])
		check_name(check);
	else if (service->argv[1] && !strcmp(service->argv[1], last_part(service->server)))
		CHECK_WARNING(check, KEY_SERVER_ARGS,
			"'%s' is the name of the program, which gets it as an argument: "
			"server_args begins "
			"after the name; argv0 sets another one",
			service->argv[1]);
	for (char **word = service->argv + 1; word[-1] && *word; word++) {
		if (is_suspicious(check, *word, word[1]))
			return;
		if (draft->positional && is_entry(word)) {
			CHECK_WARNING(check, KEY_SERVER_ARGS,
				"'%s %s %s %s' is passed to the program: another entry needs a "
				"line of its own",
				word[0], word[1], word[2], word[3]);
			return;
		}
	}
}
