/* try: serves one program at once. The real daemon does the work, with a configuration in a
 * directory that is gone afterwards: what is tried is what will be served. */

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "inetctl/adhoc_service.h"
#include "inetctl/answer.h"

#define START_MS     10000
#define DEFAULT_PORT 8001

/* What a trial has made, and must be removed at its end. */
struct trial {
	struct adhoc_service service;
	char dir[PATH_MAX]; /* "" = not made */
	char ini[PATH_MAX + 16], control[PATH_MAX + 16], notify[PATH_MAX + 16];
	int ready_fd; /* receives the READY=1 of the daemon; -1 */
	pid_t daemon;
	sigset_t before; /* what was blocked before hold_signals() */
};

static int report_errno(const char *what)
{
	fprintf(stderr, "inetctl: %s: %s\n", what, strerror(errno));
	return 1;
}

static int make_directory(struct trial *trial)
{
	const char *tmp = getenv("TMPDIR");

	if (snprintf(trial->dir, sizeof(trial->dir), "%s/inetctl.XXXXXX",
		    tmp && *tmp ? tmp : "/tmp") >= (int)sizeof(trial->dir) ||
		!mkdtemp(trial->dir)) {
		trial->dir[0] = 0;
		return report_errno("cannot make a directory");
	}
	snprintf(trial->ini, sizeof(trial->ini), "%s/try.ini", trial->dir);
	snprintf(trial->control, sizeof(trial->control), "%s/control", trial->dir);
	snprintf(trial->notify, sizeof(trial->notify), "%s/notify", trial->dir);
	return 0;
}

static int write_configuration(const struct trial *trial)
{
	FILE *out = fopen(trial->ini, "we");

	if (!out)
		return report_errno(trial->ini);
	adhoc_ini(&trial->service, out,
		"stderr = log\nlog = start exit refuse\n[inetd]\nstop_children = yes\n");
	return fclose(out) == 0 ? 0 : report_errno(trial->ini);
}

static int open_notify(struct trial *trial)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};

	trial->ready_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (trial->ready_fd < 0)
		return report_errno("socket");
	if (strlcpy(addr.sun_path, trial->notify, sizeof(addr.sun_path)) >= sizeof(addr.sun_path)) {
		errno = ENAMETOOLONG;
		return report_errno(trial->notify);
	}
	return bind(trial->ready_fd, (struct sockaddr *)&addr, sizeof(addr))
		       ? report_errno(trial->notify)
		       : 0;
}

/* The daemon beside us as built, else the one on the path. */
__attribute__((noreturn)) static void become_daemon(const struct trial *trial)
{
	char self[PATH_MAX], path[PATH_MAX + 8];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash;

	self[len > 0 ? len : 0] = 0;
	slash = strrchr(self, '/');
	snprintf(path, sizeof(path), "%.*s/inetd", (int)(slash ? slash - self : 0), self);
	setenv("NOTIFY_SOCKET", trial->notify, 1);
	execl(path, "inetd", "-f", "-e", "--control", trial->control, trial->ini, (char *)NULL);
	execlp("inetd", "inetd", "-f", "-e", "--control", trial->control, trial->ini, (char *)NULL);
	report_errno("inetd");
	_exit(127);
}

/* Whatever ends a trial, and the end of the daemon, waits until it is asked for: none is missed,
 * and nothing is left behind. */
static sigset_t held_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	return set;
}

static void hold_signals(struct trial *trial)
{
	const sigset_t set = held_signals();

	sigprocmask(SIG_BLOCK, &set, &trial->before);
}

/* True if one has come that is to end us, within this time. */
static bool is_asked_to_end(const struct timespec *limit)
{
	const sigset_t set = held_signals();
	int sig = limit ? sigtimedwait(&set, NULL, limit) : sigwaitinfo(&set, NULL);

	return sig > 0 && sig != SIGCHLD;
}

static int start_daemon(struct trial *trial)
{
	trial->daemon = fork();
	if (trial->daemon == 0) {
		sigprocmask(SIG_SETMASK, &trial->before, NULL);
		become_daemon(trial);
	}
	return trial->daemon < 0 ? report_errno("fork") : 0;
}

/* Waits for READY=1. False if the daemon ends first, after a message, or we are to end. */
static bool is_ready(struct trial *trial)
{
	struct pollfd ready = {.fd = trial->ready_fd, .events = POLLIN};
	char text[256];

	for (int waited = 0; waited < START_MS; waited += 100) {
		if (is_asked_to_end(&(const struct timespec){0}))
			return false;
		if (poll(&ready, 1, 100) > 0) {
			ssize_t len = recv(trial->ready_fd, text, sizeof(text) - 1, 0);

			text[len > 0 ? len : 0] = 0;
			if (strstr(text, "READY=1"))
				return true;
		}
		if (waitpid(trial->daemon, NULL, WNOHANG) == trial->daemon) {
			trial->daemon = 0;
			return false;
		}
	}
	return false;
}

/* The port of the one service, from its record; 0 where it could not be had. */
static void take_port(const struct record *record, void *arg)
{
	const char *address = record_get(record, "address"), *state = record_get(record, "state");
	unsigned *port = arg, bound;

	if (strcmp(record->type, "endpoint") != 0 || !address || !strchr(address, ':'))
		return;
	bound = (unsigned)strtoul(strrchr(address, ':') + 1, NULL, 10);
	if (state && !strcmp(state, "bind"))
		fprintf(stderr, "inetctl: port %u cannot be bound\n", bound);
	else
		*port = bound;
}

static unsigned port_of(const struct trial *trial)
{
	const struct ctl ctl = {.socket = trial->control, .verb = "list", .err = stderr};
	unsigned port = 0;

	answer_each(&ctl, take_port, &port);
	return port;
}

static void print_hints(const struct trial *trial, unsigned port)
{
	printf("%s is served on 127.0.0.1:%u as %s; Ctrl-C ends it.\n", trial->service.path, port,
		trial->service.user);
	printf("Try:  nc %s 127.0.0.1 %u\n", trial->service.datagram ? "-u" : "-N", port);
	if (!trial->service.datagram)
		printf("Or:   exec 3<>/dev/tcp/127.0.0.1/%u; cat <&3      (in bash)\n", port);
	printf("Each connection, its end, and the program's standard error are shown below.\n");
	fflush(stdout);
}

static int serve_trial(struct trial *trial)
{
	unsigned port;
	int status = 0;

	if (!is_ready(trial))
		return 1;
	port = port_of(trial);
	if (!port)
		return 1;
	print_hints(trial, port);
	while (waitpid(trial->daemon, &status, WNOHANG) == 0)
		if (is_asked_to_end(NULL))
			kill(trial->daemon, SIGTERM); /* ours alone was meant */
	trial->daemon = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static void clean_up(struct trial *trial)
{
	if (trial->daemon > 0) {
		kill(trial->daemon, SIGTERM);
		waitpid(trial->daemon, NULL, 0);
	}
	if (trial->ready_fd >= 0)
		close(trial->ready_fd);
	if (trial->dir[0]) {
		unlink(trial->ini);
		unlink(trial->notify);
		unlink(trial->control);
		rmdir(trial->dir);
	}
	adhoc_free(&trial->service);
}

static int count_words(char **words)
{
	int count = 0;

	while (words[count])
		count++;
	return count;
}

int ctl_try(const struct ctl *ctl)
{
	struct trial trial = {.ready_fd = -1};
	int status = adhoc_parse(&trial.service, count_words(ctl->argv), ctl->argv);

	if (status)
		return status;
	hold_signals(&trial);
	status = make_directory(&trial);
	if (!status)
		status = write_configuration(&trial);
	if (!status)
		status = open_notify(&trial);
	if (!status)
		status = start_daemon(&trial);
	if (!status)
		status = serve_trial(&trial);
	clean_up(&trial);
	return status;
}

int ctl_line(const struct ctl *ctl)
{
	struct adhoc_service service;
	int status = adhoc_parse(&service, count_words(ctl->argv), ctl->argv);

	if (status)
		return status;
	service.name = adhoc_section_name(&service);
	if (!service.port)
		service.port = DEFAULT_PORT;
	fputs("# in inetd.conf:\n", stdout);
	adhoc_classic(&service, stdout);
	fputs("\n# or in a file of inetd.d, as NAME.ini:\n", stdout);
	adhoc_ini(&service, stdout,
		service.wait ? "stderr = log\n" : "stderr = log\ninstances = 20\nper_source = 5\n");
	adhoc_free(&service);
	return 0;
}
