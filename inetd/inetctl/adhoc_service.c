/* adhoc_service: see adhoc_service.h. */
#include "inetctl/adhoc_service.h"

#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "inetctl/quoting.h"

static const char usage[] =
	"usage: inetctl try|line [-p port] [-u] [-w] program [argument ...]\n"
	"  -p port  where to listen; by default any free port for try, 8001 for line\n"
	"  -u       datagrams: the program gets the udp socket\n"
	"  -w       the program gets the listening socket and accepts connections itself\n";

/* The same file from anywhere; owned. NULL with errno, also where it is no program: access(2) would
 * take a directory for one. A link stays one: by its name some programs know what to do. */
static char *runnable(const char *name)
{
	const char *base = adhoc_base_name(name);
	char *dir = NULL, *above = NULL, *found = NULL;
	struct stat file;

	if (stat(name, &file) || access(name, X_OK))
		return NULL;
	if (!S_ISREG(file.st_mode)) {
		errno = S_ISDIR(file.st_mode) ? EISDIR : EACCES;
		return NULL;
	}
	dir = strndup(name, (size_t)(base - name));
	above = dir ? realpath(dir, NULL) : NULL;
	if (above && asprintf(&found, "%s/%s", above[1] ? above : "", base) < 0)
		found = NULL;
	free(above);
	free(dir);
	return found;
}

/* The absolute path of a program that is named as for a shell; owned. NULL with errno. */
static char *find_program(const char *name)
{
	const char *path = getenv("PATH"), *end;
	char candidate[PATH_MAX];

	if (strchr(name, '/'))
		return runnable(name);
	for (path = path ? path : "/usr/bin:/bin"; *path; path = end + (*end == ':')) {
		end = strchrnul(path, ':');
		char *found = NULL;

		if (snprintf(candidate, sizeof(candidate), "%.*s/%s", (int)(end - path), path,
			    name) < (int)sizeof(candidate))
			found = runnable(candidate);
		if (found)
			return found;
	}
	errno = ENOENT;
	return NULL;
}

static bool is_file(const char *name)
{
	struct stat file;

	return stat(name, &file) == 0 && S_ISREG(file.st_mode);
}

/* Makes the names of files among the arguments absolute, as the program will run in another
 * directory: of those that have a slash, and of the first operand, as the script of an interpreter
 * is. Returns 0, or 1 after a message. */
static int find_files(char **argv)
{
	bool first = true;

	for (char **arg = argv + 1; *arg; arg++) {
		bool may_be = strchr(*arg, '/') || (first && **arg != '-');
		char *path;

		first &= **arg == '-';
		if (!may_be || **arg == '/' || !is_file(*arg))
			continue;
		path = realpath(*arg, NULL);
		if (!path) {
			fprintf(stderr, "inetctl: %s: %s\n", *arg, strerror(errno));
			return 1;
		}
		fprintf(stderr, "inetctl: '%s' is given as %s, as programs are run in /\n", *arg,
			path);
		*arg = path;
	}
	return 0;
}

static const char *caller(void)
{
	const struct passwd *entry = getpwuid(geteuid());

	return entry ? entry->pw_name : "nobody";
}

static int parse_port(const char *text, uint16_t *port)
{
	const char *err = NULL;

	*port = (uint16_t)strtonum(text, 0, UINT16_MAX, &err);
	if (!err)
		return 0;
	fprintf(stderr, "inetctl: port %s is %s: 0 to 65535\n", text, err);
	return 2;
}

int adhoc_parse(struct adhoc_service *service, int argc, char **argv)
{
	int opt, status = 0;

	*service = (struct adhoc_service){.name = "try", .address = "127.0.0.1", .user = caller()};
	/* getopt() begins after the first word, which is that of the verb. */
	argv--;
	argc++;
	optind = 0;
	while (!status && (opt = getopt(argc, argv, "+p:uw")) != -1) {
		if (opt == 'p')
			status = parse_port(optarg, &service->port);
		else if (opt == 'u')
			service->datagram = service->wait = true;
		else if (opt == 'w')
			service->wait = true;
		else
			status = 2;
	}
	if (!status && optind == argc)
		status = 2;
	if (status == 2)
		fputs(usage, stderr);
	if (status)
		return status;
	service->argv = argv + optind;
	service->path = find_program(service->argv[0]);
	if (!service->path) {
		fprintf(stderr, "inetctl: cannot run %s: %s\n", service->argv[0], strerror(errno));
		return 1;
	}
	return find_files(service->argv);
}

void adhoc_free(struct adhoc_service *service)
{
	free(service->path);
	service->path = NULL;
}

static bool has_line_end(const struct adhoc_service *service)
{
	for (char **arg = service->argv + 1; *arg; arg++)
		if ((*arg)[strcspn(*arg, "\r\n")])
			return true;
	return service->path[strcspn(service->path, "\r\n")];
}

const char *adhoc_base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

const char *adhoc_section_name(const struct adhoc_service *service)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "_-+.";
	const char *name = adhoc_base_name(service->path);

	if (name[strspn(name, plain)] || !strcmp(name, "defaults") || !strcmp(name, "inetd"))
		return "service";
	return name;
}

void adhoc_classic(const struct adhoc_service *service, FILE *out)
{
	if (has_line_end(service)) {
		fputs("# a line cannot hold a word with a line end: use the section\n", out);
		return;
	}
	fprintf(out, "%s:%u\t%s\t%s\t%s\t%s\t", service->address, service->port,
		service->datagram ? "dgram" : "stream", service->datagram ? "udp" : "tcp",
		service->wait ? "wait" : "nowait", service->user);
	quoting_put_word(out, service->path);
	putc('\t', out);
	quoting_put_word(out, service->path); /* argv[0]: by it some programs find their files */
	for (char **arg = service->argv + 1; *arg; arg++) {
		putc(' ', out);
		quoting_put_word(out, *arg);
	}
	putc('\n', out);
}

void adhoc_ini(const struct adhoc_service *service, FILE *out, const char *more)
{
	fprintf(out, "[%s]\nlisten = %s:%u\n", service->name, service->address, service->port);
	if (service->datagram)
		fputs("protocol = udp\n", out);
	if (service->wait)
		fputs("wait = yes\n", out);
	fprintf(out, "user = %s\nserver = ", service->user);
	quoting_put_value(out, service->path);
	putc('\n', out);
	for (char **arg = service->argv + 1; *arg; arg++) {
		fputs(arg == service->argv + 1 ? "server_args = " : " ", out);
		quoting_put_item(out, *arg);
		if (!arg[1])
			putc('\n', out);
	}
	fputs(more, out);
}
