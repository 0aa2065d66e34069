/* worker_process: see worker_process.h. */
#include "run/worker/worker_process.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/container_of.h"
#include "base/decimal.h"
#include "base/log.h"
#include "run/process/child.h"
#include "run/process/linked_program.h"
#include "run/process/worker_uid.h"
#include "run/service/service_state.h"
#include "worker/message.h"

#define GIVEN_UP_MOST 4
#define QUEUE_BYTES   (1 << 20) /* of what is told to it */

struct process {
	struct child child;
	struct spawn_error error;
};

static struct {
	const char *path;
	void (*ended)(pid_t pid, const char *how);
	struct process *serving; /* NULL = none */
	unsigned given_up;
} workers;

void worker_process_init(const char *path, void (*ended)(pid_t pid, const char *how))
{
	workers.path = path;
	workers.ended = ended;
}

pid_t worker_process_pid(void)
{
	return workers.serving ? workers.serving->child.pid : 0;
}

bool worker_process_may_start(void)
{
	return !workers.serving && workers.given_up < GIVEN_UP_MOST;
}

void worker_process_kill(bool forget)
{
	if (!workers.serving)
		return;
	kill(workers.serving->child.pid, SIGKILL);
	if (!forget)
		return;
	workers.serving = NULL;
	workers.given_up++;
}

static void log_unstarted(const struct spawn_error *error)
{
	errno = error->err;
	log_err("worker: cannot start %s: %s", workers.path, error->step);
}

static void process_ended(struct child *child, int status, const struct rusage *usage)
{
	struct process *process = container_of(child, struct process, child);
	pid_t pid = child->pid;
	char text[64];

	(void)usage;
	if (process->error.step)
		log_unstarted(&process->error);
	child_status_text(status, text, sizeof(text));
	if (process == workers.serving) {
		workers.serving = NULL;
		workers.ended(pid, process->error.step ? NULL : text);
	} else {
		workers.given_up--;
	}
	free(process);
}

static const char *find_tz(void)
{
	for (char **env = environ; env && *env; env++)
		if (!strncmp(*env, "TZ=", 3))
			return *env;
	return NULL;
}

static uid_t own_uid; /* 0: ours */

/* Returns our end of the link, or -1 with process->error. */
static int start(struct process *process)
{
	const struct worker_uid ids = worker_uid_choose(service_state_uses_id);
	char version[DECIMAL_BYTES], uid[DECIMAL_BYTES], gid[DECIMAL_BYTES];
	const char *const words[] = {"inetd-worker", decimal_text(WORKER_VERSION, version),
		ids.uid ? "--uid" : NULL, decimal_text(ids.uid, uid), "--gid",
		decimal_text(ids.gid, gid), NULL};
	const struct linked_program program = {.path = workers.path,
		.words = words,
		.variable = find_tz(),
		.may_log = true,
		.queue_bytes = QUEUE_BYTES};

	own_uid = ids.uid;
	process->child.ended = process_ended;
	return linked_program_start(&program, &process->child, &process->error);
}

int worker_process_start(void)
{
	struct process *process = calloc(1, sizeof(*process));
	int link;

	if (!process) {
		log_unstarted(&(struct spawn_error){.step = "malloc", .err = ENOMEM});
		return -1;
	}
	link = start(process);
	if (link < 0) {
		log_unstarted(&process->error);
		free(process);
		return -1;
	}
	workers.serving = process;
	return link;
}

uid_t worker_process_uid(void)
{
	return own_uid ? own_uid : geteuid();
}
