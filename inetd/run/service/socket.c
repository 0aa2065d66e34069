/* socket: see socket.h. */
#include "run/service/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/socket.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fdutil.h"
#include "run/process/closer.h"
#include "run/service/socket_extras.h"
#include "run/service/socket_path.h"
#include "run/service/sockopt.h"

#ifndef SO_BUF_LOCK
#define SO_BUF_LOCK 72 /* Linux 5.14 */
#endif

#define DEFER_ACCEPT_S 30

static bool is_stream(const struct endpoint *endpoint)
{
	return endpoint->socktype == SOCK_STREAM || endpoint->socktype == SOCK_SEQPACKET;
}

static int set_int(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value));
}

/* One of the two buffers of a socket (socket(7)). */
struct buffer {
	int option, force_option;
	int lock; /* its bit of SO_BUF_LOCK: its size was set */
};

static const struct buffer send_buffer = {SO_SNDBUF, SO_SNDBUFFORCE, SOCK_SNDBUF_LOCK};
static const struct buffer receive_buffer = {SO_RCVBUF, SO_RCVBUFFORCE, SOCK_RCVBUF_LOCK};

/* Root may go beyond net.core.[rw]mem_max; for others the kernel cuts silently. */
static int set_size(int fd, const struct buffer *buffer, int bytes)
{
	if (!set_int(fd, SOL_SOCKET, buffer->force_option, bytes))
		return 0;
	return set_int(fd, SOL_SOCKET, buffer->option, bytes);
}

/* What a new socket has, half of which is what is set. -1 with errno. */
static int system_size(const struct endpoint *endpoint, const struct buffer *buffer)
{
	int probe = socket(endpoint->addr.addr.sa.sa_family, endpoint->socktype | SOCK_CLOEXEC,
		endpoint->protocol);
	int bytes = -1;
	socklen_t len = sizeof(bytes);

	if (probe >= 0 && getsockopt(probe, SOL_SOCKET, buffer->option, &bytes, &len) < 0)
		bytes = -1;
	fd_close(&probe);
	return bytes < 0 ? -1 : bytes / 2;
}

/* The system's size again, and that it may change it, where another was set. */
static int reset_size(int fd, const struct endpoint *endpoint, const struct buffer *buffer)
{
	int locks = 0, bytes;
	socklen_t len = sizeof(locks);

	if (getsockopt(fd, SOL_SOCKET, SO_BUF_LOCK, &locks, &len) < 0 || !(locks & buffer->lock))
		return 0;
	bytes = system_size(endpoint, buffer);
	if (bytes < 0 || set_size(fd, buffer, bytes) < 0)
		return -1;
	return set_int(fd, SOL_SOCKET, SO_BUF_LOCK, locks & ~buffer->lock);
}

static int apply_size(struct sockopt *to, const struct endpoint *endpoint,
	const struct buffer *buffer, uint32_t bytes, bool fresh)
{
	if (sockopt_only_notes(to)) {
		sockopt_note(to, buffer->option, &bytes, sizeof(bytes));
		return 0;
	}
	if (bytes)
		return set_size(to->fd, buffer, (int)bytes);
	return fresh ? 0 : reset_size(to->fd, endpoint, buffer);
}

static void note_step(const char **step, int *err, const char *name, int result)
{
	if (result < 0 && !*err) {
		*err = errno;
		*step = name;
	}
}

static int set_option(struct sockopt *to, int level, int option, int value, bool fresh)
{
	return fresh && !value ? 0 : sockopt_set_int(to, level, option, value);
}

static int apply_to(struct sockopt *to, const struct service *service,
	const struct endpoint *endpoint, bool fresh, const char **step)
{
	const struct socket_options *options = &service->policy->socket;
	int family = endpoint->addr.addr.sa.sa_family, err = 0;
	int defer_s = options->defer_accept ? DEFER_ACCEPT_S : 0;
	bool pktinfo = service->builtin != BUILTIN_NONE;
	const char *extra = "";

	note_step(step, &err, "sndbuf",
		apply_size(to, endpoint, &send_buffer, options->sndbuf_bytes, fresh));
	note_step(step, &err, "rcvbuf",
		apply_size(to, endpoint, &receive_buffer, options->rcvbuf_bytes, fresh));
	if (endpoint->protocol == IPPROTO_TCP)
		note_step(step, &err, "TCP_DEFER_ACCEPT",
			set_option(to, IPPROTO_TCP, TCP_DEFER_ACCEPT, defer_s, fresh));
	if (endpoint->socktype == SOCK_DGRAM && family == AF_INET)
		note_step(step, &err, "IP_PKTINFO",
			set_option(to, IPPROTO_IP, IP_PKTINFO, pktinfo, fresh));
	if (endpoint->socktype == SOCK_DGRAM && family == AF_INET6)
		note_step(step, &err, "IPV6_RECVPKTINFO",
			set_option(to, IPPROTO_IPV6, IPV6_RECVPKTINFO, pktinfo, fresh));
	if (socket_extras_apply(to, service, endpoint, fresh, &extra) < 0)
		note_step(step, &err, extra, -1);
	errno = err;
	return err ? -1 : 0;
}

int socket_apply(int fd, const struct service *service, const struct endpoint *endpoint, bool fresh,
	const char **step)
{
	struct sockopt to = sockopt_on(fd);

	return apply_to(&to, service, endpoint, fresh, step);
}

uint32_t socket_note(const struct service *service, const struct endpoint *endpoint)
{
	const struct socket_options *options = &service->policy->socket;
	struct sockopt to = sockopt_on(-1);
	const char *step;

	(void)apply_to(&to, service, endpoint, false, &step);
	sockopt_note(&to, 0, &options->backlog, sizeof(options->backlog));
	if (socket_path_of(endpoint)) {
		sockopt_note(&to, 0, &options->owner, sizeof(options->owner));
		sockopt_note(&to, 0, &options->group, sizeof(options->group));
		sockopt_note(&to, 0, &options->mode, sizeof(options->mode));
	}
	return to.note;
}

static int prepare(int fd, const struct service *service, const struct endpoint *endpoint,
	struct socket_made *made)
{
	int family = endpoint->addr.addr.sa.sa_family;
	const char **step = &made->step;

	/* Before anybody can come. Without it the sender of the first datagram alone is judged. */
	*step = "SO_ATTACH_FILTER";
	if (socket_filter_apply(fd, service, endpoint, &made->filter) < 0 &&
		(is_stream(endpoint) || errno != E2BIG))
		return -1;

	/* Not for datagrams: there it lets another process take the port away (socket_share()). */
	*step = "SO_REUSEADDR";
	if (is_stream(endpoint) && family != AF_UNIX &&
		set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1) < 0)
		return -1;
	*step = "IPV6_V6ONLY";
	if (family == AF_INET6 && set_int(fd, IPPROTO_IPV6, IPV6_V6ONLY, !endpoint->dual) < 0)
		return -1;
	if (socket_extras_before_bind(fd, service, endpoint, step) < 0)
		return -1;
	return socket_apply(fd, service, endpoint, true, step);
}

/* Ports below this are only for who has CAP_NET_BIND_SERVICE (ip_unprivileged_port_start). */
static unsigned first_free_port(void)
{
	FILE *in = fopen("/proc/sys/net/ipv4/ip_unprivileged_port_start", "re");
	unsigned port = IPPORT_RESERVED;

	if (in && fscanf(in, "%u", &port) != 1)
		port = IPPORT_RESERVED;
	if (in)
		fclose(in);
	return port;
}

bool socket_may_share(const struct service *service, const struct sockaddr_len *bound)
{
	unsigned port = sockaddr_port(&bound->addr);

	if (service->socktype != SOCK_DGRAM || service->builtin != BUILTIN_NONE || !port)
		return false;
	switch (service->policy->socket.reuse_address) {
	case REUSE_ALWAYS:
		return true;
	case REUSE_RESERVED:
		return port < first_free_port();
	case REUSE_NEVER:
		break;
	}
	return false;
}

void socket_share(int fd, bool on)
{
	set_int(fd, SOL_SOCKET, SO_REUSEADDR, on);
}

static int bind_and_listen(int fd, const struct service *service, const struct endpoint *endpoint,
	struct socket_made *made)
{
	made->bound = sockaddr_copy(&endpoint->addr);
	if (socket_path_of(endpoint)) {
		if (socket_path_bind(fd, service, endpoint, made) < 0)
			return -1;
	} else {
		made->step = "bind";
		if (bind(fd, &made->bound.addr.sa, made->bound.len) < 0)
			return -1;
	}
	made->step = "listen";
	if (is_stream(endpoint) && listen(fd, service->policy->socket.backlog) < 0)
		return -1;
	if (sockaddr_port(&made->bound.addr) || endpoint->addr.addr.sa.sa_family == AF_UNIX)
		return 0;
	made->step = "getsockname";
	made->bound.len = sizeof(made->bound.addr);
	return getsockname(fd, &made->bound.addr.sa, &made->bound.len);
}

static int open_one(const struct service *service, const struct endpoint *endpoint, int share,
	struct socket_made *made)
{
	int family = endpoint->addr.addr.sa.sa_family;
	int type = endpoint->socktype | SOCK_NONBLOCK | SOCK_CLOEXEC;
	int fd;

	*made = (struct socket_made){.fd = -1, .step = "socket"};
	fd = fd_raise(socket(family, type, endpoint->protocol));
	if (fd < 0)
		return -1;
	if (fd < FD_LOW) { /* the lower ones are for connections, and for inetctl */
		errno = EMFILE;
		goto fail;
	}
	if (family == AF_UNIX && (service->builtin != BUILTIN_NONE || service_has_proxies(service)))
		closer_refuse_rights(fd);
	if (prepare(fd, service, endpoint, made) < 0)
		goto fail;
	if (share && set_int(fd, SOL_SOCKET, share, 1) < 0)
		goto fail;
	if (bind_and_listen(fd, service, endpoint, made) < 0)
		goto fail;
	if (share && !(share == SO_REUSEPORT && service->policy->extras &&
			     service->policy->extras->reuse_port))
		set_int(fd, SOL_SOCKET, share, 0);
	made->fd = fd;
	return 0;
fail:
	if (made->ino)
		socket_path_unlink(endpoint, made->dev, made->ino);
	fd_close(&fd);
	return -1;
}

int socket_open(const struct service *service, const struct endpoint *endpoint, int share,
	struct socket_made *made)
{
	struct endpoint four = *endpoint;
	struct sockaddr_len any;
	int result = open_one(service, endpoint, share, made);

	if (result == 0 || errno != EAFNOSUPPORT || !endpoint->dual || !endpoint->plain)
		return result;
	four.dual = false;
	sockaddr_any_of(AF_INET, sockaddr_kept_port(&endpoint->addr), &any);
	four.addr = sockaddr_keep(&any);
	return open_one(service, &four, share, made);
}

int socket_adopt(int fd, const struct service *service, const struct endpoint *endpoint,
	struct socket_made *made)
{
	*made = (struct socket_made){.fd = fd, .step = "getsockname"};
	made->bound.len = sizeof(made->bound.addr);
	if (getsockname(fd, &made->bound.addr.sa, &made->bound.len) < 0)
		goto fail;
	made->step = "fcntl";
	if (fd_set_nonblock(fd, true) < 0)
		goto fail;
	made->step = "SO_ATTACH_FILTER";
	set_int(fd, SOL_SOCKET, SO_DETACH_FILTER, 0); /* of a daemon before us */
	if (socket_filter_apply(fd, service, endpoint, &made->filter) < 0 &&
		(is_stream(endpoint) || errno != E2BIG))
		goto fail;
	if (socket_apply(fd, service, endpoint, false, &made->step) < 0)
		goto fail;
	made->step = "listen";
	if (is_stream(endpoint) && listen(fd, service->policy->socket.backlog) < 0)
		goto fail;
	return 0;
fail:
	fd_close(&made->fd);
	return -1;
}
