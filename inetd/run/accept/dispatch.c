/* dispatch: see dispatch.h. */
#include "run/accept/dispatch.h"

#include <errno.h>
#include <poll.h>
#include <sys/param.h>
#include <sys/socket.h>

#include "base/fdutil.h"
#include "run/accept/accept.h"
#include "run/accept/admission.h"
#include "run/accept/delayed_close.h"
#include "run/accept/lend.h"
#include "run/accept/name_wait.h"
#include "run/accept/refuse.h"
#include "run/accept/split.h"
#include "run/accept/userid.h"
#include "run/accept/wrapcheck.h"
#include "run/process/closer.h"
#include "run/program/program.h"
#include "run/program/start_pace.h"
#include "run/service/kept.h"
#include "run/service/mux_names.h"
#include "run/worker/worker_serve.h"

#define ACCEPTS_A_TURN 16 /* of one socket, before others have theirs */
#define MUX_NONE       "-Service not available\r\n"

static void serve_again(struct service_state *state, struct conn *conn);

void dispatch_open(void)
{
	accept_open();
	kept_open();
	delayed_close_open();
	lingering_close_drain = worker_linger;
	lingering_close_open();
	name_wait_open(serve_again);
}

void dispatch_close(void)
{
	delayed_close_release();
	accept_close();
}

/* Short texts fit into the send buffer of a new connection; one that does not fit is cut. */
static void send_now(int fd, const char *text)
{
	send(fd, text, strlen(text), MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void wait_for_name(
	struct service_state *state, struct conn *conn, struct admit_ticket *ticket)
{
	if (name_wait(state, conn, ticket) == 0)
		return;
	admit_undo(&state->admit, ticket);
	admit_refused(&state->admit, ADMIT_DENIED);
	refuse_connection(state, conn, ADMIT_DENIED);
}

/* Starts what admission allows. conn->fd is consumed. */
static void start(struct service_state *state, struct conn *conn, const struct arrival *arrival)
{
	const struct service *service = state->service;
	struct admit_ticket ticket = {0};
	enum verdict verdict = admit_commit(&state->admit, arrival, &ticket);

	if (verdict != ADMIT_OK) {
		refuse_connection(state, conn, verdict);
		return;
	}
	if (admit_needs_name(&state->admit, arrival)) {
		wait_for_name(state, conn, &ticket);
		return;
	}
	if (service->policy->events & EVENT_USERID)
		userid_ask(state, conn);
	if (service->mux_go)
		send_now(conn->fd, "+Go\r\n");
	if (service->policy->messages.banner.text && service->socktype == SOCK_STREAM)
		send_now(conn->fd, service->policy->messages.banner.text);
	if (service->builtin != BUILTIN_NONE) {
		wrapcheck_serve(state, conn, &ticket);
		return;
	}
	conn->count = admit_running_of(&ticket);
	program_start(state, conn, &ticket, NULL);
}

static void admit(struct service_state *state, struct conn *conn)
{
	struct arrival arrival = accept_arrival(state, conn);
	enum verdict verdict = admission_ask(state, &arrival);

	if (verdict == ADMIT_OK)
		start(state, conn, &arrival);
	else
		refuse_connection(state, conn, verdict);
}

static bool is_proxy(const struct service *service, const struct conn *conn)
{
	const struct proxy_senders *proxies = &service->policy->proxies;

	return conn->unix_socket ? proxies->local
				 : networks_match(&proxies->networks, &conn->peer) >= 0;
}

void dispatch_serve(struct service_state *state, struct conn *conn)
{
	const struct service *service = state->service;

	if (conn->headed || !service_has_proxies(service)) {
		admit(state, conn);
	} else if (is_proxy(service, conn)) {
		if (!worker_read_header(state, conn))
			refuse_header(state, conn, NULL);
	} else if (service->policy->proxy_others == PROXY_OTHERS_REFUSE) {
		admit_refused(&state->admit, ADMIT_NO_PROXY);
		refuse_connection(state, conn, ADMIT_NO_PROXY);
	} else {
		admit(state, conn);
	}
}

bool dispatch_may_accept(struct service_state *state)
{
	bool builtin = state->service->builtin != BUILTIN_NONE;
	bool by_worker = builtin || service_has_proxies(state->service);
	enum verdict verdict = ADMIT_OK;
	uint64_t wait_ms;

	/* A daemon that drains has no sockets, but serves whom it has accepted. */
	if ((state->holds & ~(unsigned)HOLD_DRAIN) || (by_worker && !worker_takes(state)))
		return false;
	if (state->service->policy->overload != OVERLOAD_REFUSE)
		verdict = admission_ready(state, &wait_ms);
	if (verdict != ADMIT_OK) {
		admission_hold(state, verdict, wait_ms);
		return false;
	}
	return builtin || start_pace_allows(state);
}

static void accept_some(struct listener *listener, int most)
{
	const struct sockaddr_len bound = listener_bound(listener);
	struct service_state *state = listener->state;
	struct conn conn;

	/* The limits are asked once more than connections are accepted, so that the state of a
	 * service that has become full is right at once. */
	for (int i = 0; dispatch_may_accept(state) && i < most; i++) {
		if (accept_one(listener, &conn) >= 0) {
			accept_fill(&conn, &bound);
			dispatch_serve(state, &conn);
		} else if (errno) {
			break;
		}
	}
}

/* How many connections to accept in this turn: one, and twice as many each time the socket was
 * ready in the turn before too. An accept(2) that finds nothing costs more than another event. */
static int accepts_now(struct listener *listener)
{
	uint64_t turn = loop_turn();
	bool again = listener->turn + 1 == turn;

	listener->turn = turn;
	listener->accepts = again ? MIN(MAX(listener->accepts * 2, 1), ACCEPTS_A_TURN) : 1;
	return listener->accepts;
}

/* Has one start, or for connections `most`. */
static void serve_some(struct listener *listener, int most)
{
	if (listener_lends(listener))
		lend_socket(listener);
	else if (listener->endpoint.socktype != SOCK_DGRAM)
		accept_some(listener, most);
	else if (dispatch_may_accept(listener->state))
		split_ready(listener);
}

void dispatch_ready(struct listener *listener)
{
	serve_some(listener, accepts_now(listener));
}

static bool somebody_waits(const struct listener *listener)
{
	struct pollfd pollfd = {.fd = listener->watch.fd, .events = POLLIN};

	return !listener->holds && !listener->state->holds && poll(&pollfd, 1, 0) == 1 &&
	       pollfd.revents == POLLIN;
}

void dispatch_turn(struct service_state *state)
{
	struct listener *listener;
	unsigned count = 0, skip, tried = 0;

	TAILQ_FOREACH (listener, &state->listeners, in_state)
		count++;
	if (!count)
		return;
	listener = TAILQ_FIRST(&state->listeners);
	for (skip = state->turns++ % count; skip; skip--)
		listener = TAILQ_NEXT(listener, in_state);
	while (!somebody_waits(listener)) {
		if (++tried == count)
			return;
		listener = TAILQ_NEXT(listener, in_state);
		if (!listener)
			listener = TAILQ_FIRST(&state->listeners);
	}
	serve_some(listener, 1);
}

static struct service_state *find_mux(const char *name)
{
	struct service_state *state = mux_names_find(name);

	if (state || !mux_names_are_incomplete())
		return state;
	TAILQ_FOREACH (state, &service_states, in_states)
		if (state->service->mux && !strcasecmp(state->service->mux_name, name))
			return state;
	return NULL;
}

/* Refuses with the answers that the protocol has (RFC 1078). */
static void refuse_mux(struct service_state *state, struct conn *conn, enum verdict verdict)
{
	const struct share_who who = kept_who(state, &conn->peer, conn->peer_uid);
	bool shut = state->holds & HOLD_CLOSED;

	if (verdict != ADMIT_OK)
		refuse_log(state, verdict, &conn->peer);
	if (verdict == ADMIT_IGNORED)
		closer_hang_up(&conn->fd);
	else if (shut || verdict == ADMIT_DENIED || verdict == ADMIT_TIMES)
		worker_send_text(&who, conn->fd, MUX_NONE);
	else
		worker_send_text(&who, conn->fd, "-Service busy, try again later\r\n");
}

static void serve_mux(struct service_state *state, struct conn *conn)
{
	struct arrival arrival = accept_arrival(state, conn);
	enum verdict verdict = state->holds ? ADMIT_OK : admission_ask(state, &arrival);

	if (state->holds || verdict != ADMIT_OK) {
		refuse_mux(state, conn, verdict);
		return;
	}
	if (state->service->builtin == BUILTIN_NONE)
		fd_set_nonblock(conn->fd, false);
	start(state, conn, &arrival);
}

/* The name of the client's host has been looked up. A reload may have made something else of the
 * service meanwhile. */
static void serve_again(struct service_state *state, struct conn *conn)
{
	const unsigned never = HOLD_DISABLED | HOLD_NEVER | HOLD_USER | HOLD_CAGE;
	const struct service *service = state->service;

	if (service->wait || fd_set_nonblock(conn->fd, service->builtin != BUILTIN_NONE) < 0)
		closer_hang_up(&conn->fd);
	else if (service->mux)
		serve_mux(state, conn);
	else if (state->holds & never)
		closer_hang_up(&conn->fd);
	else
		dispatch_serve(state, conn);
}

void dispatch_mux(const char *name, struct conn *conn)
{
	const struct share_who nobody = {0}; /* of no service */
	struct service_state *state = find_mux(name);
	struct sockaddr_len peer = {.len = sizeof(peer.addr)};

	if (getpeername(conn->fd, &peer.addr.sa, &peer.len) < 0) /* the client is gone */
		closer_hang_up(&conn->fd);
	else if (state)
		serve_mux(state, conn);
	else
		worker_send_text(&nobody, conn->fd, MUX_NONE);
}
