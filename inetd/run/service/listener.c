/* listener: see listener.h. */
#include "run/service/listener.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/param.h>
#include <unistd.h>

#include "base/container_of.h"
#include "base/fdutil.h"
#include "base/log.h"
#include "base/patience.h"
#include "run/process/closer.h"
#include "run/process/spawn.h"
#include "run/service/listener_socket.h"
#include "run/service/listener_wait.h"
#include "run/service/passed_socket.h"
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

/* What the endpoint was copied from may go. Returns 0, or -1 without memory. */
static int keep_local(struct listener *listener)
{
	const struct sockaddr_len *local = listener->endpoint.addr.local;
	struct sockaddr_len *copy = local ? malloc(sizeof(*copy)) : NULL;

	if (copy)
		*copy = *local;
	listener->endpoint.addr.local = copy;
	return local && !copy ? -1 : 0;
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
	if (keep_local(listener) < 0) {
		free(listener);
		return NULL;
	}
	listener->holds = HOLD_SOCKET;
	listener->since_ms = loop_now_ms();
	listener->worker_id = -1;
	return listener;
}

void listener_free(struct listener *listener)
{
	listener_close(listener);
	listener_wait_end(listener);
	loop_untimer(&listener->retry.timer);
	if (listener->state) {
		TAILQ_REMOVE(&listener->state->listeners, listener, in_state);
		service_state_unref(listener->state);
	}
	portowner_free(listener->owner);
	free(listener->doubt);
	free(listener->bound);
	free((void *)(uintptr_t)listener->endpoint.addr.local);
	free(listener);
}

/* Keeps it where it is another than was asked for; without memory that is what is told. */
static void set_bound(struct listener *listener, const struct sockaddr_len *addr)
{
	const struct sockaddr_kept kept = sockaddr_keep(addr);

	free(listener->bound);
	listener->bound = NULL;
	if (sockaddr_kept_compare(&kept, &listener->endpoint.addr) != 0)
		listener->bound = patience_calloc(1, sizeof(*addr));
	if (listener->bound)
		*listener->bound = *addr;
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
	       (service->wait || listener->endpoint.socktype == SOCK_RAW ||
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
	struct sockaddr_len addr;
	const char *name = listener->state->service->name;
	char where[SOCKADDR_TEXT];

	addr = sockaddr_copy(&listener->endpoint.addr);
	sockaddr_text(&addr, where, sizeof(where));
	if (is_missing_ipv6(listener)) {
		static bool logged;

		if (!logged)
			log_notice("this machine has no IPv6: serving IPv4 alone");
		logged = true;
	} else if (listener->err == EADDRINUSE && find_owner(listener)) {
		return;
	} else if (listener->err == EPROTONOSUPPORT ||
		   (listener->err == EAFNOSUPPORT && addr.addr.sa.sa_family == AF_VSOCK)) {
		log_event(LOG_ERR, LOG_FIELDS({"service", name, false}),
			"%s: this kernel has no %s, or may not load it (will retry)", name,
			listener->state->service->protocol);
	} else {
		log_event(LOG_ERR, LOG_FIELDS({"service", name, false}),
			"%s: %s %s (will retry): %s", name, listener->step, where,
			strerror(listener->err));
	}
}

static void failed(struct listener *listener, const char *step)
{
	listener->step = step;
	if (listener_wait_begin(listener, errno))
		log_failure(listener);
	if (is_missing_ipv6(listener))
		loop_timer(&listener->retry.timer, RETRY_MOST_MS);
	errno = listener->err;
}

/* What a program has had cannot be read by ourselves. */
static void replace_if_spoilt(struct listener *listener)
{
	if (listener->stale || (listener->was_lent && !listener_lends(listener)))
		listener_replace(listener, NULL);
}

static void set_socket(struct listener *listener, const struct socket_made *made)
{
	listener_wait_end(listener);
	backoff_reset(&listener->retry);
	portowner_free(listener->owner);
	listener->owner = NULL;
	listener->watch.fd = made->fd;
	set_bound(listener, &made->bound);
	listener->dev = made->dev;
	listener->ino = made->ino;
	listener->err = 0;
	listener->filter = made->filter;
	listener->was_lent = listener->unsettled = listener->stale = false;
	listener_release(listener, HOLD_SOCKET);
}

/* One that is open already, perhaps with other options than are asked for now. What is said of
 * programs that have it holds on. */
static bool take_given(struct listener *listener)
{
	struct given_socket given;

	if (!listener_socket_found(listener, listener_lends(listener), &given))
		return false;
	set_socket(listener, &(const struct socket_made){.fd = given.fd,
				     .bound = given.bound,
				     .dev = given.dev,
				     .ino = given.ino,
				     .filter = given.filter});
	listener->was_lent = given.was_lent;
	listener->stale = given.stale;
	if (given.since_ms)
		listener->since_ms = given.since_ms;
	listener_socket_apply_changes(listener, given.note);
	listener->unsettled |= given.unsettled;
	if (!given.lent)
		replace_if_spoilt(listener);
	listener_opened(listener);
	return true;
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
		listener_wait_end(listener);
		errno = ECANCELED;
		return -1;
	}
	if (take_given(listener))
		return 0;
	if (listener_wait_is_full() && !passed_socket_has(&listener->endpoint)) {
		errno = EMFILE;
		failed(listener, "socket");
		return -1;
	}
	if (listener_socket_open(listener, addr, &made) < 0) {
		failed(listener, made.step);
		return -1;
	}
	if (listener->retry.delay_ms)
		log_event(LOG_NOTICE,
			LOG_FIELDS({"service", listener->state->service->name, false}),
			"%s: listens on %s now", listener->state->service->name,
			sockaddr_text(&made.bound, where, sizeof(where)));
	set_socket(listener, &made);
	listener_opened(listener);
	return 0;
}

int listener_open(struct listener *listener)
{
	const struct sockaddr_len addr = sockaddr_copy(&listener->endpoint.addr);

	return open_on(listener, &addr);
}

void listener_close(struct listener *listener)
{
	const struct socket_extras *extras;

	if (listener->watch.fd < 0)
		return;
	extras = listener->state->service->policy->extras;
	spawn_settle_all(); /* a child on its way may be to have it, or have a copy */
	listener_closing(listener);
	listener_hold(listener, HOLD_SOCKET);
	if (!extras || extras->unlink_on_exit)
		socket_path_unlink(&listener->endpoint, listener->dev, listener->ino);
	closer_close_lent(&listener->watch.fd);
	listener_wait_freed();
	free(listener->bound);
	listener->bound = NULL;
}

void listener_replace(struct listener *listener, const char *why)
{
	const struct sockaddr_len bound = listener_bound(listener);
	const char *name = listener->state->service->name;
	uint32_t omitted;

	if (listener->watch.fd >= 0 && !listener->lent)
		listener_socket_shut(listener);
	if (why && service_state_may_log(listener->state, LOG_REPLACED, &omitted))
		log_event(LOG_NOTICE, LOG_FIELDS({"service", name, false}),
			"%s: %s, opening it again", name, why);
	passed_socket_forget(&listener->endpoint);
	listener_close(listener);
	open_on(listener, &bound);
}

void listener_apply(struct listener *listener)
{
	if (listener->watch.fd < 0)
		return;
	listener_socket_apply(listener);
	if (!listener->lent)
		replace_if_spoilt(listener);
}
