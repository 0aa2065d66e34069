/* lent_holders: see lent_holders.h. Nobody is killed whom the service's user could not kill, so
 * that a program which passes its socket to somebody else makes us hit nobody in its place. */
#include "run/program/lent_holders.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/container_of.h"
#include "base/fdutil.h"
#include "base/log.h"
#include "run/process/helper.h"
#include "run/service/passed_socket.h"
#include "run/service/socket_holder.h"

#define AGAIN_MS     100 /* between looks whether its programs have ended */
#define SLACK_MS     500 /* after kill_after, for the end of what is killed */
#define HELPER_S     10
#define SETTLE_MS    50 /* what is killed takes a moment to close its sockets */
#define SETTLE_TURNS 20

/* What the helper answers. */
struct outcome {
	unsigned killed;
	pid_t pid; /* of one that has it still; 0: nobody has */
	char comm[32];
};

struct search {
	LIST_ENTRY(search) in_searches;
	struct service_state *state; /* counted */
	struct timer timer;
	struct watch answer; /* of the helper; owned; .fd -1: none */
	uint64_t until_ms;   /* when its programs are killed */
	pid_t daemon;
	uid_t uid;
	size_t count;
	uint64_t inodes[]; /* of the sockets */
};

static LIST_HEAD(search_list, search) searches = LIST_HEAD_INITIALIZER(searches);

static void search_free(struct search *search)
{
	LIST_REMOVE(search, in_searches);
	loop_unwatch(&search->answer);
	fd_close(&search->answer.fd);
	loop_untimer(&search->timer);
	service_state_unref(search->state);
	free(search);
}

/* --- in the helper process --- */

struct sweep {
	const struct search *search;
	struct outcome outcome;
};

/* Its parent, and whether `uid` may kill it whatever it executes: root may, others if all of its
 * user ids are theirs. */
static bool read_process(pid_t pid, uid_t uid, pid_t *parent)
{
	char path[32], line[256];
	unsigned ids[4], found = 0;
	FILE *file;

	*parent = 0;
	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	file = fopen(path, "re");
	while (file && found < 2 && fgets(line, sizeof(line), file)) {
		found += sscanf(line, "PPid: %d", parent) == 1;
		found += sscanf(line, "Uid: %u %u %u %u", &ids[0], &ids[1], &ids[2], &ids[3]) == 4;
	}
	if (file)
		fclose(file);
	if (found < 2)
		return false;
	return !uid || (ids[0] == uid && ids[1] == uid && ids[2] == uid && ids[3] == uid);
}

/* The daemon has what it closes a moment longer, and so have its children on their way to exec. */
static bool is_ours(pid_t pid, pid_t parent, pid_t daemon)
{
	return pid == daemon || parent == daemon || pid == getpid() || pid == 1;
}

/* By a pidfd, and looked at again: the number may be another process's by now. */
static bool kill_one(pid_t pid, void *arg)
{
	struct sweep *sweep = arg;
	const struct search *search = sweep->search;
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	pid_t parent;

	if (pidfd < 0)
		return true;
	if (read_process(pid, search->uid, &parent) && !is_ours(pid, parent, search->daemon) &&
		socket_holder_has(pid, search->inodes, search->count) &&
		!syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0))
		sweep->outcome.killed++;
	close(pidfd);
	return true;
}

static bool note_one(pid_t pid, void *arg)
{
	struct sweep *sweep = arg;
	pid_t parent;

	read_process(pid, sweep->search->uid, &parent);
	if (is_ours(pid, parent, sweep->search->daemon))
		return true;
	sweep->outcome.pid = pid;
	return false;
}

static void sweep(const void *arg, int out)
{
	const struct search *search = arg;
	struct sweep sweep = {.search = search};

	socket_holder_each(search->inodes, search->count, kill_one, &sweep);
	for (int i = 0; i < SETTLE_TURNS; i++) {
		sweep.outcome.pid = 0;
		socket_holder_each(search->inodes, search->count, note_one, &sweep);
		if (!sweep.outcome.pid)
			break;
		usleep(SETTLE_MS * 1000);
	}
	if (sweep.outcome.pid)
		socket_holder_name(
			sweep.outcome.pid, sweep.outcome.comm, sizeof(sweep.outcome.comm));
	if (write(out, &sweep.outcome, sizeof(sweep.outcome)) < 0)
		_exit(1);
}

/* --- in the daemon --- */

static void log_outcome(const struct search *search, struct outcome *outcome)
{
	const char *name = search->state->service->name;
	char pid[12];

	outcome->comm[sizeof(outcome->comm) - 1] = 0;
	if (outcome->killed)
		log_event(LOG_NOTICE, LOG_FIELDS({"service", name, false}),
			"%s: processes that its programs left behind still had its socket: %u "
			"killed",
			name, outcome->killed);
	if (!outcome->pid)
		return;
	snprintf(pid, sizeof(pid), "%d", (int)outcome->pid);
	log_event(LOG_WARNING,
		LOG_FIELDS({"service", name, false}, {"owner", outcome->comm, false},
			{"owner_pid", pid, true}),
		"%s: its socket cannot be taken back: %s (pid %s) has it still, and may listen on "
		"it",
		name, outcome->comm, pid);
}

static void answered(struct watch *watch, uint32_t events)
{
	struct search *search = container_of(watch, struct search, answer);
	struct outcome outcome = {0};
	ssize_t len = read(watch->fd, &outcome, sizeof(outcome)); /* it is written as a whole */

	(void)events;
	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (len == sizeof(outcome))
		log_outcome(search, &outcome);
	else
		log_warnx("%s: cannot look who has its socket still", search->state->service->name);
	search_free(search);
}

static void look(struct timer *timer)
{
	struct search *search = container_of(timer, struct search, timer);

	if (search->state->admit.stats.running && loop_now_ms() < search->until_ms) {
		loop_timer(timer, AGAIN_MS);
		return;
	}
	search->daemon = getpid();
	search->answer.fd = helper_run(&(struct helper_job){
		.work = sweep, .arg = search, .limit_s = HELPER_S, .want_pipe = true});
	if (search->answer.fd >= 0 && loop_watch(&search->answer, EPOLLIN) == 0)
		return;
	log_warn("%s: cannot look who has its socket still", search->state->service->name);
	search_free(search);
}

void lent_holders_note(struct listener *listener)
{
	struct stat status;

	if (listener->watch.fd < 0 || !listener->was_lent ||
		passed_socket_has(&listener->endpoint) || fstat(listener->watch.fd, &status) < 0)
		return;
	listener->lent_inode = status.st_ino;
}

void lent_holders_end(struct service_state *state)
{
	const struct policy *policy = state->service->policy;
	struct listener *listener;
	struct search *search;
	size_t count = 0;

	TAILQ_FOREACH (listener, &state->listeners, in_state)
		count += listener->lent_inode != 0;
	if (!count)
		return;
	search = calloc(1, sizeof(*search) + count * sizeof(search->inodes[0]));
	if (!search) {
		log_warn("%s: cannot look who has its socket still", state->service->name);
		return;
	}
	TAILQ_FOREACH (listener, &state->listeners, in_state) {
		if (listener->lent_inode)
			search->inodes[search->count++] = listener->lent_inode;
		listener->lent_inode = 0;
	}
	search->state = service_state_ref(state);
	search->uid = policy->identity.uid;
	search->until_ms = loop_now_ms() + policy->kill_after_ms + SLACK_MS;
	search->timer.fired = look;
	search->answer = (struct watch){.fd = -1, .ready = answered};
	LIST_INSERT_HEAD(&searches, search, in_searches);
	loop_timer(&search->timer, 0);
}
