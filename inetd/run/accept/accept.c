/* accept: see accept.h. */
#include "run/accept/accept.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fdutil.h"
#include "base/log.h"
#include "run/accept/client_name.h"
#include "run/accept/delayed_close.h"
#include "run/process/closer.h"
#include "run/process/spawn.h"
#include "run/service/kept.h"
#include "run/service/socket_extras.h"

static int reserve_fd = -1;

void accept_open(void)
{
	if (reserve_fd < 0)
		reserve_fd = fd_raise(open("/dev/null", O_RDONLY | O_CLOEXEC));
}

void accept_close(void)
{
	fd_close(&reserve_fd);
}

/* Accepting failed because descriptors or memory ran out (`errno`). First the descriptors of
 * refused connections that are still to be closed are closed, then one that is kept for somebody
 * else. If there are none, the connection is
 * accepted with the reserve descriptor and closed: otherwise its client would wait without end.
 * Sets errno to 0 if the caller may try again. */
static void starved(struct listener *listener)
{
	const char *name = listener->state->service->name;
	int err = errno, fd;

	if (delayed_close_release() || (err == EMFILE && kept_yield())) {
		errno = 0;
		return;
	}
	if (err == EMFILE || err == ENFILE) {
		fd_close(&reserve_fd);
		fd = accept4(listener->watch.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		closer_hang_up(&fd);
		accept_open();
	}
	errno = err;
	if (service_state_pause(listener->state))
		log_event(LOG_ERR, LOG_FIELDS({"service", name, false}), "%s: accept; pausing: %s",
			name, strerror(err));
}

/* Errors of accept(2) that concern one connection, or the network at this moment, not the socket.
 */
static bool is_passing(int err)
{
	static const int passing[] = {EINTR, ECONNABORTED, EPROTO, EPERM, ENETDOWN, ENOPROTOOPT,
		EHOSTDOWN, ENONET, EHOSTUNREACH, EOPNOTSUPP, ENETUNREACH, ETIMEDOUT, ECONNRESET};

	for (size_t i = 0; i < sizeof(passing) / sizeof(passing[0]); i++)
		if (err == passing[i])
			return true;
	return false;
}

/* What a unix peer has filled is in the hands of its own program alone: children on their way that
 * still share our descriptors would have it too, and close it. False, with errno, if those who
 * close such connections are all busy. */
static bool may_accept_unix(struct listener *listener)
{
	spawn_settle();
	if (!closer_is_busy())
		return true;
	service_state_pause(listener->state);
	errno = EAGAIN;
	return false;
}

int accept_one(struct listener *listener, struct conn *conn)
{
	bool builtin = listener->state->service->builtin != BUILTIN_NONE;
	int flags = SOCK_CLOEXEC | (builtin ? SOCK_NONBLOCK : 0);

	if (listener->endpoint.addr.addr.sa.sa_family == AF_UNIX && !may_accept_unix(listener))
		return -1;
	conn->peer = (struct sockaddr_len){.len = sizeof(conn->peer.addr)};
	conn->fd = accept4(listener->watch.fd, &conn->peer.addr.sa, &conn->peer.len, flags);
	if (conn->fd >= 0) {
		accept_open(); /* opens the reserve again, if that failed after it was used */
		service_state_resume(listener->state);
		socket_extras_accepted(conn->fd, listener->state->service);
		return conn->fd;
	}
	if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
		starved(listener);
	} else if (is_passing(errno)) {
		errno = 0;
	} else if (errno != EAGAIN) { /* it was shut down, or worse: open a new one */
		log_err("%s: accept; opening its socket again", listener->state->service->name);
		listener_close(listener);
		listener_open(listener);
		errno = EBADF;
	}
	return -1;
}

void accept_fill(struct conn *conn, const struct sockaddr_len *local)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);

	conn->local = *local;
	conn->unix_socket = local->addr.sa.sa_family == AF_UNIX;
	conn->named = conn->headed = conn->again = false;
	conn->lent = false;
	conn->count = 0;
	conn->accepted_us = loop_clock_us();
	conn->peer_uid = (uid_t)-1;
	conn->peer_gid = (gid_t)-1;
	if (conn->local.addr.sa.sa_family != AF_UNIX ||
		getsockopt(conn->fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) < 0)
		return;
	conn->peer_uid = cred.uid;
	conn->peer_gid = cred.gid;
	sockaddr_note_caller(&conn->peer, cred.uid, cred.pid);
}

struct arrival accept_arrival(const struct service_state *state, const struct conn *conn)
{
	const struct access *access = &state->service->policy->access;
	bool names = access->only_from.names || access->no_access.names;

	return (struct arrival){
		.peer = &conn->peer,
		.uid = conn->peer_uid,
		.now_ms = loop_now_ms(),
		.week_minute = access->times.count ? loop_week_minute() : 0,
		.name = names ? client_name_known(&conn->peer) : NULL,
	};
}
