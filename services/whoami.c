/* whoami: tells a caller what inetd gave this program: addresses, identity, limits, descriptors,
 * signals, environment. One `key=value` a line, so that a test can read it as well as a person. Not
 * for a public network: the environment may hold what strangers should not see.
 *
 * Serves every kind of socket: a connection (`nowait`), a listening socket (`stream wait`: takes
 * one connection of it) and a datagram socket (`dgram wait`: answers one datagram). Without a
 * socket (in a shell) it prints the rest. */
#include <arpa/inet.h>
#include <dirent.h>
#include <netdb.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

extern char **environ;

struct address {
	struct sockaddr_storage at;
	socklen_t len;
};

static void tell_address(FILE *out, const char *key, const struct address *address)
{
	const struct sockaddr_un *un = (const struct sockaddr_un *)&address->at;
	char host[NI_MAXHOST], port[NI_MAXSERV];
	int path_len = (int)address->len - (int)sizeof(sa_family_t);

	if (address->at.ss_family == AF_UNIX)
		fprintf(out, "%s=unix:%.*s\n", key, path_len > 0 ? path_len : 0, un->sun_path);
	else if (address->len > 0 &&
		 getnameinfo((const struct sockaddr *)&address->at, address->len, host,
			 sizeof(host), port, sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) == 0)
		fprintf(out, "%s=[%s]:%s\n", key, host, port);
	else
		fprintf(out, "%s=none\n", key);
}

static void tell_identity(FILE *out)
{
	gid_t groups[1024];
	int count = getgroups(1024, groups);
	mode_t mask = umask(0);
	char dir[4096];

	umask(mask);
	fprintf(out, "pid=%d\nppid=%d\npgid=%d\nsid=%d\n", getpid(), getppid(), getpgrp(),
		getsid(0));
	fprintf(out, "uid=%u\neuid=%u\ngid=%u\negid=%u\ngroups=", getuid(), geteuid(), getgid(),
		getegid());
	for (int i = 0; i < count; i++)
		fprintf(out, "%s%u", i ? "," : "", groups[i]);
	fprintf(out, "\numask=%03o\ncwd=%s\nnice=%d\n", mask, getcwd(dir, sizeof(dir)) ? dir : "?",
		getpriority(PRIO_PROCESS, 0));
	fprintf(out, "no_new_privs=%d\n", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
}

static void tell_limits(FILE *out)
{
	static const struct {
		const char *name;
		int resource;
	} limits[] = {{"core", RLIMIT_CORE}, {"cpu", RLIMIT_CPU}, {"data", RLIMIT_DATA},
		{"fsize", RLIMIT_FSIZE}, {"nofile", RLIMIT_NOFILE}, {"nproc", RLIMIT_NPROC},
		{"stack", RLIMIT_STACK}};
	struct rlimit limit;

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		if (getrlimit(limits[i].resource, &limit) == 0) /* -1 is "unlimited" */
			fprintf(out, "limit.%s=%ld:%ld\n", limits[i].name, (long)limit.rlim_cur,
				(long)limit.rlim_max);
}

static void tell_signals(FILE *out, const char *key, bool (*is_so)(int signal))
{
	const char *separator = "";

	fprintf(out, "%s=", key);
	for (int sig = 1; sig < NSIG; sig++) {
		if (is_so(sig)) {
			fprintf(out, "%s%d", separator, sig);
			separator = ",";
		}
	}
	fputc('\n', out);
}

static bool is_blocked(int sig)
{
	sigset_t mask;

	return sigprocmask(SIG_BLOCK, NULL, &mask) == 0 && sigismember(&mask, sig) == 1;
}

static bool is_ignored(int sig)
{
	struct sigaction action;

	return sigaction(sig, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

static void tell_descriptors(FILE *out)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	char target[256];

	while (dir && (entry = readdir(dir))) {
		ssize_t len = readlinkat(dirfd(dir), entry->d_name, target, sizeof(target));
		if (len > 0 && strtol(entry->d_name, NULL, 10) != dirfd(dir))
			fprintf(out, "descriptor.%s=%.*s\n", entry->d_name, (int)len, target);
	}
	if (dir)
		closedir(dir);
}

/* What kind of socket was given, and from it the descriptor to answer on and the two addresses: for
 * a listening socket those of its first connection, for a datagram socket those of one datagram. */
static int meet(struct address *local, struct address *peer, bool *dgram)
{
	int listening = 0, type = 0, fd = STDOUT_FILENO;
	socklen_t size = sizeof(int);
	char ignored;

	getsockopt(0, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size);
	getsockopt(0, SOL_SOCKET, SO_TYPE, &type, &size);
	*dgram = type == SOCK_DGRAM;
	if (listening && (fd = accept(0, NULL, NULL)) < 0)
		exit(1);
	local->len = peer->len = sizeof(struct sockaddr_storage);
	if (getsockname(fd, (struct sockaddr *)&local->at, &local->len) < 0)
		local->len = 0;
	if (*dgram) {
		if (recvfrom(0, &ignored, 1, 0, (struct sockaddr *)&peer->at, &peer->len) < 0)
			exit(1);
	} else if (getpeername(fd, (struct sockaddr *)&peer->at, &peer->len) < 0) {
		peer->len = 0;
	}
	return fd;
}

/* Closing with input unread makes the kernel reset the connection, and the reset may overtake the
 * answer: so the peer's bytes are read to their end, as long as they keep coming, within reason. */
static void hang_up(int fd)
{
	struct timeval patience = {.tv_sec = 1};
	char ignored[1024];

	shutdown(fd, SHUT_WR);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	for (int i = 0; i < 100 && read(fd, ignored, sizeof(ignored)) > 0; i++)
		;
}

static void tell_all(FILE *out, int argc, char *argv[])
{
	tell_identity(out);
	tell_limits(out);
	tell_signals(out, "signals.blocked", is_blocked);
	tell_signals(out, "signals.ignored", is_ignored);
	tell_descriptors(out);
	for (int i = 0; i < argc; i++)
		fprintf(out, "argv.%d=%s\n", i, argv[i]);
	for (char **name = environ; *name; name++)
		fprintf(out, "env.%s\n", *name);
}

int main(int argc, char *argv[])
{
	struct address local = {.len = 0}, peer = {.len = 0};
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	bool dgram;
	ssize_t put;
	int fd;

	if (!out)
		return 1;
	tell_all(out, argc, argv); /* before anything here changes what it tells */
	fd = meet(&local, &peer, &dgram);
	tell_address(out, "local", &local);
	tell_address(out, "peer", &peer);
	if (fclose(out) != 0)
		return 1;

	signal(SIGPIPE, SIG_IGN);
	if (dgram)
		return sendto(fd, text, len, 0, (struct sockaddr *)&peer.at, peer.len) < 0;
	for (; len > 0 && (put = write(fd, text, len)) > 0; text += put)
		len -= (size_t)put;
	hang_up(fd);
	return 0;
}
