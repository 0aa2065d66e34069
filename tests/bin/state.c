/* state: a service program that says, a line each, what it was given: descriptors, signals,
 * session, ids, limits, directory, what prctl(2) and relatives tell, arguments and environment.
 *
 * usage: state [argument...]        to the socket on standard output
 *        state -o FILE [argument...]  to a file, renamed into place when complete (datagram
 * services) */
#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

extern char **environ;

static void print_descriptors(FILE *out)
{
	struct dirent *entry;
	DIR *dir = opendir("/proc/self/fd");

	if (!dir)
		return;
	for (int fd = 0; fd < 1024; fd++) {
		rewinddir(dir);
		while ((entry = readdir(dir)))
			if (entry->d_name[0] != '.' && strtol(entry->d_name, NULL, 10) == fd &&
				fd != dirfd(dir) && (out == stdout || fd != fileno(out)))
				fprintf(out, "fd %d\n", fd);
	}
	closedir(dir);
}

static void print_signals(FILE *out)
{
	struct sigaction action;
	sigset_t set;

	sigprocmask(SIG_BLOCK, NULL, &set);
	for (int i = 1; i < NSIG; i++)
		if (sigismember(&set, i) == 1)
			fprintf(out, "blocked %d\n", i);
	sigpending(&set);
	for (int i = 1; i < NSIG; i++)
		if (sigismember(&set, i) == 1)
			fprintf(out, "pending %d\n", i);
	for (int i = 1; i < NSIG; i++)
		if (!sigaction(i, NULL, &action) && action.sa_handler != SIG_DFL)
			fprintf(out, "not default %d\n", i);
}

static void print_ids(FILE *out)
{
	gid_t groups[NGROUPS_MAX > 1024 ? 1024 : NGROUPS_MAX];
	int count = getgroups(sizeof(groups) / sizeof(groups[0]), groups);
	uid_t uids[3];
	gid_t gids[3];

	getresuid(&uids[0], &uids[1], &uids[2]);
	getresgid(&gids[0], &gids[1], &gids[2]);
	fprintf(out, "uid %u %u %u\n", uids[0], uids[1], uids[2]);
	fprintf(out, "gid %u %u %u\n", gids[0], gids[1], gids[2]);
	fprintf(out, "groups");
	for (int i = 0; i < count; i++)
		fprintf(out, " %u", groups[i]);
	fprintf(out, "\n");
}

static void print_process(FILE *out)
{
	char directory[PATH_MAX], name[17] = "";
	struct rlimit limit;
	mode_t mask = umask(022);

	umask(mask);
	prctl(PR_GET_NAME, name);
	getrlimit(RLIMIT_NOFILE, &limit);
	fprintf(out, "comm %s\n", name);
	fprintf(out, "pid %d\n", getpid());
	fprintf(out, "session %s\n", getsid(0) == getpid() ? "own" : "shared");
	fprintf(out, "group %s\n", getpgrp() == getpid() ? "own" : "shared");
	fprintf(out, "directory %s\n", getcwd(directory, sizeof(directory)) ? directory : "?");
	fprintf(out, "umask %03o\n", mask);
	fprintf(out, "nice %d\n", getpriority(PRIO_PROCESS, 0));
	fprintf(out, "nofile %lu %lu\n", (unsigned long)limit.rlim_cur,
		(unsigned long)limit.rlim_max);
	fprintf(out, "no_new_privs %d\n", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
}

static void print_limits(FILE *out)
{
	static const struct {
		const char *name;
		int resource;
	} limits[] = {{"as", RLIMIT_AS}, {"core", RLIMIT_CORE}, {"cpu", RLIMIT_CPU},
		{"data", RLIMIT_DATA}, {"fsize", RLIMIT_FSIZE}, {"rss", RLIMIT_RSS},
		{"stack", RLIMIT_STACK}};
	struct rlimit limit;

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		if (!getrlimit(limits[i].resource, &limit))
			fprintf(out, "limit %s %ju %ju\n", limits[i].name,
				(uintmax_t)limit.rlim_cur, (uintmax_t)limit.rlim_max);
}

/* What only the process itself can ask for. */
static void print_own(FILE *out)
{
	static const struct {
		const char *name;
		int option;
	} asked[] = {{"dumpable", PR_GET_DUMPABLE}, {"keepcaps", PR_GET_KEEPCAPS},
		{"securebits", PR_GET_SECUREBITS}, {"seccomp", PR_GET_SECCOMP},
		{"timerslack", PR_GET_TIMERSLACK}, {"timing", PR_GET_TIMING},
		{"thp_disable", PR_GET_THP_DISABLE}, {"mce_kill", PR_MCE_KILL_GET}};
	struct itimerval timer[3] = {0};
	int at_death = -1, subreaper = -1;
	struct {
		uint32_t size, policy;
		uint64_t more[5];
	} scheduler = {0}; /* struct sched_attr of sched_setattr(2) */
	stack_t stack = {0};

	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++)
		fprintf(out, "%s %d\n", asked[i].name, prctl(asked[i].option, 0, 0, 0, 0));
	prctl(PR_GET_PDEATHSIG, &at_death);
	prctl(PR_GET_CHILD_SUBREAPER, &subreaper);
	fprintf(out, "pdeathsig %d subreaper %d\n", at_death, subreaper);
	for (int i = 0; i < 3; i++) {
		getitimer(i, &timer[i]);
		fprintf(out, "timer %d %ld.%06ld\n", i, timer[i].it_value.tv_sec,
			timer[i].it_value.tv_usec);
	}
	fprintf(out, "alternate stack %s\n",
		!sigaltstack(NULL, &stack) && stack.ss_flags & SS_DISABLE ? "none" : "there");
	fprintf(out, "personality %d\n", personality(0xffffffff));
	syscall(SYS_sched_getattr, 0, &scheduler, sizeof(scheduler), 0);
	fprintf(out, "policy %u slice %" PRIu64 " io %ld\n", scheduler.policy, scheduler.more[2],
		syscall(SYS_ioprio_get, 1, 0));
	fprintf(out, "session keyring %ld\n",
		syscall(SYS_keyctl, 0 /* KEYCTL_GET_KEYRING_ID */, -3, 0));
	fprintf(out, "terminal %s\n", open("/dev/tty", O_RDWR | O_CLOEXEC) < 0 ? "none" : "there");
}

static void print_socket(FILE *out)
{
	int type = 0, listening = 0, sndbuf = 0, rcvbuf = 0;
	socklen_t len = sizeof(int);

	getsockopt(0, SOL_SOCKET, SO_TYPE, &type, &len);
	getsockopt(0, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len);
	getsockopt(0, SOL_SOCKET, SO_SNDBUF, &sndbuf, &len);
	getsockopt(0, SOL_SOCKET, SO_RCVBUF, &rcvbuf, &len);
	fprintf(out, "socket %s%s\n",
		type == SOCK_STREAM      ? "stream"
		: type == SOCK_DGRAM     ? "dgram"
		: type == SOCK_SEQPACKET ? "seqpacket"
					 : "none",
		listening ? " listening" : "");
	fprintf(out, "buffers %d %d\n", sndbuf, rcvbuf);
	for (int fd = 0; fd < 3; fd++)
		fprintf(out, "flags %d %s\n", fd,
			fcntl(fd, F_GETFL) & O_NONBLOCK ? "nonblock" : "block");
}

static void print_all(FILE *out, char **argv)
{
	print_descriptors(out);
	print_signals(out);
	print_ids(out);
	print_process(out);
	print_limits(out);
	print_own(out);
	print_socket(out);
	for (int i = 0; argv[i]; i++)
		fprintf(out, "argv %d '%s'\n", i, argv[i]);
	for (char **env = environ; *env; env++)
		fprintf(out, "env %s\n", *env);
}

int main(int argc, char **argv)
{
	char part[PATH_MAX];
	FILE *out = stdout;

	if (argc > 2 && !strcmp(argv[1], "-o")) {
		snprintf(part, sizeof(part), "%s.part", argv[2]);
		out = fopen(part, "we");
		if (!out)
			return 1;
	}
	print_all(out, argv);
	if (fclose(out))
		return 1;
	return out != stdout && rename(part, argv[2]) ? 1 : 0;
}
