/* child: see child.h. */
#include "run/process/child.h"

#include <sys/wait.h>

#include "base/loop.h"

enum { REAP_MOST = 256 }; /* at once */

static int child_compare(struct child *a, struct child *b)
{
	return a->pid < b->pid ? -1 : a->pid > b->pid;
}

static RB_HEAD(child_tree, child) children = RB_INITIALIZER(&children);
void (*child_reaped)(void);

static unsigned count;

RB_PROTOTYPE(child_tree, child, by_pid, child_compare)
RB_GENERATE(child_tree, child, by_pid, child_compare)

void child_add(struct child *child)
{
	RB_INSERT(child_tree, &children, child);
	count++;
}

void child_remove(struct child *child)
{
	RB_REMOVE(child_tree, &children, child);
	count--;
}

static bool reap_one(void)
{
	struct rusage usage;
	int status;
	pid_t pid = wait4(-1, &status, WNOHANG, &usage);
	struct child key = {.pid = pid};
	struct child *child;

	if (pid <= 0)
		return false;
	child = RB_FIND(child_tree, &children, &key);
	if (!child) /* an orphan that came to us as process 1 */
		return true;
	child_remove(child);
	if (child_reaped)
		child_reaped();
	child->ended(child, status, &usage);
	return true;
}

static void reap_more(struct timer *timer)
{
	(void)timer;
	child_reap();
}

void child_reap(void)
{
	static struct timer more = {.fired = reap_more};

	for (unsigned reaped = 0; reaped < REAP_MOST; reaped++)
		if (!reap_one())
			return;
	loop_timer(&more, 0);
}

bool child_is_ours(pid_t pid)
{
	siginfo_t info;

	return pid > 1 && !waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT);
}

bool child_is_known(pid_t pid)
{
	struct child key = {.pid = pid};

	return RB_FIND(child_tree, &children, &key);
}

unsigned child_count(void)
{
	return count;
}

struct child *child_find(bool (*match)(const struct child *child, const void *arg), const void *arg)
{
	struct child *child;

	RB_FOREACH (child, child_tree, &children)
		if (match(child, arg))
			return child;
	return NULL;
}

char *child_status_text(int status, char *buf, size_t size)
{
	if (WIFSIGNALED(status))
		snprintf(
			buf, size, "signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		snprintf(buf, size, "exit %d", WEXITSTATUS(status));
	return buf;
}
