/* adhoc_service: see adhoc_service.h. */
#include "inetctl/adhoc_service.h"

#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char usage[] =
	"usage: inetctl try|line [-p port] [-u] [-w] program [argument ...]\n"
	"  -p port  where to listen; else try takes any free port, and line says 8001\n"
	"  -u       datagrams: the program is lent a udp socket\n"
	"  -w       the program is lent the listening socket and accepts by itself\n";

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

static bool is_writable_as_text(char *const *argv)
{
	for (; *argv; argv++)
		if ((*argv)[strcspn(*argv, "\r\n")])
			return false;
	return true;
}

/* The value of a key ends with its line, at the blanks there, and at a blank with ';' behind it. */
static bool is_writable_as_value(const char *path)
{
	for (const char *c = path; *c; c++)
		if (*c == '\n' || *c == '\r' ||
			((*c == ' ' || *c == '\t') && (c[1] == ';' || !c[1])))
			return false;
	return true;
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
	/* argv[0] is no name of a program here: getopt begins behind it. */
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
	if (!is_writable_as_text(service->argv))
		fputs("inetctl: an argument with a line end cannot stand in a configuration\n",
			stderr);
	else if (!is_writable_as_value(service->path))
		fputs("inetctl: a path with a line end, a blank at its end or before a ';' cannot "
		      "stand in a configuration\n",
			stderr);
	else
		return 0;
	adhoc_free(service);
	return 1;
}

void adhoc_free(struct adhoc_service *service)
{
	free(service->path);
	service->path = NULL;
}

static bool is_plain(const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "_-+./:,@%=";

	return *word && !word[strspn(word, plain)];
}

/* A word as both syntaxes take it: in single quotes, in double ones where it holds a single one.
 * The library that reads INI files ends a value at a blank with ';' behind it, also within quotes:
 * they are closed and opened again between the two. */
static void put_word(FILE *out, const char *word)
{
	if (is_plain(word)) {
		fputs(word, out);
		return;
	}
	putc('\'', out);
	for (const char *c = word; *c; c++) {
		if (*c == '\'') {
			fputs("'\"'\"'", out);
			continue;
		}
		if (*c == ';' && c > word && (c[-1] == ' ' || c[-1] == '\t'))
			fputs("''", out);
		putc(*c, out);
	}
	putc('\'', out);
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
	fprintf(out, "%s:%u\t%s\t%s\t%s\t%s\t", service->address, service->port,
		service->datagram ? "dgram" : "stream", service->datagram ? "udp" : "tcp",
		service->wait ? "wait" : "nowait", service->user);
	put_word(out, service->path);
	putc('\t', out);
	put_word(out, adhoc_base_name(service->argv[0]));
	for (char **arg = service->argv + 1; *arg; arg++) {
		putc(' ', out);
		put_word(out, *arg);
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
	fprintf(out, "user = %s\nserver = %s\n", service->user, service->path);
	for (char **arg = service->argv + 1; *arg; arg++) {
		fputs(arg == service->argv + 1 ? "server_args = " : " ", out);
		put_word(out, *arg);
		if (!arg[1])
			putc('\n', out);
	}
	fputs(more, out);
}
