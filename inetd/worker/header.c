/* header: the header of the PROXY protocol, by which a proxy says whose connection it passes on
 * (base/proxy.h). It is looked at in the kernel's buffer and then read to the byte: what follows it
 * belongs to the service. */
#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "base/proxy.h"
#include "worker/link.h"
#include "worker/transfer.h"

static void set_end(enum proxy_kind kind, const struct proxy_end *end, struct sockaddr_len *out)
{
	struct sockaddr_un *un = &out->addr.un;
	size_t len = strnlen(end->host, sizeof(un->sun_path));

	if (kind != PROXY_UNIX) {
		if (sockaddr_parse(end->host, out))
			sockaddr_set_port(&out->addr, end->port);
		return;
	}
	un->sun_family = AF_UNIX;
	memcpy(un->sun_path, end->host, len);
	if (un->sun_path[0] == '@')
		un->sun_path[0] = 0;
	out->len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
}

static enum step tell(struct session *session, enum proxy_result result, const struct proxy *proxy)
{
	struct worker_up up = {.verb = WORKER_CLIENT, .id = session->id, .err = (int32_t)result};

	if (proxy->kind != PROXY_OWN) {
		set_end(proxy->kind, &proxy->source, &up.peer);
		set_end(proxy->kind, &proxy->target, &up.local);
	}
	return link_answer(&up) < 0 ? STEP_CLOSE : STEP_LEAVE;
}

static enum step refuse(struct session *session, enum proxy_result why)
{
	return tell(session, why, &(const struct proxy){.kind = PROXY_OWN});
}

/* True for a header of the proxy's own: it says so, or it names the connection itself, as
 * haproxy(1) does in version 1. A peer that is gone is nobody else either. */
static bool is_own(const struct session *session, const struct proxy *proxy)
{
	struct sockaddr_len peer = {.len = sizeof(peer.addr)}, source = {.len = 0};

	if (proxy->kind == PROXY_OWN)
		return true;
	if (getpeername(session->watch.fd, &peer.addr.sa, &peer.len) < 0)
		return true;
	sockaddr_unmap(&peer);
	set_end(proxy->kind, &proxy->source, &source);
	return proxy->kind == PROXY_TCP && !sockaddr_compare(&peer, &source);
}

/* Nothing of the header is read before all of it is there. */
static enum step header_ready(struct session *session, uint32_t events)
{
	static char data[PROXY_MOST];
	ssize_t n = transfer_recv(session, data, sizeof(data), MSG_PEEK);
	enum proxy_result result;
	struct proxy proxy = {.kind = PROXY_OWN};
	size_t size;

	if (n < 0 && errno == EAGAIN)
		return STEP_NEWS;
	if (n <= 0) /* a health check: it connects, and that is all */
		return STEP_CLOSE;
	if (session->own)
		return tell(session, PROXY_WHOLE, &proxy);
	result = proxy_scan(data, (size_t)n, &proxy, &size);
	if (result == PROXY_PART && events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
		return refuse(session, PROXY_ENDED);
	if (result == PROXY_PART)
		return STEP_NEWS;
	if (result != PROXY_WHOLE)
		return refuse(session, result);
	if (transfer_recv(session, data, size, 0) != (ssize_t)size)
		return STEP_CLOSE;
	if (!is_own(session, &proxy))
		return tell(session, PROXY_WHOLE, &proxy);
	session->own = true;
	return header_ready(session, events);
}

/* What is there already is read at once. */
static enum step header_start(struct session *session, const struct worker_down *msg)
{
	(void)msg;
	session->idle_ms = 0;
	return header_ready(session, 0);
}

static enum step header_late(struct session *session)
{
	return session->own ? STEP_CLOSE : refuse(session, PROXY_LATE);
}

const struct protocol header_protocol = {
	.start = header_start,
	.ready = header_ready,
	.late = header_late,
};
