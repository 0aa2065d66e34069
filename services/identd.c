/* identd: tells another machine which user of this one has opened a connection to it: the
 * Identification Protocol, RFC 1413. Mail and chat servers ask for it. It tells nothing that its
 * options do not allow, and about connections between the two machines only. Serves one stream
 * connection (`nowait`), as any user.
 *
 * Shown here: lines of bounded length within bounded time (common/line.h), strict reading of what
 * a stranger wrote, a bounded number of answers that fits into the socket's buffer, so that a peer
 * who never reads holds up nothing. */
#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/ident.h"
#include "common/io.h"
#include "common/line.h"
#include "common/options.h"
#include "common/sock_owner.h"

#define ANSWERS_MOST 20
#define USERS_MOST   64

enum policy { POLICY_NONE, POLICY_ALL, POLICY_SOME, POLICY_ONE, POLICY_HIDE };

struct options {
	enum policy policy;
	bool number, noident;
	const char *system; /* that names are given with */
	const char
		*user[USERS_MOST]; /* POLICY_SOME: who is told; POLICY_ONE: what is told of all */
	size_t user_count;
	int limit_ms;
};

static const struct option longs[] = {
	{"all", no_argument, NULL, 'A'},
	{"as", required_argument, NULL, 'a'},
	{"hide", no_argument, NULL, 'h'},
	{"noident", no_argument, NULL, 'N'},
	{"number", no_argument, NULL, 'n'},
	{"system", required_argument, NULL, 'o'},
	{"time", required_argument, NULL, 't'},
	{"user", required_argument, NULL, 'u'},
	{NULL, 0, NULL, 0},
};
static const struct options_known known = {.usage = "identd [-nN] [-o system] [-t seconds] --all | "
						    "--user name ... | --as name | --hide",
	.letters = "Aa:hNno:t:u:",
	.longs = longs};

/* The policies exclude each other. */
static void set_policy(struct options *options, enum policy policy)
{
	if (options->policy != POLICY_NONE && (options->policy != policy || policy != POLICY_SOME))
		options_wrong(&known, "--all, --user, --as and --hide exclude each other");
	options->policy = policy;
	if (policy != POLICY_SOME && policy != POLICY_ONE)
		return;
	if (!ident_is_user(optarg))
		options_wrong_value(&known, "is no name of a user");
	if (options->user_count == USERS_MOST)
		options_wrong_value(&known, "is one name too many");
	options->user[options->user_count++] = optarg;
}

static void set_system(struct options *options)
{
	if (!*optarg || strlen(optarg) > 40 ||
		optarg[strspn(optarg,
			"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.+")])
		options_wrong_value(&known, "is no name of a system");
	options->system = optarg;
}

static void parse_options(int argc, char *argv[], struct options *options)
{
	static const enum policy policies[] = {
		['A'] = POLICY_ALL, ['a'] = POLICY_ONE, ['h'] = POLICY_HIDE, ['u'] = POLICY_SOME};
	int option;

	while ((option = options_next(&known, argc, argv)) != -1) {
		if (option == 'n')
			options->number = true;
		else if (option == 'N')
			options->noident = true;
		else if (option == 'o')
			set_system(options);
		else if (option == 't')
			options->limit_ms = 1000 * options_number(&known, 1, 3600);
		else
			set_policy(options, policies[option]);
	}
	if (options->policy == POLICY_NONE)
		options_wrong(&known, "say --all, --user, --as or --hide");
}

/* True if the user does not want to be told: there is ~/.noident, or no way to see that there is
 * not. */
static bool is_shy(const struct passwd *user)
{
	char path[PATH_MAX];

	if (!user)
		return false;
	return (size_t)snprintf(path, sizeof(path), "%s/.noident", user->pw_dir) >= sizeof(path) ||
	       access(path, F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

/* Writes what may be said of a connection of that user. */
static void tell_user(const struct options *options, uid_t uid, char *out, size_t size)
{
	const struct passwd *user = NULL;
	bool told = options->policy == POLICY_ALL;

	if (options->policy == POLICY_ONE) {
		snprintf(out, size, "USERID : OTHER : %s", options->user[0]);
		return;
	}
	if (options->policy != POLICY_HIDE && !(told && options->number && !options->noident))
		user = getpwuid(uid);
	for (size_t i = 0; options->policy == POLICY_SOME && user && i < options->user_count; i++)
		told = told || !strcmp(user->pw_name, options->user[i]);
	if (!told || (options->noident && is_shy(user)))
		snprintf(out, size, "ERROR : HIDDEN-USER");
	else if (options->number)
		snprintf(out, size, "USERID : OTHER : %u", uid);
	else if (user && ident_is_user(user->pw_name))
		snprintf(out, size, "USERID : %s : %s", options->system, user->pw_name);
	else /* a user without a name here */
		snprintf(out, size, "USERID : OTHER : %u", uid);
}

static int answer_query(const struct options *options, const char *line, size_t len)
{
	struct ident_query query;
	char text[600] = "ERROR : INVALID-PORT", whole[640];
	uid_t uid;
	int whole_len;

	if (ident_parse(line, len, &query)) {
		if (sock_owner_beside(
			    STDIN_FILENO, (uint16_t)query.here, (uint16_t)query.there, &uid) == 0)
			tell_user(options, uid, text, sizeof(text));
		else
			snprintf(text, sizeof(text), "ERROR : %s",
				errno == ENOENT ? "NO-USER" : "UNKNOWN-ERROR");
	}
	whole_len =
		snprintf(whole, sizeof(whole), "%u , %u : %s\r\n", query.here, query.there, text);
	return io_write_all(STDOUT_FILENO, whole, (size_t)whole_len);
}

int main(int argc, char *argv[])
{
	struct options options = {.limit_ms = 60 * 1000, .system = "UNIX"};
	struct line_reader reader = {.fd = STDIN_FILENO};
	enum line_result got = LINE_END;
	const char *line;
	size_t len;

	parse_options(argc, argv, &options);
	io_limit_ms = options.limit_ms;
	for (int i = 0; i < ANSWERS_MOST; i++) {
		got = line_read(&reader, options.limit_ms, &line, &len);
		if (got != LINE_WHOLE)
			break;
		if (answer_query(&options, line, len) < 0)
			return !io_peer_gone(errno);
	}
	if (got == LINE_LONG)
		answer_query(&options, "", 0);
	io_hang_up(STDOUT_FILENO, 1000);
	return got == LINE_FAULT;
}
