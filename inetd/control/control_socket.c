/* control_socket: see control_socket.h. */
#include "control/control_socket.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/fdutil.h"
#include "base/handover.h"
#include "run/process/closer.h"
#include "run/service/socket_path.h"

#define BACKLOG     64
#define CLOSED_MODE 0600
#define GROUP_MODE  0660

static struct {
	struct sockaddr_len addr;
	struct endpoint endpoint; /* at it */
	struct socket_made made;
} control = {.made.fd = -1};

static struct policy policy = {
	.socket = {.backlog = BACKLOG, .mode = CLOSED_MODE, .owner = (uid_t)-1, .group = (gid_t)-1},
};
static const struct service as_service = {.socktype = SOCK_STREAM, .policy = &policy};

static int set_path(const char *path)
{
	struct sockaddr_un *un = &control.addr.addr.un;

	control.addr = (struct sockaddr_len){.len = sizeof(*un)};
	un->sun_family = AF_UNIX;
	control.endpoint =
		(struct endpoint){.addr = sockaddr_keep(&control.addr), .socktype = SOCK_STREAM};
	if (strlcpy(un->sun_path, path, sizeof(un->sun_path)) >= sizeof(un->sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return 0;
}

int control_socket_open(const char *path)
{
	if (set_path(path) < 0)
		return -1;
	if (socket_open(&as_service, &control.endpoint, false, &control.made) < 0)
		return -1;
	closer_refuse_rights(control.made.fd);
	return control.made.fd;
}

bool control_socket_was_stale(void)
{
	return control.made.replaced;
}

static void set_group(gid_t group)
{
	policy.socket.group = group;
	policy.socket.mode = group == (gid_t)-1 ? CLOSED_MODE : GROUP_MODE;
}

int control_socket_allow(gid_t group)
{
	const char *step;

	set_group(group);
	if (socket_path_apply(&as_service, &control.endpoint, &control.made, &step) == 0)
		return 0;
	policy.socket.group = (gid_t)-1;
	return -1;
}

gid_t control_socket_group(void)
{
	return policy.socket.group;
}

void control_socket_close(void)
{
	fd_close(&control.made.fd);
	socket_path_unlink(&control.endpoint, control.made.dev, control.made.ino);
}

void control_socket_put(FILE *out)
{
	record_begin(out, "control");
	record_text(out, "path", sockaddr_kept_path(&control.endpoint.addr));
	handover_put_fd(out, "fd", control.made.fd);
	record_number(out, "dev", control.made.dev);
	record_number(out, "ino", control.made.ino);
	record_number(out, "group", policy.socket.group);
	record_end(out);
}

static const char *resumed_path;

static void get_control(const struct record *record)
{
	const char *path = record_get(record, "path");
	int fd = handover_take_fd(record, "fd");

	if (fd < 0 || !path || strcmp(path, resumed_path) != 0 || set_path(path) < 0) {
		fd_close(&fd);
		return;
	}
	control.made.fd = fd;
	control.made.dev = record_get_number(record, "dev");
	control.made.ino = record_get_number(record, "ino");
	set_group(record_get(record, "group") ? (gid_t)record_get_number(record, "group")
					      : (gid_t)-1);
}

int control_socket_resume(const char *path)
{
	resumed_path = path;
	handover_each("control", get_control);
	return control.made.fd;
}
