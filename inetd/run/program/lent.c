/* lent: see lent.h. A program that ends while connections wait may have served one each time. So
 * when that has happened a few times in a row one of them is noted: the queue is served in order,
 * so that after as many ends as waited then it must have been taken. */
#include "run/program/lent.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/param.h>

#include "base/fdutil.h"
#include "base/log.h"
#include "base/patience.h"
#include "run/service/accept_queue.h"
#include "run/service/service_health.h"

#define QUICK_MS    1000  /* a program that ends sooner has not worked long */
#define SUSPECT_MS  10000 /* between looks at sockets that left-over processes may have */
#define DOUBT_FIRST 1     /* ends in a row with connections left, before one of them is noted */
#define DOUBT_MOST  256
#define DOUBT_BLIND 1000 /* where none can be noted, no accepting program comes to so many */

/* Of a socket whose programs end while connections wait. */
struct lent_doubt {
	unsigned ends;          /* of programs, in a row */
	unsigned begin;         /* at how many of them a connection is noted */
	bool noted;             /* `peer` is */
	unsigned more;          /* ends until it must have been taken */
	struct queue_peer peer; /* that waited */
};

static void look_at_suspects(struct timer *timer);
static struct timer suspects = {.fired = look_at_suspects};

/* --- giving --- */

/* The last one of the program. NULL without memory. */
static struct lent_socket *add_lent(struct program *program, struct listener *listener)
{
	struct lent_socket *lent = patience_calloc(1, sizeof(*lent));
	struct lent_socket *last = LIST_FIRST(&program->lent);

	if (!lent)
		return NULL;
	lent->program = program;
	lent->listener = listener;
	while (last && LIST_NEXT(last, in_program))
		last = LIST_NEXT(last, in_program);
	if (last)
		LIST_INSERT_AFTER(last, lent, in_program);
	else
		LIST_INSERT_HEAD(&program->lent, lent, in_program);
	listener->lent = lent;
	if (!loop_timer_running(&suspects))
		loop_timer(&suspects, SUSPECT_MS);
	return lent;
}

static int give(struct program *program, struct listener *listener)
{
	struct lent_socket *lent = add_lent(program, listener);
	struct lent_seen seen;

	if (!lent) {
		errno = ENOMEM;
		return -1;
	}
	lent->was_lent = listener->was_lent;
	if (lent_look(listener, LENT_GIVE, &seen) == LENT_UNKNOWN)
		return -1;
	if (seen.nonblocking) {
		errno = EIO;
		return -1;
	}
	lent->input = seen.input;
	listener->was_lent = true;
	listener_hold(listener, HOLD_LENT);
	return 0;
}

static int give_all(struct program *program)
{
	struct listener *listener;

	TAILQ_FOREACH (listener, &program->state->listeners, in_state)
		if (listener->watch.fd >= 0 && !listener->lent && listener_lends(listener) &&
			give(program, listener) < 0)
			return -1;
	return 0;
}

int lent_give(struct program *program, struct listener *listener)
{
	bool all = program->state->service->policy->context.activation != ACTIVATION_INETD;
	int result = all ? give_all(program) : give(program, listener);

	if (result < 0) {
		int saved = errno;

		lent_return(program, false);
		errno = saved;
	}
	return result;
}

int lent_resume(struct program *program, struct listener *listener,
	const struct pending_input *input, bool was_lent)
{
	struct lent_socket *lent = listener->lent ? NULL : add_lent(program, listener);
	const uint64_t since_ms = listener->since_ms;

	if (!lent)
		return -1;
	lent->input = *input;
	lent->was_lent = was_lent;
	listener_hold(listener, HOLD_LENT);
	listener->since_ms = since_ms;
	return 0;
}

int lent_descriptors(const struct program *program, struct spawn_room *room)
{
	const struct lent_socket *lent, *first = LIST_FIRST(&program->lent);
	unsigned count = 0;

	LIST_FOREACH (lent, &program->lent, in_program)
		count++;
	if (count > 1)
		room->more_fds = calloc(count - 1, sizeof(*room->more_fds));
	if (!first || (count > 1 && !room->more_fds)) {
		errno = ENOMEM;
		return -1;
	}
	for (lent = LIST_NEXT(first, in_program); lent; lent = LIST_NEXT(lent, in_program))
		room->more_fds[room->more_count++] = lent->listener->watch.fd;
	return fcntl(first->listener->watch.fd, F_DUPFD_CLOEXEC, 3);
}

/* --- taking back --- */

static void drop_doubt(struct listener *listener)
{
	free(listener->doubt);
	listener->doubt = NULL;
}

static void begin_doubt(struct listener *listener)
{
	listener->doubt = calloc(1, sizeof(*listener->doubt));
	if (listener->doubt)
		listener->doubt->begin = DOUBT_FIRST;
}

/* It was taken after all: the next time more is needed to look so closely. */
static void ease_doubt(struct lent_doubt *doubt)
{
	doubt->ends = 0;
	doubt->noted = false;
	doubt->begin = MIN(doubt->begin * 2, DOUBT_MOST);
}

static void note_peer(struct listener *listener, struct lent_doubt *doubt)
{
	struct lent_seen now;

	/* Counted afterwards, so that whoever waits before it is among them. */
	doubt->noted = accept_queue_peer(listener, &doubt->peer) &&
		       lent_look(listener, LENT_LOOK, &now) != LENT_UNKNOWN;
	if (doubt->noted)
		doubt->more = now.input.queued;
	if (!doubt->noted)
		doubt->begin *= 2;
}

/* A program has ended soon, and as many connections wait as before. True if it is proved that
 * programs take none. */
static bool takes_nothing(struct listener *listener)
{
	struct lent_doubt *doubt;

	if (!listener->doubt)
		begin_doubt(listener);
	doubt = listener->doubt;
	if (!doubt)
		return false;
	if (doubt->noted && !accept_queue_has(listener, &doubt->peer)) {
		ease_doubt(doubt);
	} else if (doubt->noted) {
		doubt->more -= doubt->more > 0;
		return !doubt->more;
	} else if (++doubt->ends >= DOUBT_BLIND) {
		return true;
	} else if (doubt->ends >= doubt->begin) {
		note_peer(listener, doubt);
	}
	return false;
}

static void log_left(const struct program *program, bool datagram)
{
	const struct service *service = program->state->service;
	char pid[12];

	snprintf(pid, sizeof(pid), "%d", (int)program->child.pid);
	log_event(LOG_WARNING, LOG_FIELDS({"service", service->name, false}, {"pid", pid, true}),
		"%s: %s ends without taking what waits on its socket; pausing between starts%s",
		service->name, service->server, datagram ? ", the datagram was dropped" : "");
}

/* What the program was started for still waits there. */
static void input_left(const struct program *program, struct listener *listener)
{
	struct service_state *state = program->state;
	bool datagram = !lent_takes_connections(listener);

	if (datagram)
		pending_input_drop(state, listener->watch.fd);
	else if (loop_now_ms() - program->started_ms > QUICK_MS || !takes_nothing(listener))
		return;
	service_health_failed(state, "the program ended without taking its input", 0);
	if (service_state_failed(state) && service_state_shows(state, LOG_WARNING))
		log_left(program, datagram);
}

/* Whether the program has taken anything that waited when it was started. */
static void judge(const struct program *program)
{
	const struct lent_socket *lent;
	struct listener *left = NULL;
	bool taken = false;

	LIST_FOREACH (lent, &program->lent, in_program) {
		struct listener *listener = lent->listener;

		if (listener->watch.fd < 0)
			continue;
		if (lent->seen.answer == LENT_UNKNOWN) /* nobody knows what waits there */
			return;
		if (!pending_input_untouched(&lent->input, &lent->seen.input)) {
			taken |= lent->input.known;
			drop_doubt(listener);
		} else {
			left = listener;
		}
	}
	if (left && !taken)
		input_left(program, left);
	else if (!left)
		service_state_works(program->state, program->started_ms);
}

static void unlink_lent(struct lent_socket *lent)
{
	LIST_REMOVE(lent, in_program);
	lent->listener->lent = NULL;
	free(lent);
}

/* --- afterwards --- */

/* With another filter now, to be read by ourselves from now on, or useless. */
static void replace_if_needed(struct listener *listener, enum lent_answer answer)
{
	if (listener->watch.fd < 0)
		return;
	if (answer == LENT_UNSOUND)
		listener_replace(listener, LENT_REPLACED);
	else if (listener->stale || (listener->was_lent && !listener_lends(listener)))
		listener_replace(listener, NULL);
}

static void look_at_suspect(struct listener *listener)
{
	const char *name = listener->state->service->name;
	struct lent_seen seen;
	enum lent_answer answer = lent_look(listener, LENT_RECONNECT, &seen);
	uint32_t omitted;

	/* Nothing else would tell us. */
	if (seen.connected && service_state_may_log(listener->state, LOG_REPLACED, &omitted))
		log_event(LOG_NOTICE, LOG_FIELDS({"service", name, false}),
			"%s: a program has connected its socket to one peer; it is for all again",
			name);
	if (answer == LENT_UNSOUND)
		listener_replace(listener, LENT_REPLACED);
}

/* What a program has left behind may still have its socket, and make it useless at any time. */
static void look_at_suspects(struct timer *timer)
{
	struct listener *listener;
	bool any = false;

	RB_FOREACH (listener, listener_tree, &listeners) {
		if (!listener->was_lent || listener->watch.fd < 0)
			continue;
		any = true;
		if (listener->unsettled && listener->lent)
			listener_apply(listener);
		if (!listener->lent)
			look_at_suspect(listener);
	}
	if (any)
		loop_timer(timer, SUSPECT_MS);
}

/* Accepting from it must not block. */
static void take_back(struct lent_socket *lent, bool was_started)
{
	struct listener *listener = lent->listener;

	if (!was_started) /* nobody has come to have a copy */
		listener->was_lent = lent->was_lent;
	if (listener->watch.fd >= 0)
		lent_look(listener, LENT_RETURN, &lent->seen);
}

void lent_return(struct program *program, bool was_started)
{
	struct lent_socket *lent, *next;

	LIST_FOREACH (lent, &program->lent, in_program)
		take_back(lent, was_started);
	if (was_started && !LIST_EMPTY(&program->lent))
		judge(program);
	LIST_FOREACH_SAFE (lent, &program->lent, in_program, next) {
		struct listener *listener = lent->listener;
		enum lent_answer answer = lent->seen.answer;

		unlink_lent(lent);
		replace_if_needed(listener, answer);
		listener_release(listener, HOLD_LENT);
	}
}

void lent_forget(struct listener *listener)
{
	if (listener->lent)
		unlink_lent(listener->lent);
}

bool lent_is_served(const struct service_state *state)
{
	const struct listener *listener;

	TAILQ_FOREACH (listener, &state->listeners, in_state)
		if (listener->lent)
			return fcntl(listener->watch.fd, F_GETFL) & O_NONBLOCK;
	return false;
}
