/* drain: see drain.h. */
#include "run/accept/drain.h"

#include <errno.h>

#include "run/accept/accept.h"
#include "run/accept/waiting.h"
#include "run/process/closer.h"
#include "run/service/listener_socket.h"

/* A connection from the queue of `from`: conn->fd is consumed. */
static void inherit(const struct listener *from, struct conn *conn)
{
	struct sockaddr_len bound;
	struct sockaddr_len local = {.len = sizeof(local.addr)};
	struct listener *heir = NULL;

	if (!getsockname(conn->fd, &local.addr.sa, &local.len)) {
		sockaddr_unmap(&local);
		heir = listener_heir(from, &local);
	}
	if (!heir || listener_lends(heir)) {
		closer_hang_up(&conn->fd);
		return;
	}
	bound = listener_bound(heir);
	accept_fill(conn, &bound);
	waiting_serve(heir->state, conn);
}

static void keep(const struct listener *from, struct conn *conn)
{
	const struct sockaddr_len bound = listener_bound(from);

	accept_fill(conn, &bound);
	waiting_serve(from->state, conn);
}

static void accept_all(
	struct listener *listener, void (*take)(const struct listener *from, struct conn *conn))
{
	int backlog = listener->state->service->policy->socket.backlog;
	struct conn conn;

	for (int i = 0; i < backlog && listener->watch.fd >= 0; i++) {
		if (accept_one(listener, &conn) >= 0)
			take(listener, &conn);
		else if (errno)
			break;
	}
}

void drain_socket(struct listener *listener)
{
	accept_all(listener, inherit);
}

void drain_to_end(struct listener *listener)
{
	if (listener->watch.fd < 0 || listener->was_lent || listener_lends(listener) ||
		listener->endpoint.socktype == SOCK_DGRAM)
		return;
	accept_all(listener, keep);
	if (listener->endpoint.protocol == IPPROTO_TCP)
		listener_socket_quiet(listener);
	accept_all(listener, keep);
}
