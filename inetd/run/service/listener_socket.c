/* listener_socket: see listener_socket.h. */
#include "run/service/listener_socket.h"

#include <errno.h>
#include <linux/filter.h>

#include "base/log.h"
#include "run/service/passed_socket.h"
#include "run/service/socket_path.h"
#include "run/service/suspect_socket.h"

bool listener_socket_found(const struct listener *listener, bool lends, struct given_socket *given)
{
	if (given_socket_take(&listener->endpoint, given))
		return true;
	*given = (struct given_socket){.fd = -1, .was_lent = true, .unsettled = true};
	if (lends)
		given->fd = passed_socket_take(
			listener->state->service, &listener->endpoint, &given->bound);
	return given->fd >= 0;
}

static void log_unfiltered(const struct service *service, const struct socket_filter *filter)
{
	if (filter->failed)
		log_warnx("%s: only_from and no_access have too many networks for a filter in the "
			  "kernel: they hold for what starts its program alone",
			service->name);
}

int listener_socket_open(
	struct listener *listener, const struct sockaddr_len *addr, struct socket_made *made)
{
	struct endpoint endpoint = listener->endpoint;
	const struct service *service = listener->state->service;
	int fd = passed_socket_take(service, &listener->endpoint, &made->bound), result;

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
	if (result == 0)
		log_unfiltered(service, &made->filter);
	return result;
}

static bool is_stream(const struct listener *listener)
{
	return listener->endpoint.socktype == SOCK_STREAM ||
	       listener->endpoint.socktype == SOCK_SEQPACKET;
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

static void shut(const void *arg, int fd, void *result)
{
	(void)arg;
	*(bool *)result = !shutdown(fd, SHUT_RDWR);
}

void listener_socket_shut(struct listener *listener)
{
	const char none = 0;
	const struct suspect_work work = {shut, &none, sizeof(none), sizeof(bool)};
	struct stat status;
	bool done;

	if (suspect_call(listener, &work, &done) < 0 && !fstat(listener->watch.fd, &status))
		listener->lent_inode = status.st_ino;
}

static void deafen(const void *arg, int fd, void *result)
{
	const bool *is_unix = arg;
	int on = 1;

	shutdown(fd, SHUT_RDWR);
	*(bool *)result = /* once one of unix is shut it never listens again */
		*is_unix ||
		(drop_all(fd) == 0 && !setsockopt(fd, SOL_SOCKET, SO_LOCK_FILTER, &on, sizeof(on)));
}

void listener_socket_deafen(struct listener *listener)
{
	const bool is_unix = listener->endpoint.addr.addr.sa.sa_family == AF_UNIX;
	const struct suspect_work work = {deafen, &is_unix, sizeof(is_unix), sizeof(bool)};
	bool deaf = false;

	if (listener->watch.fd < 0 || passed_socket_has(&listener->endpoint) ||
		!is_stream(listener))
		return;
	if (suspect_call(listener, &work, &deaf) < 0 || !deaf)
		log_debug("%s: its programs could listen on its old socket until they end",
			listener->state->service->name);
}

/* What has come of it; `step` is NULL where all went well. */
struct applied {
	const char *step; /* a constant: the same in a helper */
	int err, listen_err;
	struct socket_filter filter;
	bool filter_failed;
};

/* The filter changes with the lists; it is there since the socket was made. Where there are too
 * many for one, a new socket would have none either. */
static void apply_filter(const void *arg, int fd, void *result)
{
	const struct listener *listener = arg;
	struct applied *applied = result;
	const int zero = 0;

	applied->filter = listener->filter;
	if (listener->was_lent && !applied->filter.hash) /* of a daemon before us */
		setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &zero, sizeof(zero));
	applied->filter_failed = socket_filter_apply(fd, listener->state->service,
					 &listener->endpoint, &applied->filter) < 0 &&
				 (is_stream(listener) || errno != E2BIG);
}

static void apply_all(const void *arg, int fd, void *result)
{
	const struct listener *listener = arg;
	const struct service *service = listener->state->service;
	struct applied *applied = result;

	if (socket_apply(fd, service, &listener->endpoint, false, &applied->step) < 0)
		applied->err = errno;
	if (listener->endpoint.socktype != SOCK_DGRAM &&
		listen(fd, service->policy->socket.backlog) < 0)
		applied->listen_err = errno;
	apply_filter(arg, fd, result);
}

static bool apply(struct listener *listener, void (*run)(const void *arg, int fd, void *result),
	struct applied *applied)
{
	const struct suspect_work work = {run, listener, 0, sizeof(*applied)};

	*applied = (struct applied){0};
	listener->unsettled = suspect_call(listener, &work, applied) < 0;
	if (listener->unsettled)
		return false;
	if (!listener->filter.failed)
		log_unfiltered(listener->state->service, &applied->filter);
	listener->filter = applied->filter;
	listener->stale |= applied->filter_failed;
	return true;
}

static void log_applied(const struct service *service, const struct applied *applied)
{
	errno = applied->err;
	if (errno)
		log_warn("%s: cannot change %s of its socket", service->name, applied->step);
	errno = applied->listen_err;
	if (errno)
		log_warn("%s: cannot change the backlog of its socket", service->name);
}

void listener_socket_apply(struct listener *listener)
{
	const struct service *service = listener->state->service;
	const struct socket_made made = {.dev = listener->dev, .ino = listener->ino};
	const char *step = NULL;
	struct applied applied;

	if (apply(listener, apply_all, &applied))
		log_applied(service, &applied);
	if (listener->ino && socket_path_apply(service, &listener->endpoint, &made, &step) < 0)
		log_warn("%s: cannot %s %s", service->name, step,
			sockaddr_kept_path(&listener->endpoint.addr));
}

void listener_socket_apply_changes(struct listener *listener, uint32_t note)
{
	struct applied applied;

	if (!listener->was_lent &&
		note == socket_note(listener->state->service, &listener->endpoint))
		apply(listener, apply_filter, &applied);
	else
		listener_socket_apply(listener);
}
