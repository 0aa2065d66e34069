/* check_program: the program of one entry and its arguments, as far as they matter whoever asks;
 * what only `inetd -t` looks at is in check_files.c and check_words.c. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fdutil.h"
#include "config/check/check.h"
#include "config/keys/key.h"
#include "config/keys/protocol.h"

/* The first program of that name in the PATH of programs; false if there is none. */
static bool find_in_path(const char *name, char *path, size_t size)
{
	char copy[] = SERVICE_PATH, *rest = copy, *directory;
	struct stat st;

	while ((directory = strsep(&rest, ":"))) {
		snprintf(path, size, "%s/%s", directory, name);
		if (stat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_mode & 0111)
			return true;
	}
	return false;
}

/* True if the dialect looks for a program of that name in PATH. */
static bool is_searched(const struct check *check)
{
	const struct draft *draft = check->draft;

	return draft->dialect && draft->dialect->searches_path && !strchr(draft->server, '/');
}

/* A server that is no absolute path. */
static void relative_program(struct check *check, int err)
{
	static const char *const words[] = {"internal", NULL};
	const char *server = check->draft->server;
	char path[SOCKADDR_TEXT + 300];

	if (*server == '~')
		CHECK_WARNING(check, KEY_SERVER,
			"server '%s': no shell expands ~ here: write the absolute path", server);
	else if (*server == '$')
		CHECK_WARNING(check, KEY_SERVER,
			"server '%s': no variable is expanded here: write the absolute path",
			server);
	else if (err && !strncmp(server, "internal/", strlen("internal/")))
		CHECK_WARNING(check, KEY_SERVER,
			"server '%s': a built-in service is written in two words: internal %s",
			server, server + strlen("internal/"));
	else if (err && !strchr(server, '/') && key_near(server, 0, words))
		CHECK_ERROR(check, KEY_SERVER,
			"server '%s' is neither a path nor 'internal': did you mean 'internal'?",
			server);
	else if (err && is_searched(check))
		CHECK_WARNING(check, KEY_SERVER, "server '%s' is in no directory of PATH", server);
	else if (err && !strchr(server, '/') && find_in_path(server, path, sizeof(path)))
		CHECK_WARNING(check, KEY_SERVER,
			"server '%s' is no path, and PATH is not searched: write %s", server, path);
	else if (err)
		CHECK_WARNING(check, KEY_SERVER,
			"server '%s' cannot be run: %s; it is no absolute path, which begins with "
			"'/'",
			server, strerror(err));
	else
		CHECK_WARNING(check, KEY_SERVER,
			"server '%s' is not an absolute path: taken from the directory inetd is "
			"started "
			"in",
			server);
}

/* True if a text is the path of a program and its arguments. */
static bool has_arguments(struct check *check, const char *server)
{
	const char *blank = strchr(server, ' ');
	char *path = load_memory(check->load,
		arena_strndup(&check->load->work, server, blank ? (size_t)(blank - server) : 0));

	return blank && path && !lookup_program(&check->load->lookup, path);
}

static void missing_program(struct check *check, int err)
{
	const char *server = check->draft->server, *root = check->draft->cage.chroot;
	struct stat st;

	if (strstr(server, " #") && check->load->options->advise)
		return; /* reported where it was read */
	if (!root && has_arguments(check, server))
		CHECK_WARNING(check, KEY_SERVER, "server '%s' does not exist: %s", server,
			check->draft->positional ? "arguments are words of their own, not in quotes"
						 : "the arguments belong into server_args");
	else if (!root && err == EACCES && stat(server, &st) == 0 && S_ISDIR(st.st_mode))
		CHECK_WARNING(
			check, KEY_SERVER, "server '%s' is a directory, not a program", server);
	else if (!root && err == EACCES && stat(server, &st) == 0 && S_ISREG(st.st_mode))
		CHECK_WARNING(check, KEY_SERVER, "server '%s' is not executable: chmod +x %s",
			server, server);
	else
		CHECK_WARNING(check, KEY_SERVER, "server '%s' cannot be run%s%s: %s", server,
			root ? " below " : "", root ? root : "", strerror(err));
}

/* The path of the program: relative ones are taken from the directory inetd was started in. */
static const char *program_path(struct check *check)
{
	const char *server = check->draft->server, *path;
	const char *directory = check->load->options->directory;
	struct lookup *lookup = &check->load->lookup;
	char found[SOCKADDR_TEXT + 300];
	int err;

	if (*server == '/')
		path = server;
	else if (is_searched(check) && find_in_path(server, found, sizeof(found)))
		return load_text(check->load, found);
	else
		path = load_memory(check->load, arena_printf(&check->load->work, "%s/%s",
							directory ? directory : "", server));
	path = path ? load_text(check->load, path) : NULL;
	if (!path)
		return NULL;
	if (check->draft->disable)
		err = 0;
	else if (check->draft->cage.chroot && *check->draft->cage.chroot == '/')
		err = lookup_program_below(lookup, check->draft->cage.chroot, path);
	else
		err = lookup_program(lookup, path);
	if (*server != '/')
		relative_program(check, err);
	else if (err)
		missing_program(check, err);
	check->server_err = err;
	return path;
}

/* argv0, or else the path as it is written, and server_args. */
static char **make_argv(struct check *check)
{
	const struct draft *draft = check->draft;
	size_t count = 0;
	char **argv;

	while (draft->set[KEY_SERVER_ARGS] && draft->server_args[count])
		count++;
	argv = load_memory(
		check->load, arena_calloc(&check->load->work, count + 2, sizeof(char *)));
	if (!argv)
		return NULL;
	argv[0] = load_text(check->load, draft->set[KEY_ARGV0] ? draft->argv0 : draft->server);
	for (size_t i = 0; i < count; i++)
		argv[i + 1] = load_text(check->load, draft->server_args[i]);
	return load_share(check->load, argv, (count + 2) * sizeof(*argv));
}

/* True for a file of text that names no interpreter. */
static bool is_bare_text(const char *path)
{
	char bytes[64] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	ssize_t len = fd < 0 ? -1 : read(fd, bytes, sizeof(bytes));

	fd_close(&fd);
	return len > 0 && !memchr(bytes, 0, (size_t)len) && strncmp(bytes, "#!", 2) != 0;
}

/* What execvp(3) makes of such a file: /bin/sh runs it. */
static void run_by_shell(struct check *check)
{
	struct service *service = check->service;
	size_t count = 0;
	char **argv;

	while (service->argv[count])
		count++;
	argv = load_memory(
		check->load, arena_calloc(&check->load->config->arena, count + 2, sizeof(char *)));
	if (!argv)
		return;
	argv[0] = (char *)"/bin/sh";
	argv[1] = (char *)(uintptr_t)service->server;
	memcpy(argv + 2, service->argv + 1, count * sizeof(*argv) - sizeof(*argv));
	service->argv = argv;
	service->server = "/bin/sh";
}

/* An argv[0] that looks like an option; that of a login shell is "-" and its name. */
static bool is_option(const struct service *service)
{
	const char *name = service->argv[0], *slash = strrchr(service->server, '/');

	return *name == '-' && strcmp(name + 1, slash ? slash + 1 : service->server) != 0;
}

/* True if each datagram can have a program and a socket of its own. */
static bool may_split(const struct draft *draft)
{
	return draft->places == PLACE_INET && draft->protocol->number == IPPROTO_UDP &&
	       geteuid() == 0;
}

void check_program(struct check *check)
{
	struct draft *draft = check->draft;
	struct service *service = check->service;

	if (service->socktype == SOCK_DGRAM && !service->wait && !may_split(draft)) {
		CHECK_WARNING(check, KEY_WAIT,
			"'nowait' for datagrams is for udp, and for an inetd that root runs: "
			"served "
			"as wait");
		draft->service.wait = service->wait = true;
	}
	if (!draft->set[KEY_SERVER])
		return;
	service->server = program_path(check);
	service->argv = make_argv(check);
	if (check->load->no_memory)
		return;
	if (draft->dialect && draft->dialect->runs_bare_files &&
		lookup_may_see(&check->load->lookup, service->server) &&
		is_bare_text(service->server))
		run_by_shell(check);
	if (check->load->no_memory)
		return;
	if (check->policy->wrapper && *check->policy->wrapper[0] != '/')
		CHECK_ERROR(check, KEY_WRAPPER, "wrapper: '%s' is not an absolute path",
			check->policy->wrapper[0]);
	if (is_option(service))
		CHECK_WARNING(check, KEY_SERVER,
			"the first argument is '%s': it becomes argv[0]; is the program's name "
			"missing?",
			service->argv[0]);
}
