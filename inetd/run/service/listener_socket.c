/* listener_socket: see listener_socket.h. */
#include "run/service/listener_socket.h"

#include <errno.h>
#include <linux/filter.h>

#include "base/log.h"
#include "run/service/passed_socket.h"
#include "run/service/socket_path.h"

int listener_socket_open(
	struct listener *listener, const struct sockaddr_len *addr, struct socket_made *made)
{
	struct endpoint endpoint = listener->endpoint;
	const struct service *service = listener->state->service;
	int fd = passed_socket_take(service, &listener->endpoint), result;

	if (fd >= 0)
		return socket_adopt(fd, service, &listener->endpoint, made);
	endpoint.addr = sockaddr_keep(addr);
	result = socket_open(service, &endpoint, 0, made);
	if (result < 0 && errno == EADDRINUSE) {
		if (listener_share_port(listener, 1))
			result = socket_open(service, &endpoint, SO_REUSEPORT, made);
		else
			errno = EADDRINUSE;
		listener_share_port(listener, 0);
	}
	/* A program that was lent the socket by the daemon before may have it still. */
	if (result < 0 && errno == EADDRINUSE && socket_may_share(service, addr))
		result = socket_open(service, &endpoint, SO_REUSEADDR, made);
	return result;
}

/* Drops all that comes from now on. */
static int drop_all(int fd)
{
	struct sock_filter drop = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog program = {.len = 1, .filter = &drop};

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
}

void listener_socket_quiet(struct listener *listener)
{
	if (passed_socket_has(&listener->endpoint)) /* who goes on with it would have it too */
		return;
	if (drop_all(listener->watch.fd) < 0)
		log_debug("%s: cannot quiet its old socket", listener->state->service->name);
}

void listener_socket_deafen(struct listener *listener)
{
	int fd = listener->watch.fd, on = 1;

	if (fd < 0 || passed_socket_has(&listener->endpoint) ||
		(listener->endpoint.socktype != SOCK_STREAM &&
			listener->endpoint.socktype != SOCK_SEQPACKET))
		return;
	shutdown(fd, SHUT_RDWR);
	if (listener->endpoint.addr.addr.sa.sa_family == AF_UNIX) /* it never listens again */
		return;
	if (drop_all(fd) < 0 || setsockopt(fd, SOL_SOCKET, SO_LOCK_FILTER, &on, sizeof(on)) < 0)
		log_debug("%s: its programs could listen on its old socket until they end",
			listener->state->service->name);
}

/* After a change of the lists; it is there since the socket was made. */
static void apply_filter(struct listener *listener)
{
	if (socket_filter_apply(listener->watch.fd, listener->state->service, &listener->endpoint,
		    &listener->filter) < 0)
		listener->stale = true; /* its successor has it, or is not opened */
}

void listener_socket_apply(struct listener *listener)
{
	const struct service *service = listener->state->service;
	const struct socket_made made = {.dev = listener->dev, .ino = listener->ino};
	const char *step = NULL;
	int fd = listener->watch.fd;

	if (socket_apply(fd, service, &listener->endpoint, false, &step) < 0)
		log_warn("%s: cannot change %s of its socket", service->name, step);
	if (listener->ino && socket_path_apply(service, &listener->endpoint, &made, &step) < 0)
		log_warn("%s: cannot %s %s", service->name, step,
			sockaddr_kept_path(&listener->endpoint.addr));
	if (listener->endpoint.socktype != SOCK_DGRAM &&
		listen(fd, service->policy->socket.backlog) < 0)
		log_warn("%s: cannot change the backlog of its socket", service->name);
	apply_filter(listener);
}

void listener_socket_apply_changes(struct listener *listener, uint32_t note)
{
	if (!listener->was_lent &&
		note == socket_note(listener->state->service, &listener->endpoint))
		apply_filter(listener);
	else
		listener_socket_apply(listener);
}
