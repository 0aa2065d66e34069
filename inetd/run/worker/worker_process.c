/* worker_process: see worker_process.h. */
#include "run/worker/worker_process.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fdutil.h"
#include "base/log.h"
#include "run/process/worker_uid.h"
#include "run/service/service_state.h"
#include "worker/message.h"

#define LINK_BUFFER_BYTES (1 << 20)

static const char *find_tz(void)
{
	for (char **env = environ; env && *env; env++)
		if (!strncmp(*env, "TZ=", 3))
			return *env;
	return NULL;
}

static uid_t own_uid; /* 0: ours */

static pid_t start(const char *path, int link_fd, struct spawn_error *error)
{
	char version[12], uid[12], gid[12];
	const char *argv[7] = {"inetd-worker", version};
	char *envp[2] = {(char *)find_tz(), NULL};
	int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	const struct worker_uid ids = worker_uid_choose(service_state_uses_id);
	struct spawn_room *room = spawn_room();
	pid_t pid;

	own_uid = ids.uid;
	snprintf(version, sizeof(version), "%d", WORKER_VERSION);
	snprintf(uid, sizeof(uid), "%u", ids.uid);
	snprintf(gid, sizeof(gid), "%u", ids.gid);
	if (ids.uid) {
		argv[2] = "--uid";
		argv[3] = uid;
		argv[4] = "--gid";
		argv[5] = gid;
	}
	room->plan = (struct spawn_plan){.path = path,
		.argv = (char *const *)argv,
		.envp = envp,
		.fds = {null_fd, null_fd, log_is_stderr() ? STDERR_FILENO : null_fd, link_fd},
		.close_fd = null_fd};
	pid = spawn_run(room, error);
	spawn_wait(); /* argv is on our stack */
	if (pid < 0 || !error->step)
		return pid;
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return -1;
}

pid_t worker_process_start(const char *path, int *link_fd, struct spawn_error *error)
{
	int ends[2], bytes = LINK_BUFFER_BYTES;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) < 0) {
		*error = (struct spawn_error){"socketpair", errno, 0};
		return -1;
	}
	if (setsockopt(ends[0], SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes)) < 0)
		setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
	ends[0] = fd_raise(ends[0]);
	ends[1] = fd_raise(ends[1]);
	pid = start(path, ends[1], error);
	fd_close(&ends[1]);
	if (pid < 0)
		fd_close(&ends[0]);
	*link_fd = ends[0];
	return pid;
}

uid_t worker_process_uid(void)
{
	return own_uid ? own_uid : geteuid();
}
