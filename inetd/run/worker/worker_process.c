/* worker_process: see worker_process.h. */
#include "run/worker/worker_process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/container_of.h"
#include "base/fdutil.h"
#include "base/log.h"
#include "run/process/child.h"
#include "run/process/closer.h"
#include "run/process/spawn.h"
#include "run/process/worker_uid.h"
#include "run/service/service_state.h"
#include "worker/message.h"

#define NUMBER_BYTES      12
#define GIVEN_UP_MOST     4
#define LINK_BUFFER_BYTES (1 << 20)

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

/* A text in the room, which stays until the child has exec'd. */
static char *put_number(struct spawn_room *room, unsigned number)
{
	char *text = room->bytes + room->bytes_used;

	room->bytes_used += (unsigned)snprintf(text, NUMBER_BYTES, "%u", number) + 1;
	return text;
}

static int put_arguments(struct spawn_room *room)
{
	const struct worker_uid ids = worker_uid_choose(service_state_uses_id);
	const char *const words[] = {"inetd-worker", put_number(room, WORKER_VERSION),
		ids.uid ? "--uid" : NULL, put_number(room, ids.uid), "--gid",
		put_number(room, ids.gid), NULL};

	own_uid = ids.uid;
	room->argv = calloc(1, sizeof(words));
	if (!room->argv)
		return -1;
	memcpy(room->argv, words, sizeof(words));
	return 0;
}

/* The program's end of the link is consumed. */
static pid_t spawn(int link_fd, struct spawn_error *error)
{
	static char *environment[2];
	struct spawn_room *room = spawn_room();
	int null_fd;

	if (!room || put_arguments(room) < 0) {
		*error = (struct spawn_error){.step = "memory", .err = ENOMEM};
		fd_close(&link_fd);
		return -1;
	}
	null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	environment[0] = (char *)find_tz();
	room->plan = (struct spawn_plan){.path = workers.path,
		.argv = room->argv,
		.envp = environment,
		.fds = {null_fd, null_fd, log_is_stderr() ? STDERR_FILENO : null_fd, link_fd},
		.close_fd = null_fd,
		.close_errors = link_fd};
	return spawn_run(room, error);
}

/* Nobody may send descriptors up, to be closed here: a worker that was taken over could fill them.
 */
static int open_link(int ends[2])
{
	int bytes = LINK_BUFFER_BYTES;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) < 0)
		return -1;
	if (setsockopt(ends[0], SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes)) < 0)
		setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
	closer_refuse_rights(ends[0]);
	ends[0] = fd_raise(ends[0]);
	ends[1] = fd_raise(ends[1]);
	return 0;
}

int worker_process_start(void)
{
	struct process *process = calloc(1, sizeof(*process));
	struct spawn_error error = {.step = "malloc", .err = ENOMEM};
	int ends[2] = {-1, -1};

	if (process && open_link(ends) < 0) {
		error = (struct spawn_error){.step = "socketpair", .err = errno};
	} else if (process) {
		process->child.ended = process_ended;
		process->child.pid = spawn(ends[1], &process->error);
		error = process->error;
	}
	if (!process || error.step) {
		log_unstarted(&error);
		fd_close(&ends[0]);
		free(process);
		return -1;
	}
	child_add(&process->child);
	workers.serving = process;
	return ends[0];
}

uid_t worker_process_uid(void)
{
	return own_uid ? own_uid : geteuid();
}
