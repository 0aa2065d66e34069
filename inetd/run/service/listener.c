/* listener: see listener.h. */
#include "run/service/listener.h"

#include <errno.h>
#include <linux/filter.h>
#include <sys/epoll.h>
#include <sys/param.h>
#include <unistd.h>

#include "base/container_of.h"
#include "base/fdutil.h"
#include "base/log.h"
#include "run/process/closer.h"
#include "run/process/spawn.h"
#include "run/service/portowner.h"
#include "run/service/socket.h"
#include "run/service/socket_path.h"

#define RETRY_FIRST_MS 1000
#define RETRY_MOST_MS  60000

void (*listener_ready)(struct listener *listener);
void (*listener_opened)(struct listener *listener);
void (*listener_closing)(struct listener *listener);

static void on_ready(struct watch *watch, uint32_t events)
{
	struct listener *listener = container_of(watch, struct listener, watch);

	/* shutdown(2) ends it for every process: it would be ready without end, with nothing in it.
	 */
	if (events & (EPOLLHUP | EPOLLRDHUP))
		listener_replace(listener, "a program has shut down its socket");
	else
		listener_ready(listener);
}

static void on_retry(struct timer *timer)
{
	struct listener *listener = container_of(timer, struct listener, retry.timer);

	if (!listener_open(listener))
		listener_update(listener);
}

/* True for the first failure in a row. */
static bool retry_later(struct listener *listener)
{
	return backoff_start(&listener->retry, RETRY_FIRST_MS, RETRY_MOST_MS);
}

struct listener *listener_new(const struct endpoint *endpoint)
{
	struct listener *listener = calloc(1, sizeof(*listener));

	if (!listener)
		return NULL;
	listener->watch.fd = -1;
	listener->watch.ready = on_ready;
	listener->retry.timer.fired = on_retry;
	listener->endpoint = *endpoint;
	listener->bound = endpoint->addr;
	listener->holds = HOLD_SOCKET;
	listener->since_ms = loop_now_ms();
	listener->worker_id = -1;
	return listener;
}

void listener_free(struct listener *listener)
{
	listener_close(listener);
	loop_untimer(&listener->retry.timer);
	if (listener->state) {
		TAILQ_REMOVE(&listener->state->listeners, listener, in_state);
		service_state_unref(listener->state);
	}
	portowner_free(listener->owner);
	free(listener->doubt);
	free(listener);
}

void listener_set_state(struct listener *listener, struct service_state *state)
{
	struct service_state *old = listener->state;

	if (old)
		TAILQ_REMOVE(&old->listeners, listener, in_state);
	listener->state = service_state_ref(state);
	TAILQ_INSERT_TAIL(&state->listeners, listener, in_state);
	if (old)
		service_state_unref(old);
	if (old != state)
		listener_update(listener);
}

void listener_update(struct listener *listener)
{
	bool wanted = !listener->holds && !listener->state->holds;

	if (wanted == listener->watch.watched)
		return;
	if (!wanted) {
		loop_unwatch(&listener->watch);
	} else if (loop_watch(&listener->watch, EPOLLIN | EPOLLRDHUP) < 0) {
		int err = errno;

		if (retry_later(listener))
			log_errx("%s: cannot watch its socket (will retry): %s",
				listener->state->service->name, strerror(err));
	} else {
		backoff_reset(&listener->retry);
	}
}

void listener_update_all(struct service_state *state)
{
	struct listener *listener;

	TAILQ_FOREACH (listener, &state->listeners, in_state)
		listener_update(listener);
}

void listener_hold(struct listener *listener, enum hold reason)
{
	if (~listener->holds & reason)
		listener->since_ms = loop_now_ms();
	listener->holds |= reason;
	listener_update(listener);
}

void listener_release(struct listener *listener, enum hold reason)
{
	if (listener->holds & reason)
		listener->since_ms = loop_now_ms();
	listener->holds &= ~(unsigned)reason;
	listener_update(listener);
}

bool listener_lends(const struct listener *listener)
{
	const struct service *service = listener->state->service;

	return service->builtin == BUILTIN_NONE &&
	       (service->wait || listener->endpoint.socktype == SOCK_DGRAM ||
		       listener->endpoint.socktype == SOCK_RAW ||
		       listener->endpoint.socktype == SOCK_RDM);
}

const char *listener_state(const struct listener *listener)
{
	unsigned holds = listener->holds | service_state_shown(listener->state);

	if ((holds & HOLD_WITH_WORKER) && listener->worker_id < 0)
		holds |= HOLD_WORKER; /* there is none that has it */
	return hold_name(holds);
}

/* A machine without IPv6 serves IPv4: logged once, not for each service. */
static bool is_missing_ipv6(const struct listener *listener)
{
	return listener->err == EAFNOSUPPORT &&
	       listener->endpoint.addr.addr.sa.sa_family == AF_INET6;
}

/* The process that had the address has ended: no need to wait for the next try. */
static void owner_gone(void *arg)
{
	struct listener *listener = arg;

	portowner_free(listener->owner);
	listener->owner = NULL;
	listener->err = 0; /* if yet another one has it, that is news */
	listener_open(listener);
}

static bool find_owner(struct listener *listener)
{
	portowner_free(listener->owner);
	listener->owner = portowner_new(
		listener->state->service->name, &listener->endpoint, owner_gone, listener);
	return listener->owner;
}

static void log_failure(struct listener *listener)
{
	const char *name = listener->state->service->name;
	char where[SOCKADDR_TEXT];

	sockaddr_text(&listener->endpoint.addr, where, sizeof(where));
	if (is_missing_ipv6(listener)) {
		static bool logged;

		if (!logged)
			log_notice("this machine has no IPv6: serving IPv4 alone");
		logged = true;
	} else if (listener->err == EADDRINUSE && find_owner(listener)) {
		return;
	} else {
		log_event(LOG_ERR, LOG_FIELDS({"service", name, false}),
			"%s: %s %s (will retry): %s", name, listener->step, where,
			strerror(listener->err));
	}
}

static void failed(struct listener *listener, const char *step)
{
	bool other = listener->err != errno;

	listener->err = errno;
	listener->step = step;
	if (retry_later(listener) || other)
		log_failure(listener);
	if (is_missing_ipv6(listener))
		loop_timer(&listener->retry.timer, RETRY_MOST_MS);
	errno = listener->err;
}

void listener_quiet(struct listener *listener)
{
	struct sock_filter drop = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog program = {.len = 1, .filter = &drop};

	if (setsockopt(listener->watch.fd, SOL_SOCKET, SO_ATTACH_FILTER, &program,
		    sizeof(program)) < 0)
		log_debug("%s: cannot quiet its old socket", listener->state->service->name);
}

/* After a change of the lists; it is there since the socket was made. */
static void apply_filter(struct listener *listener)
{
	if (socket_filter_apply(listener->watch.fd, listener->state->service, &listener->endpoint,
		    &listener->filter) < 0)
		listener->stale = true; /* its successor has it, or is not opened */
}

static int open_socket(
	struct listener *listener, const struct sockaddr_len *addr, struct socket_made *made)
{
	struct endpoint endpoint = listener->endpoint;
	const struct service *service = listener->state->service;
	int result;

	endpoint.addr = *addr;
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

/* On that address, which is that of the endpoint or, with a port of the kernel's choice, the one of
 * before. */
static int open_on(struct listener *listener, const struct sockaddr_len *addr)
{
	char where[SOCKADDR_TEXT];
	struct socket_made made;

	if (listener->watch.fd >= 0)
		return 0;
	if (listener->state->holds & HOLD_CLOSED) {
		errno = ECANCELED;
		return -1;
	}
	if (open_socket(listener, addr, &made) < 0) {
		failed(listener, made.step);
		return -1;
	}
	if (listener->retry.delay_ms)
		log_event(LOG_NOTICE,
			LOG_FIELDS({"service", listener->state->service->name, false}),
			"%s: listens on %s now", listener->state->service->name,
			sockaddr_text(&made.bound, where, sizeof(where)));
	backoff_reset(&listener->retry);
	portowner_free(listener->owner);
	listener->owner = NULL;
	listener->watch.fd = made.fd;
	listener->bound = made.bound;
	listener->dev = made.dev;
	listener->ino = made.ino;
	listener->err = 0;
	listener->filter = made.filter;
	if (made.filter.failed)
		log_warnx("%s: only_from and no_access have too many networks for a filter in the "
			  "kernel: they hold for what starts its program alone",
			listener->state->service->name);
	listener->was_lent = listener->stale = false;
	listener_release(listener, HOLD_SOCKET);
	listener_opened(listener);
	return 0;
}

int listener_open(struct listener *listener)
{
	return open_on(listener, &listener->endpoint.addr);
}

void listener_close(struct listener *listener)
{
	const struct socket_extras *extras;

	if (listener->watch.fd < 0)
		return;
	extras = listener->state->service->policy->extras;
	spawn_settle(); /* a child on its way may be to have it */
	listener_closing(listener);
	listener_hold(listener, HOLD_SOCKET);
	if (!extras || extras->unlink_on_exit)
		socket_path_unlink(&listener->endpoint, listener->dev, listener->ino);
	closer_close_lent(&listener->watch.fd);
	listener->bound = listener->endpoint.addr;
}

void listener_replace(struct listener *listener, const char *why)
{
	const struct sockaddr_len bound = listener->bound;
	const char *name = listener->state->service->name;
	uint32_t omitted;

	if (why && log_limit_allows(&listener->state->replaced, &omitted))
		log_event(LOG_NOTICE, LOG_FIELDS({"service", name, false}),
			"%s: %s, opening it again", name, why);
	if (listener->watch.fd >= 0 && !listener->lent)
		shutdown(listener->watch.fd, SHUT_RDWR);
	listener_close(listener);
	open_on(listener, &bound);
}

void listener_apply(struct listener *listener)
{
	const struct service *service = listener->state->service;
	const struct socket_made made = {.dev = listener->dev, .ino = listener->ino};
	const char *step = NULL;
	int fd = listener->watch.fd;

	if (fd < 0)
		return;
	if (socket_apply(fd, service, &listener->endpoint, false, &step) < 0)
		log_warn("%s: cannot change %s of its socket", service->name, step);
	if (listener->ino && socket_path_apply(service, &listener->endpoint, &made, &step) < 0)
		log_warn("%s: cannot %s %s", service->name, step,
			listener->endpoint.addr.addr.un.sun_path);
	if (listener->endpoint.socktype != SOCK_DGRAM &&
		listen(fd, service->policy->socket.backlog) < 0)
		log_warn("%s: cannot change the backlog of its socket", service->name);
	apply_filter(listener);
	if (!listener->lent &&
		(listener->stale || (listener->was_lent && !listener_lends(listener))))
		listener_replace(listener, NULL);
}

void listeners_retry(void)
{
	struct listener *listener;

	RB_FOREACH (listener, listener_tree, &listeners)
		if (listener->watch.fd < 0)
			listener_open(listener);
}
