/* lend: see lend.h. */
#include "run/accept/lend.h"

#include <errno.h>
#include <sys/socket.h>

#include "run/accept/accept.h"
#include "run/accept/admission.h"
#include "run/accept/refuse.h"
#include "run/program/program.h"
#include "run/service/pending_input.h"

#define REFUSALS_A_TURN 16 /* at one socket, before others have theirs */

static bool takes_connections(const struct listener *listener)
{
	return listener->endpoint.socktype == SOCK_STREAM ||
	       listener->endpoint.socktype == SOCK_SEQPACKET;
}

/* The program would accept them itself: they are accepted for it, and closed. */
static void refuse_connections(struct listener *listener)
{
	struct service_state *state = listener->state;
	struct conn conn;

	for (int i = 0; i < REFUSALS_A_TURN; i++) {
		if (accept_one(listener, &conn) >= 0) {
			admit_refused(&state->admit, ADMIT_TIMES);
			refuse_connection(state, &conn, ADMIT_TIMES);
		} else if (errno) {
			break;
		}
	}
}

/* Consumes, unseen, the datagrams whose sender is refused, up to the first that is not. True if
 * there is such a one. */
static bool refuse_datagrams(struct listener *listener)
{
	struct service_state *state = listener->state;
	struct conn conn = {.peer_uid = (uid_t)-1};
	struct pending_input input;

	for (int i = 0; i < REFUSALS_A_TURN; i++) {
		struct arrival arrival;
		enum verdict verdict;

		pending_input_note(&input, listener->watch.fd, listener->endpoint.socktype);
		if (!input.known) /* gone, or it was an error of the socket, which is over now */
			return false;
		conn.peer = input.peer;
		arrival = accept_arrival(state, &conn);
		verdict = admit_access(&state->admit, &arrival);
		if (verdict == ADMIT_OK)
			return true;
		refuse_log(state, verdict, &conn.peer);
		pending_input_drop(listener->watch.fd);
	}
	return false;
}

/* True if somebody waits whom the program may have. */
static bool refuse_some(struct listener *listener)
{
	const struct access *access = &listener->state->service->access;

	if (!takes_connections(listener))
		return (!access->only_from.count && !access->no_access.count &&
			       !access->times.count) ||
		       refuse_datagrams(listener);
	if (!access->times.count || week_contains(&access->times, loop_week_minute()))
		return true;
	refuse_connections(listener);
	return false;
}

static void lend(struct listener *listener)
{
	struct service_state *state = listener->state;
	struct admit_ticket ticket = {0};
	struct conn conn = {
		.fd = -1, .local = listener->bound, .lent = true, .peer_uid = (uid_t)-1};
	struct arrival arrival = {.now_ms = loop_now_ms()};

	if (admit_commit(&state->admit, &arrival, &ticket) == ADMIT_OK)
		program_start(state, &conn, &ticket, listener);
}

void lend_socket(struct listener *listener)
{
	struct service_state *state = listener->state;
	uint64_t wait_ms;
	enum verdict busy;

	if (state->holds)
		return;
	busy = admission_ready(state, &wait_ms);
	if (busy != ADMIT_OK)
		admission_hold(state, busy, wait_ms);
	else if (refuse_some(listener))
		lend(listener);
}
