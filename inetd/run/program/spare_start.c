/* spare_start: see spare_start.h. The environment is that of a connection that does not exist, with
 * the longest values: so the program has room for that of its own (inetd/warm/). */
#include "run/program/spare_start.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>

#include "base/fdutil.h"
#include "run/process/closer.h"
#include "run/program/child_stderr.h"
#include "run/program/environment.h"
#include "run/program/plan.h"
#include "run/program/spare_message.h"

static const char *library;
static int null_fd = -1;

void spare_start_init(const char *path)
{
	library = path;
}

void spare_start_close(void)
{
	fd_close(&null_fd);
}

static void fill_longest(struct sockaddr_len *addr)
{
	addr->len = sizeof(addr->addr.in6);
	addr->addr.in6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = 0xffff};
	memset(&addr->addr.in6.sin6_addr, 0xff, sizeof(addr->addr.in6.sin6_addr));
}

static void fill_conn(const struct service *service, struct conn *conn)
{
	*conn = (struct conn){.fd = null_fd, .count = UINT32_MAX};
	if (service->endpoint_count && service->families == FAMILY_UNIX) {
		conn->local = sockaddr_copy(&service->endpoints[0].addr);
		conn->peer_uid = conn->peer_gid = (uid_t)-2;
	} else if (service->families == FAMILY_VSOCK) {
		conn->peer.addr.vm = (struct sockaddr_vm){.svm_family = AF_VSOCK,
			.svm_cid = VMADDR_CID_ANY - 1,
			.svm_port = VMADDR_PORT_ANY - 1};
		conn->peer.len = sizeof(conn->peer.addr.vm);
		conn->local = conn->peer;
	} else {
		fill_longest(&conn->local);
		fill_longest(&conn->peer);
	}
}

static bool has_preload(const struct spawn_room *room)
{
	for (unsigned i = 0; i < room->env_count; i++)
		if (!strncmp(room->envp[i], "LD_PRELOAD=", 11))
			return true;
	return false;
}

/* Returns NULL, or what failed with errno. */
static const char *build(const struct service *service, int errors, struct spawn_room *room)
{
	struct conn conn;
	const char *step;

	fill_conn(service, &conn);
	step = plan_build(service, &conn, errors < 0 ? null_fd : errors, room);
	if (step)
		return step;
	if (room->plan.check_path) { /* inetd-wrap has to see the connection first */
		errno = EOPNOTSUPP;
		return "inetd-wrap";
	}
	if (!service->policy->spares.ready && has_preload(room)) {
		errno = EOPNOTSUPP;
		return "LD_PRELOAD";
	}
	environment_add(room, SPARE_VARIABLE, "3");
	if (!service->policy->spares.ready)
		environment_add(room, "LD_PRELOAD", library);
	errno = E2BIG;
	return room->overflow ? "environment" : NULL;
}

static pid_t run(struct service_state *state, struct spawn_room *room,
	const struct spare_calls *calls, int other_end, struct spawn_error *error)
{
	struct errors errors = {.fd = -1};
	const char *step = "/dev/null";
	pid_t pid;

	if (child_stderr_for(state, &(const struct conn){.peer_uid = (uid_t)-1}, &errors) < 0 ||
		(step = build(state->service, errors.fd, room))) {
		*error = (struct spawn_error){.step = step, .err = errno};
		if (errors.own)
			fd_close(&errors.fd);
		fd_close(&other_end);
		return -1;
	}
	room->plan.fds[3] = other_end;
	room->plan.envp = room->envp;
	room->plan.close_first = false;
	room->plan.close_fd = other_end;
	room->plan.close_errors = errors.own ? errors.fd : -1;
	room->plan.errors_path = errors.path;
	room->plan.calls = calls->calls;
	room->plan.owner = calls->owner;
	room->plan.left = calls->left;
	room->plan.late = calls->late;
	room->plan.slice_ns = calls->slice_ns;
	pid = spawn_run(room, error);
	if (errors.log)
		stderr_log_set_pid(errors.log, pid);
	return pid;
}

pid_t spare_start(struct service_state *state, const struct spare_calls *calls,
	struct spawn_error *error, int *link)
{
	struct spawn_room *room = spawn_room();
	int ends[2] = {-1, -1};
	pid_t pid;

	*link = -1;
	if (null_fd < 0)
		null_fd = fd_raise(open("/dev/null", O_RDWR | O_CLOEXEC));
	if (!room || null_fd < 0 ||
		socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) {
		*error = (struct spawn_error){.step = "socketpair", .err = errno};
		return -1;
	}
	closer_refuse_rights(ends[0]);
	pid = run(state, room, calls, ends[1], error);
	if (pid < 0)
		fd_close(&ends[0]);
	else
		*link = fd_raise(ends[0]);
	return pid;
}
