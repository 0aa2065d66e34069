/* split: see split.h. */
#include "run/accept/split.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/container_of.h"
#include "base/fdutil.h"
#include "base/log.h"
#include "run/accept/accept.h"
#include "run/accept/admission.h"
#include "run/accept/refuse.h"
#include "run/process/closer.h"
#include "run/process/helper.h"
#include "run/program/program.h"
#include "run/service/first_datagram.h"
#include "run/service/pending_input.h"
#include "run/service/service_health.h"

#define REFUSALS_A_TURN 16
#define LIMIT_S         10

struct split {
	struct service_state *state; /* counted */
	struct admit_ticket ticket;
	struct watch link; /* to the helper; owned */
};

static void split_failed(struct service_state *state, const struct first_datagram *datagram)
{
	const char *name = state->service->name;

	service_health_failed(state, datagram->step, datagram->err);
	if (service_state_failed(state) && service_state_shows(state, LOG_ERR))
		log_event(LOG_ERR, LOG_FIELDS({"service", name, false}),
			"%s: cannot make a socket for the sender of a datagram, which is lost: %s: "
			"%s; "
			"pausing between tries",
			name, datagram->step, strerror(datagram->err));
}

/* True if the service still starts programs so: a reload may have made something else of it. */
static bool still_splits(const struct service_state *state)
{
	const struct service *service = state->service;

	return service->builtin == BUILTIN_NONE && service->socktype == SOCK_DGRAM &&
	       !service->wait &&
	       !(state->holds & (HOLD_CLOSED | HOLD_NEVER | HOLD_USER | HOLD_CAGE));
}

static void start(struct split *split, int fd, const struct first_datagram *datagram)
{
	struct service_state *state = split->state;
	struct conn conn = {.fd = fd, .peer = datagram->peer};

	accept_fill(&conn, &datagram->local);
	conn.count = admit_running_of(&split->ticket);
	program_start(state, &conn, &split->ticket, NULL);
}

static void finish(struct split *split, int fd, struct first_datagram *datagram)
{
	struct service_state *state = split->state;

	loop_unwatch(&split->link);
	fd_close(&split->link.fd);
	service_state_release(state, HOLD_SPLIT);
	if (fd >= 0 && still_splits(state)) {
		start(split, fd, datagram);
	} else {
		closer_hang_up(&fd);
		admit_undo(&state->admit, &split->ticket);
		if (datagram->err)
			split_failed(state, datagram);
		service_state_slot_free(state);
	}
	service_state_unref(state);
	free(split);
}

static void answered(struct watch *watch, uint32_t events)
{
	struct split *split = container_of(watch, struct split, link);
	struct first_datagram datagram = {.err = ECHILD, .step = "helper"};
	int fd = -1;
	ssize_t len = fd_recv(watch->fd, &datagram, sizeof(datagram), &fd);

	(void)events;
	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (len != (ssize_t)sizeof(datagram)) {
		fd_close(&fd);
		datagram = (struct first_datagram){.err = ECHILD, .step = "helper"};
	}
	finish(split, fd, &datagram);
}

static void helper_ended(struct child *child, int status, const struct rusage *usage)
{
	(void)status;
	(void)usage;
	free(child);
}

/* Returns the link to a helper that has the socket, or -1 with errno. */
static int start_helper(const struct listener *listener)
{
	struct child *child = calloc(1, sizeof(*child));
	int link = -1;

	if (!child)
		return -1;
	child->ended = helper_ended;
	link = helper_start(child, first_datagram_work, NULL, true, LIMIT_S);
	if (link < 0)
		free(child);
	else if (fd_send(link, "", 1, listener->watch.fd) < 0)
		fd_close(&link);
	return link;
}

static void begin(struct listener *listener, const struct arrival *arrival)
{
	struct service_state *state = listener->state;
	struct split *split = calloc(1, sizeof(*split));

	if (!split || admit_commit(&state->admit, arrival, &split->ticket) != ADMIT_OK) {
		free(split);
		pending_input_drop(state, listener->watch.fd);
		return;
	}
	split->state = service_state_ref(state);
	split->link = (struct watch){.fd = start_helper(listener), .ready = answered};
	service_state_hold(state, HOLD_SPLIT);
	if (split->link.fd < 0 || loop_watch(&split->link, EPOLLIN) < 0)
		finish(split, -1, &(struct first_datagram){.err = errno, .step = "helper"});
}

void split_ready(struct listener *listener)
{
	struct service_state *state = listener->state;
	struct conn conn = {.peer_uid = (uid_t)-1};
	struct pending_input input;

	for (int i = 0; i < REFUSALS_A_TURN; i++) {
		struct arrival arrival;
		enum verdict verdict;

		pending_input_note(&input, listener->watch.fd, listener->endpoint.socktype);
		if (!input.known)
			return;
		conn.peer = input.peer;
		arrival = accept_arrival(state, &conn);
		verdict = admission_ask(state, &arrival);
		if (verdict == ADMIT_OK) {
			begin(listener, &arrival);
			return;
		}
		refuse_log(state, verdict, &conn.peer);
		pending_input_drop(state, listener->watch.fd);
	}
}
