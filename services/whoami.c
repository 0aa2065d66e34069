/* whoami: tells a caller what inetd gave this program: addresses, identity, limits, descriptors,
 * signals, environment. One `key=value` a line, so that a test can read it as well as a person. Not
 * for a public network: the environment may hold what strangers should not see.
 *
 * Serves every kind of socket: a connection (`nowait`), a listening socket (`stream wait`: takes
 * one connection of it) and a datagram socket (`dgram wait`: answers one datagram). Without a
 * socket (in a shell) it prints the rest. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/given.h"
#include "common/io.h"
#include "common/self.h"

#define LIMIT_MS   5000 /* for a caller who has vanished, or does not read */
#define HANG_UP_MS 1000

extern char **environ;

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

/* From what was given, the descriptor to answer on and the two addresses: of a listening socket
 * those of its first connection, of a datagram socket those of one datagram. -1 if nobody calls. */
static int meet(enum given given, struct given_address *local, struct given_address *peer)
{
	int fd = STDOUT_FILENO;
	char dropped;

	if (given == GIVEN_LISTENER || given == GIVEN_DATAGRAMS)
		if (io_wait(STDIN_FILENO, POLLIN, LIMIT_MS) <= 0)
			return -1;
	if (given == GIVEN_LISTENER && (fd = accept(STDIN_FILENO, NULL, NULL)) < 0)
		return -1;
	*local = given_local(fd);
	*peer = given_peer(fd);
	if (given == GIVEN_DATAGRAMS) {
		peer->len = sizeof(peer->at);
		if (recvfrom(fd, &dropped, 1, MSG_DONTWAIT, (struct sockaddr *)&peer->at,
			    &peer->len) < 0)
			return -1;
	}
	return fd;
}

static void tell_all(FILE *out, int argc, char *argv[])
{
	tell_identity(out);
	tell_limits(out);
	self_tell_signals(out);
	self_tell_descriptors(out);
	for (int i = 0; i < argc; i++)
		fprintf(out, "argv.%d=%s\n", i, argv[i]);
	for (char **name = environ; *name; name++)
		fprintf(out, "env.%s\n", *name);
}

/* Best effort: a caller who has gone, or does not read, is no fault. */
static void answer_caller(
	int fd, enum given given, const struct given_address *peer, const char *text, size_t len)
{
	if (given == GIVEN_DATAGRAMS) {
		sendto(fd, text, len, MSG_DONTWAIT | MSG_NOSIGNAL,
			(const struct sockaddr *)&peer->at, peer->len);
		return;
	}
	io_limit_ms = LIMIT_MS;
	if (io_write_all(fd, text, len) == 0 && given != GIVEN_NOTHING)
		io_hang_up(fd, HANG_UP_MS);
}

int main(int argc, char *argv[])
{
	enum given given = given_kind(STDIN_FILENO);
	struct given_address local, peer;
	char *text = NULL, address[GIVEN_TEXT];
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	int fd;

	if (!out)
		return 1;
	tell_all(out, argc, argv); /* before anything here changes what it tells */
	fd = meet(given, &local, &peer);
	if (fd < 0)
		return 0;
	fprintf(out, "local=%s\n", given_text(&local, address));
	fprintf(out, "peer=%s\n", given_text(&peer, address));
	if (fclose(out) != 0)
		return 1;
	signal(SIGPIPE, SIG_IGN); /* where standard output is a pipe */
	answer_caller(fd, given, &peer, text, len);
	free(text);
	return 0;
}
