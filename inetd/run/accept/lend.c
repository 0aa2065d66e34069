/* lend: see lend.h. */
#include "run/accept/lend.h"

#include <errno.h>
#include <sys/param.h>
#include <sys/socket.h>

#include "run/accept/accept.h"
#include "run/accept/admission.h"
#include "run/accept/refuse.h"
#include "run/program/lent.h"
#include "run/program/program.h"
#include "run/program/start_pace.h"
#include "run/service/passed_socket.h"
#include "run/service/pending_input.h"

#define REFUSALS_A_TURN 16 /* at one socket, before others have theirs */

#define IDLE_WAKES 16 /* in a row, until a socket that others may have a copy of is replaced */

/* One that is not is replaced; one that cannot be looked at is asked again later. */
static bool is_sound(struct listener *listener, enum lent_step step, struct lent_seen *seen)
{
	enum lent_answer answer = lent_look(listener, step, seen);

	if (answer == LENT_UNSOUND)
		listener_replace(listener, LENT_REPLACED);
	return answer == LENT_SOUND;
}

/* Ready, but there is nothing: who has a copy keeps it so, perhaps, and us busy. */
static void woken_idly(struct listener *listener)
{
	struct lent_seen seen;

	if (!listener->was_lent || !is_sound(listener, LENT_RETURN, &seen))
		return;
	if (++listener->idle_wakes < IDLE_WAKES)
		return;
	listener->idle_wakes = 0;
	listener_replace(listener, "its socket is ready without end, with nothing in it");
}

/* What waits for a socket that programs have had is refused by replacing it: to accept from it
 * could be made to wait. */
static void replace_refused(struct listener *listener, const struct pending_input *input)
{
	admit_refused_elsewhere(&listener->state->admit, ADMIT_TIMES, MAX(input->queued, 1));
	listener_replace(listener, NULL);
}

/* The program would accept them itself: they are accepted for it, and closed. */
static void refuse_connections(struct listener *listener, const struct pending_input *input)
{
	const struct sockaddr_len bound = listener_bound(listener);
	struct service_state *state = listener->state;
	struct conn conn;

	if (listener->was_lent && passed_socket_has(&listener->endpoint)) { /* its parent's too */
		admit_refused_elsewhere(
			&state->admit, ADMIT_TIMES, lent_refuse(listener, REFUSALS_A_TURN));
		return;
	}
	if (listener->was_lent)
		replace_refused(listener, input);
	for (int i = 0; i < REFUSALS_A_TURN && listener->watch.fd >= 0; i++) {
		if (accept_one(listener, &conn) >= 0) {
			accept_fill(&conn, &bound);
			admit_refused(&state->admit, ADMIT_TIMES);
			refuse_connection(state, &conn, ADMIT_TIMES);
		} else if (errno) {
			break;
		}
	}
}

static void lend(struct listener *listener, const struct arrival *arrival)
{
	struct service_state *state = listener->state;
	struct admit_ticket ticket = {0};
	struct conn conn = {
		.fd = -1, .local = listener_bound(listener), .lent = true, .peer_uid = (uid_t)-1};

	if (admit_commit(&state->admit, arrival, &ticket) == ADMIT_OK)
		program_start(state, &conn, &ticket, listener);
}

static void lend_listening(struct listener *listener, const struct pending_input *input)
{
	const struct access *access = &listener->state->service->policy->access;
	const struct arrival arrival = {.now_ms = loop_now_ms()};

	if (!access->times.count || week_contains(&access->times, loop_week_minute()))
		lend(listener, &arrival);
	else
		refuse_connections(listener, input);
}

/* The sender of the first datagram counts as who comes, but for unix ones, which name no source.
 * Those that are refused are consumed, unseen, up to the first that is not. */
static void lend_datagrams(struct listener *listener, struct lent_seen *seen)
{
	bool is_unix = listener->endpoint.addr.addr.sa.sa_family == AF_UNIX;
	struct service_state *state = listener->state;
	struct conn conn = {.peer_uid = (uid_t)-1};

	for (int i = 0; i < REFUSALS_A_TURN; i++) {
		struct arrival arrival;
		enum verdict verdict;

		if (i && !is_sound(listener, LENT_LOOK, seen))
			return;
		if (!seen->input.known) { /* gone, or it was an error of the socket, which is over
					     now */
			woken_idly(listener);
			return;
		}
		listener->idle_wakes = 0;
		conn.peer = seen->input.peer;
		arrival = accept_arrival(state, &conn);
		if (is_unix)
			arrival.peer = NULL;
		verdict = admission_ask(state, &arrival);
		if (verdict == ADMIT_OK) {
			lend(listener, &arrival);
			return;
		}
		refuse_log(state, verdict, &conn.peer);
		pending_input_drop(state, listener->watch.fd);
		if (state->holds) /* until it is gone */
			return;
	}
}

/* What could not be set when a program gave it back, or at a reload, is set now. False: not yet, or
 * it was opened again for that. */
static bool settle(struct listener *listener)
{
	listener_apply(listener);
	return listener->was_lent && !listener->unsettled && listener->watch.fd >= 0;
}

static void look_and_lend(struct listener *listener)
{
	enum lent_step step = listener->unsettled ? LENT_RETURN : LENT_LOOK;
	struct lent_seen seen;

	if (listener->unsettled && !settle(listener))
		return;
	if (!is_sound(listener, step, &seen))
		return;
	if (lent_takes_connections(listener))
		lend_listening(listener, &seen.input);
	else
		lend_datagrams(listener, &seen);
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
	else if (start_pace_allows(state))
		look_and_lend(listener);
}
