/* inetctl: asks a running inetd over its control socket and prints the answer. */
#include <errno.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define PROTOCOL "inetd/1 "
#define CONTROL  "/run/inetd.sock"

#define PATIENCE_S 60 /* for each step; a reload may take its time */

enum { EXIT_FAILED = 1, EXIT_USAGE = 2 };

static const struct verb {
	const char *name, *help;
} verbs[] = {
	{"list", "the services: endpoints, state, running programs, counts"},
	{"reload", "read the configuration again and apply it"},
	{"check", "read the configuration and say what is wrong, apply nothing"},
	{"version", "the versions of inetctl and of the daemon"},
};

#define VERBS (sizeof(verbs) / sizeof(verbs[0]))

static void usage(FILE *out)
{
	fputs("usage: inetctl [-s socket] verb\n\n", out);
	for (size_t i = 0; i < VERBS; i++)
		fprintf(out, "  %-8s %s\n", verbs[i].name, verbs[i].help);
}

static const char *default_path(char *buf, size_t size)
{
	const char *path = getenv("INETD_CONTROL"), *dir = getenv("XDG_RUNTIME_DIR");

	if (path && *path)
		return path;
	if (geteuid() == 0 || !dir)
		return CONTROL;
	snprintf(buf, size, "%s/inetd.sock", dir);
	return buf;
}

static int open_control(const char *path)
{
	const struct timeval patience = {.tv_sec = PATIENCE_S};
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd;

	if (strlcpy(addr.sun_path, path, sizeof(addr.sun_path)) >= sizeof(addr.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && !setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) &&
		!setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) &&
		connect(fd, (struct sockaddr *)&addr, sizeof(addr)) == 0)
		return fd;
	return -1;
}

/* Prints the answer; returns its status, or EXIT_FAILED when it is none. */
static int read_answer(FILE *in)
{
	char line[256] = "", buf[8192];
	const char *err = "";
	size_t len;
	int status = EXIT_FAILED;

	errno = 0;
	if (!fgets(line, sizeof(line), in) && errno == EAGAIN) {
		fprintf(stderr, "inetctl: no answer within %d s\n", PATIENCE_S);
		return EXIT_FAILED;
	}
	if (strncmp(line, PROTOCOL, strlen(PROTOCOL)) != 0) {
		fputs("inetctl: the answer is not one of an inetd of this version\n", stderr);
		return EXIT_FAILED;
	}
	line[strcspn(line, "\n")] = 0;
	status = (int)strtonum(line + strlen(PROTOCOL), 0, 255, &err);
	if (err)
		status = EXIT_FAILED;
	while ((len = fread(buf, 1, sizeof(buf), in)) > 0)
		fwrite(buf, 1, len, stdout);
	if (ferror(in) || fflush(stdout) == EOF) {
		fprintf(stderr, "inetctl: %s\n", strerror(errno));
		return EXIT_FAILED;
	}
	return status;
}

static int ask(const char *path, const char *verb)
{
	int status, fd = open_control(path);
	FILE *stream = fd < 0 ? NULL : fdopen(fd, "r");

	if (!stream) {
		fprintf(stderr,
			"inetctl: no inetd answers on %s: %s (is it running? another path is "
			"given by -s or INETD_CONTROL)\n",
			path, strerror(errno));
		return EXIT_FAILED;
	}
	if (dprintf(fd, PROTOCOL "%s\n", verb) < 0) {
		fprintf(stderr, "inetctl: %s: %s\n", path, strerror(errno));
		fclose(stream);
		return EXIT_FAILED;
	}
	status = read_answer(stream);
	fclose(stream);
	return status;
}

static bool is_verb(const char *name)
{
	for (size_t i = 0; i < VERBS; i++)
		if (!strcmp(verbs[i].name, name))
			return true;
	return false;
}

int main(int argc, char **argv)
{
	char own[108];
	const char *path = default_path(own, sizeof(own));
	int opt;

	if (argc == 2 && !strcmp(argv[1], "--help")) {
		usage(stdout);
		return 0;
	}
	while ((opt = getopt(argc, argv, "s:")) != -1) {
		if (opt != 's') {
			usage(stderr);
			return EXIT_USAGE;
		}
		path = optarg;
	}
	if (optind != argc - 1 || !is_verb(argv[optind])) {
		if (optind < argc)
			fprintf(stderr, "inetctl: unknown verb '%s'\n", argv[optind]);
		usage(stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(argv[optind], "version"))
		printf("inetctl %s\n", INETD_VERSION);
	fflush(stdout);
	return ask(path, argv[optind]);
}
