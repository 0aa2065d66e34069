/* dispatch: see dispatch.h. */
#include "run/dispatch.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fdutil.h"
#include "base/log.h"
#include "run/program.h"
#include "run/worker_link.h"

#define ACCEPTS_A_TURN 16 /* of one socket, before others have theirs */

static int reserve_fd = -1;

void dispatch_open(void)
{
	if (reserve_fd < 0)
		reserve_fd = fd_raise(open("/dev/null", O_RDONLY | O_CLOEXEC));
}

void dispatch_close(void)
{
	fd_close(&reserve_fd);
}

static void log_refused(struct gate *gate, enum verdict verdict, const struct sockaddr_len *peer)
{
	static const char *const why[ADMIT_VERDICTS] = {
		[ADMIT_FULL] = "too many run already",
		[ADMIT_RATE] = "the service is over its rate",
		[ADMIT_NEVER] = "its limits allow nothing",
		[ADMIT_SOURCE_FULL] = "too many of its source run already",
		[ADMIT_SOURCE_RATE] = "its source comes too fast",
		[ADMIT_DENIED] = "its address may not use the service",
		[ADMIT_TIMES] = "not at this time",
		[ADMIT_IGNORED] = "its source was refused too often",
		[ADMIT_LOAD] = "the machine is too busy",
		[ADMIT_TOTAL] = "too many programs run already",
		[ADMIT_MEMORY] = "out of memory",
	};
	const char *name = gate->service->name;
	char text[SOCKADDR_TEXT], more[48] = "", hint[64] = "";
	uint32_t left_out;

	if (!log_limit_allows(&gate->refused, &left_out))
		return;
	if (left_out)
		snprintf(more, sizeof(more), " (and %u more not logged)", left_out);
	if (verdict == ADMIT_SOURCE_FULL && gate->admit.limits.per_source_default)
		strlcpy(hint, " (the default limit; raise it with 'per_source' or -s)",
			sizeof(hint));
	log_notice("%s: refused: %s%s%s service=%s peer=%s reason=%s", name, why[verdict], hint,
		more, name, sockaddr_text(peer, text, sizeof(text)), admit_key(verdict));
}

/* Accepting failed for want of `errno`. Closing the connection at once beats leaving the client
 * to wait for ever, and one descriptor is kept back for just that. */
static void starved(struct listener *listener)
{
	const char *name = listener->gate->service->name;
	int err = errno, fd;

	if (err == EMFILE || err == ENFILE) {
		fd_close(&reserve_fd);
		fd = accept4(listener->watch.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		fd_close(&fd);
		dispatch_open();
	}
	errno = err;
	if (gate_pause(listener->gate))
		log_err("%s: accept; pausing service=%s", name, name);
}

/* What accept(2) says of one connection or of the network for a moment, not of the socket. */
static bool is_passing(int err)
{
	static const int passing[] = {EINTR, ECONNABORTED, EPROTO, EPERM, ENETDOWN, ENOPROTOOPT,
		EHOSTDOWN, ENONET, EHOSTUNREACH, EOPNOTSUPP, ENETUNREACH, ETIMEDOUT, ECONNRESET};

	for (size_t i = 0; i < sizeof(passing) / sizeof(passing[0]); i++)
		if (err == passing[i])
			return true;
	return false;
}

/* Returns a connection, or -1: with errno 0 to go on, else to stop for now. */
static int accept_one(struct listener *listener, struct conn *conn)
{
	bool builtin = listener->gate->service->builtin != BUILTIN_NONE;
	int flags = SOCK_CLOEXEC | (builtin ? SOCK_NONBLOCK : 0);

	conn->peer.len = sizeof(conn->peer.addr);
	conn->fd = accept4(listener->watch.fd, &conn->peer.addr.sa, &conn->peer.len, flags);
	if (conn->fd >= 0)
		return conn->fd;
	if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
		starved(listener);
	} else if (is_passing(errno)) {
		errno = 0;
	} else if (errno != EAGAIN) { /* somebody did shutdown(2) on it, or worse: make a new one */
		log_err("%s: accept; opening its socket again", listener->gate->service->name);
		listener_close(listener);
		listener_open(listener);
		errno = EBADF;
	}
	return -1;
}

static void fill_conn(struct conn *conn, const struct sockaddr_len *local)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);

	conn->local = *local;
	conn->lent = false;
	conn->count = 0;
	conn->peer_uid = (uid_t)-1;
	conn->peer_gid = (gid_t)-1;
	if (conn->local.addr.sa.sa_family != AF_UNIX ||
		getsockopt(conn->fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) < 0)
		return;
	conn->peer_uid = cred.uid;
	conn->peer_gid = cred.gid;
}

static struct arrival arrival_of(const struct gate *gate, const struct conn *conn)
{
	return (struct arrival){
		.peer = &conn->peer,
		.uid = conn->peer_uid,
		.now_ms = loop_now_ms(),
		.week_minute = gate->service->access.times.count ? loop_week_minute() : 0,
	};
}

/* Everything after accept: conn->fd is consumed. */
static void serve(struct gate *gate, struct conn *conn)
{
	struct admit_ticket ticket = {0};
	struct arrival arrival = arrival_of(gate, conn);
	uint64_t wait_ms;
	enum verdict verdict = admit_check(&gate->admit, &arrival, &wait_ms);

	if (verdict == ADMIT_OK)
		verdict = admit_commit(&gate->admit, &arrival, &ticket);
	if (verdict != ADMIT_OK) {
		log_refused(gate, verdict, &conn->peer);
		fd_close(&conn->fd);
		return;
	}
	if (gate->service->builtin != BUILTIN_NONE) {
		worker_serve(gate, conn->fd, &ticket);
		return;
	}
	conn->count = admit_running_of(&ticket);
	program_start(gate, conn, &ticket, NULL);
}

/* False if no more may be accepted now. */
static bool may_accept(struct gate *gate)
{
	uint64_t wait_ms = 0;
	enum verdict verdict;

	if (gate->holds)
		return false;
	if (gate->service->builtin != BUILTIN_NONE && !worker_takes(gate))
		return false;
	verdict = admit_ready(&gate->admit, loop_now_ms(), &wait_ms);
	if (verdict == ADMIT_OK)
		return true;
	gate_hold_verdict(gate, verdict, wait_ms);
	return false;
}

static void accept_some(struct listener *listener)
{
	struct gate *gate = listener->gate;
	struct conn conn;

	for (int i = 0; i < ACCEPTS_A_TURN && may_accept(gate); i++) {
		if (accept_one(listener, &conn) < 0) {
			if (errno)
				break;
			continue;
		}
		dispatch_open(); /* the reserve, if it could not be had again when it was used */
		gate_resume(gate);
		fill_conn(&conn, &listener->bound);
		serve(gate, &conn);
	}
}

static void lend(struct listener *listener)
{
	struct gate *gate = listener->gate;
	struct admit_ticket ticket = {0};
	struct conn conn = {.local = listener->bound, .lent = true, .peer_uid = (uid_t)-1};
	struct arrival arrival = {.now_ms = loop_now_ms()};

	if (!may_accept(gate))
		return;
	/* A low number, so that the program's descriptor table stays small. */
	conn.fd = fcntl(listener->watch.fd, F_DUPFD_CLOEXEC, 3);
	if (conn.fd < 0 || fd_set_nonblock(conn.fd, false) < 0 ||
		admit_commit(&gate->admit, &arrival, &ticket) != ADMIT_OK) {
		fd_close(&conn.fd);
		if (gate_pause(gate))
			log_err("%s: cannot lend its socket; pausing", gate->service->name);
		return;
	}
	gate_resume(gate);
	program_start(gate, &conn, &ticket, listener);
}

void dispatch_ready(struct listener *listener)
{
	if (listener_lends(listener))
		lend(listener);
	else
		accept_some(listener);
}

/* A connection from the queue of `from`: conn->fd is consumed. */
static void inherit(const struct listener *from, struct conn *conn)
{
	struct sockaddr_len local = {.len = sizeof(local.addr)};
	struct listener *heir = NULL;

	if (!getsockname(conn->fd, &local.addr.sa, &local.len)) {
		sockaddr_unmap(&local);
		heir = listener_heir(from, &local);
	}
	if (!heir || listener_lends(heir)) {
		fd_close(&conn->fd);
		return;
	}
	fd_set_nonblock(conn->fd, heir->gate->service->builtin != BUILTIN_NONE);
	fill_conn(conn, &heir->bound);
	serve(heir->gate, conn);
}

void dispatch_drain(struct listener *listener)
{
	int backlog = listener->gate->service->socket.backlog;
	struct conn conn;

	for (int i = 0; i < backlog && listener->watch.fd >= 0; i++) {
		if (accept_one(listener, &conn) >= 0)
			inherit(listener, &conn);
		else if (errno)
			break;
	}
}

static struct gate *find_mux(const char *name)
{
	struct gate *gate;

	TAILQ_FOREACH (gate, &gates, in_gates)
		if (gate->service->mux && !strcasecmp(gate->service->mux_name, name))
			return gate;
	return NULL;
}

void dispatch_mux(const char *name, int fd)
{
	struct gate *gate = find_mux(name);
	struct conn conn = {.fd = fd};
	struct sockaddr_len local = {.len = sizeof(local.addr)};
	enum verdict verdict = ADMIT_OK;
	struct arrival arrival;
	uint64_t wait_ms;

	conn.peer.len = sizeof(conn.peer.addr);
	if (getpeername(fd, &conn.peer.addr.sa, &conn.peer.len) < 0 ||
		getsockname(fd, &local.addr.sa, &local.len) < 0) { /* the client is gone */
		fd_close(&fd);
		return;
	}
	fill_conn(&conn, &local);
	if (gate)
		arrival = arrival_of(gate, &conn);
	if (gate && !gate->holds)
		verdict = admit_check(&gate->admit, &arrival, &wait_ms);
	if (verdict != ADMIT_OK)
		log_refused(gate, verdict, &conn.peer);
	if (!gate || gate->holds || verdict != ADMIT_OK) {
		worker_say(fd,
			gate ? "-Service busy, try again later\r\n" : "-Service not available\r\n");
		return;
	}
	if (gate->service->builtin == BUILTIN_NONE)
		fd_set_nonblock(fd, false);
	if (gate->service->mux_go)
		send(fd, "+Go\r\n", 5, MSG_DONTWAIT | MSG_NOSIGNAL);
	serve(gate, &conn);
}
