/* rpc_registrar: see rpc_registrar.h. */
#include "run/service/rpc_registrar.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/decimal.h"
#include "base/fdutil.h"
#include "base/handover.h"
#include "base/log.h"
#include "base/path.h"
#include "rpc/message.h"
#include "run/process/closer.h"
#include "run/process/linked_program.h"
#include "run/process/worker_uid.h"
#include "run/service/rpc_service.h"

#define RPCBIND_SOCKET "/run/rpcbind.sock"
#define GATHER_MS      50
#define RETRY_FIRST_MS 1000
#define RETRY_MOST_MS  60000
#define STOP_MS        1000
#define CONNECT_MS     500 /* from one connection to the next, at least */

static void process_ended(struct child *child, int status, const struct rusage *usage);
static void link_ready(struct watch *watch, uint32_t events);
static void update(struct timer *timer);

static struct {
	const char *path;
	struct child child;       /* pid 0: none */
	struct spawn_error error; /* of its start */
	struct watch link;        /* .fd owned; -1: none, or it is about to end */
	struct timer update;      /* a list is to be sent */
	struct backoff restart;
	uint64_t connected_ms; /* when it last got a connection to rpcbind, or an error */
} registrar = {.child.ended = process_ended,
	.link = {.fd = -1, .ready = link_ready},
	.update.fired = update,
	.restart.timer.fired = update};

void rpc_registrar_init(const char *path)
{
	registrar.path = path;
}

static void close_link(void)
{
	loop_unwatch(&registrar.link);
	fd_close(&registrar.link.fd);
}

static void process_ended(struct child *child, int status, const struct rusage *usage)
{
	bool wanted = registrar.link.fd >= 0;
	char text[64], problem[RPC_TEXT];

	(void)usage;
	child->pid = 0;
	close_link();
	if (!rpc_service_any())
		return;
	if (registrar.error.step)
		snprintf(problem, sizeof(problem), "cannot start inetd-rpc: %s: %s",
			registrar.error.step, strerror(registrar.error.err));
	else
		snprintf(problem, sizeof(problem), "inetd-rpc has ended: %s",
			child_status_text(status, text, sizeof(text)));
	if (wanted)
		rpc_service_result_all(problem);
	if (wanted)
		backoff_start(&registrar.restart, RETRY_FIRST_MS, RETRY_MOST_MS);
	else
		loop_timer(&registrar.update, RETRY_FIRST_MS);
}

static int start(void)
{
	const struct worker_uid ids = worker_uid_choose(service_state_uses_id);
	char version[DECIMAL_BYTES], uid[DECIMAL_BYTES], gid[DECIMAL_BYTES];
	const char *const words[] = {"inetd-rpc", decimal_text(RPC_VERSION, version),
		ids.uid ? decimal_text(ids.uid, uid) : NULL, decimal_text(ids.gid, gid), NULL};
	const struct linked_program program = {.path = registrar.path, .words = words};

	registrar.link.fd = linked_program_start(&program, &registrar.child, &registrar.error);
	if (registrar.link.fd < 0)
		return -1;
	if (loop_watch(&registrar.link, EPOLLIN) == 0)
		return 0;
	registrar.error = (struct spawn_error){.step = "watching it", .err = errno};
	close_link(); /* its end follows */
	return -1;
}

/* A file that is memory, with all that is to be registered; -1 with errno. */
static int make_list(void)
{
	int fd = memfd_create("inetd-rpc", MFD_CLOEXEC), copy;
	FILE *out = fd < 0 ? NULL : fdopen(fd, "w");
	bool bad;

	if (!out) {
		fd_close(&fd);
		return -1;
	}
	rpc_service_write(out);
	copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	bad = ferror(out);
	if (fclose(out) != 0 || bad)
		fd_close(&copy);
	return copy;
}

/* False: it is to be tried again. */
static bool send_list(void)
{
	const struct rpc_message message = {.verb = RPC_LIST};
	int fd = make_list(), result;

	if (fd < 0)
		return false;
	result = fd_send(registrar.link.fd, &message, sizeof(message), fd);
	fd_close(&fd);
	return result == 0;
}

static void update(struct timer *timer)
{
	(void)timer;
	if (!rpc_service_any()) {
		backoff_reset(&registrar.restart);
		close_link(); /* takes everything away, and ends */
		return;
	}
	if (!registrar.path) {
		rpc_service_result_all("this inetd was built without libtirpc");
		return;
	}
	if (registrar.link.fd < 0 && registrar.child.pid)
		return; /* the next one is started when this one has ended */
	if (registrar.link.fd < 0 && start() < 0) {
		char problem[RPC_TEXT];

		snprintf(problem, sizeof(problem), "cannot start inetd-rpc: %s: %s",
			registrar.error.step, strerror(registrar.error.err));
		rpc_service_result_all(problem);
		backoff_start(&registrar.restart, RETRY_FIRST_MS, RETRY_MOST_MS);
	} else if (!send_list()) {
		loop_timer(&registrar.update, RETRY_FIRST_MS);
	}
}

void rpc_registrar_changed(void)
{
	if (!loop_timer_running(&registrar.update) && !loop_timer_running(&registrar.restart.timer))
		loop_timer(&registrar.update, GATHER_MS);
}

/* A connection to rpcbind, which never makes us wait: EAGAIN where its queue is full. -1 with
 * errno. */
static int connect_rpcbind(void)
{
	const struct sockaddr_un un = {.sun_family = AF_UNIX, .sun_path = RPCBIND_SOCKET};
	int fd;

	if (!path_is_own(RPCBIND_SOCKET)) {
		errno = EPERM;
		return -1;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && (connect(fd, (const struct sockaddr *)&un, sizeof(un)) < 0 ||
			       fd_set_nonblock(fd, false) < 0)) {
		int err = errno;

		fd_close(&fd);
		errno = err;
	}
	return fd;
}

static void send_connection(void)
{
	struct rpc_message message = {.verb = RPC_CONNECTION};
	int fd;

	if (registrar.connected_ms && loop_now_ms() < registrar.connected_ms + CONNECT_MS)
		return; /* it asks once a second, unless somebody else speaks for it */
	registrar.connected_ms = loop_now_ms();
	fd = connect_rpcbind();
	if (fd < 0)
		message.error = errno;
	if (fd_send(registrar.link.fd, &message, sizeof(message), fd) < 0)
		close_link(); /* it asks for one at a time: something is wrong with it */
	fd_close(&fd);
}

/* What it says is not trusted: it speaks with others. */
static void link_ready(struct watch *watch, uint32_t events)
{
	struct rpc_message message;
	int fd;
	ssize_t len = fd_recv(watch->fd, &message, sizeof(message), &fd);

	(void)events;
	closer_close(&fd);
	if (!len || (len < 0 && errno != EAGAIN && errno != EINTR && errno != EMSGSIZE)) {
		loop_unwatch(watch); /* process_ended() follows */
		return;
	}
	if (len != sizeof(message))
		return;
	message.text[sizeof(message.text) - 1] = 0;
	if (message.verb == RPC_CONNECT)
		send_connection();
	else if (message.verb == RPC_RESULT)
		rpc_service_result(message.number, message.text);
	if (message.verb == RPC_RESULT)
		backoff_reset(&registrar.restart);
}

void rpc_registrar_stop(void)
{
	uint64_t end_us = loop_clock_us() + STOP_MS * 1000;
	struct rpc_message message;
	struct pollfd link = {.fd = registrar.link.fd, .events = POLLIN};

	if (link.fd < 0)
		return;
	shutdown(link.fd, SHUT_WR);
	while (loop_clock_us() < end_us && poll(&link, 1, STOP_MS) > 0 &&
		(recv(link.fd, &message, sizeof(message), MSG_DONTWAIT) > 0 || errno == EAGAIN))
		;
	close_link();
}

void rpc_registrar_put(FILE *out)
{
	if (registrar.link.fd < 0)
		return;
	record_begin(out, "rpc");
	record_number(out, "pid", (uint64_t)registrar.child.pid);
	handover_put_fd(out, "link", registrar.link.fd);
	record_number(out, "version", RPC_VERSION);
	record_end(out);
}

static void get_registrar(const struct record *record)
{
	pid_t pid = (pid_t)record_get_number(record, "pid");
	int fd = handover_take_fd(record, "link");

	/* Of another version, it ends with the link, and what it had registered is registered anew.
	 */
	if (fd < 0 || record_get_number(record, "version") != RPC_VERSION || !child_is_ours(pid) ||
		registrar.child.pid) {
		fd_close(&fd);
		return;
	}
	registrar.link.fd = fd;
	registrar.child.pid = pid;
	child_add(&registrar.child);
	if (loop_watch(&registrar.link, EPOLLIN) < 0)
		close_link();
	rpc_registrar_changed();
}

void rpc_registrar_resume(void)
{
	handover_each("rpc", get_registrar);
}
