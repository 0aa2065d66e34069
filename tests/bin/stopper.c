/* stopper: a user who stops the children of a daemon as soon as they are his: between setresuid(2)
 * and execve(2), if he is quick. What runs his program already he lets go on.
 *
 *	stopper PID UID	runs as UID until SIGTERM; then lets them all go on, and prints how many he
 *			has stopped in time
 */
#include <err.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t over;
static unsigned char known[1 << 22]; /* pids that have been looked at */

static void on_term(int sig)
{
	(void)sig;
	over = 1;
}

/* True while it is not the service's program yet. */
static int is_on_its_way(pid_t pid)
{
	char path[64], comm[32] = "";
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	fd = open(path, O_RDONLY);
	if (fd < 0 || read(fd, comm, sizeof(comm) - 1) < 0)
		comm[0] = 0;
	if (fd >= 0)
		close(fd);
	return !strncmp(comm, "inetd", 5);
}

static unsigned look(int children)
{
	static char text[65536];
	ssize_t len = pread(children, text, sizeof(text) - 1, 0);
	unsigned stopped = 0;

	text[len > 0 ? len : 0] = 0;
	for (char *end, *at = text; *at; at = end) {
		pid_t pid = (pid_t)strtol(at, &end, 10);

		if (end == at)
			break;
		if (known[pid % (int)sizeof(known)] || kill(pid, SIGSTOP) < 0)
			continue;
		known[pid % (int)sizeof(known)] = 1;
		if (is_on_its_way(pid))
			stopped++;
		else
			kill(pid, SIGCONT);
	}
	return stopped;
}

int main(int argc, char **argv)
{
	unsigned stopped = 0;
	char path[64];
	uid_t uid;
	int children;

	if (argc != 3)
		errx(2, "usage: stopper PID UID");
	uid = (uid_t)strtoul(argv[2], NULL, 10);
	snprintf(path, sizeof(path), "/proc/%s/task/%s/children", argv[1], argv[1]);
	children = open(path, O_RDONLY);
	if (children < 0)
		err(1, "%s", path);
	if (setgroups(0, NULL) < 0 || setresgid(uid, uid, uid) < 0 || setresuid(uid, uid, uid) < 0)
		err(1, "identity");
	signal(SIGTERM, on_term);
	while (!over)
		stopped += look(children);
	/* Those that became the program before the signal reached them would stay for ever. */
	for (pid_t pid = 1; pid < (pid_t)sizeof(known); pid++)
		if (known[pid])
			kill(pid, SIGCONT);
	printf("%u\n", stopped);
	return 0;
}
