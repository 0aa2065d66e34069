/* suspect_socket: see suspect_socket.h. A helper that has answered waits for more a moment longer:
 * programs that end at once need it three times each, and a fork takes longer than they do. */
#include "run/service/suspect_socket.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/param.h>
#include <unistd.h>

#include "base/container_of.h"
#include "base/fdutil.h"
#include "base/log.h"
#include "run/process/helper.h"

#define STAYS_MS  200 /* after an answer */
#define LEAST_MS  10  /* for an answer, however much was waited for others */
#define USUAL_MS  5   /* for an answer, which count for nothing */
#define SHARE     10  /* one part of the time, of so many, may go by in waiting */
#define VAIN_MOST 3   /* answers in a turn of the loop that may not come */
#define TURN_MS   120 /* in which one turn may wait */
#define TOLD_MS   500 /* until a lock is worth a line */
#define AGAIN_MS  100 /* after a lock, until the socket is asked again */
#define LIMIT_S   10

struct asker {
	struct child child;
	int link; /* owned */
	/* Of one that is lost: */
	struct service_state *state; /* counted; NULL: none is held */
	bool *locked;                /* borrowed; NULL: it is not lost */
	struct timer timer;
	bool is_over; /* the lock has ended */
};

/* As it is sent. */
struct order {
	struct suspect_work work;
	char arg[SUSPECT_BYTES];
};

static void let_go(struct timer *timer);

static struct asker *ready; /* the one that waits for more; NULL: none */
static struct timer stay = {.fired = let_go};

/* How long answers may be waited for. */
static struct {
	uint64_t left_us, at_ms; /* what is left, when that was right */
	uint64_t turn;           /* of the loop */
	uint64_t turn_us;        /* what was waited in it */
	unsigned vain;           /* answers that did not come then */
} budget;

/* It ends with its link. */
static void forget_ready(void)
{
	loop_untimer(&stay);
	fd_close(&ready->link);
	ready = NULL;
}

static void let_go(struct timer *timer)
{
	(void)timer;
	forget_ready();
}

/* --- in the helper --- */

/* Its copy is not to be the last when the daemon closes its own. */
static bool answer(const struct order *order, const void *arg, int link, int fd)
{
	_Alignas(uint64_t) char result[SUSPECT_BYTES] = {0};

	alarm(LIMIT_S);
	order->work.run(arg, fd, result);
	fd_close(&fd);
	return write(link, result, order->work.size) == (ssize_t)order->work.size;
}

/* With what it has from the daemon's memory first, if that is what it is for. */
static void serve(const void *first, int link)
{
	struct order order;
	int fd;

	for (;;) {
		struct pollfd pollfd = {.fd = link, .events = POLLIN};

		if (poll(&pollfd, 1, -1) != 1 ||
			fd_recv(link, &order, sizeof(order), &fd) != sizeof(order) || fd < 0 ||
			!answer(&order, order.work.arg_size ? order.arg : first, link, fd))
			return;
	}
}

/* --- one that is lost --- */

static void log_locked(struct service_state *state)
{
	uint32_t omitted;

	if (service_state_may_log(state, LOG_LOCKED, &omitted))
		log_event(LOG_WARNING, LOG_FIELDS({"service", state->service->name, false}),
			"%s: a process of its programs keeps its socket locked (inetctl stop ends "
			"that, isolation = strict prevents it); waiting until it ends",
			state->service->name);
}

static void lost_for_a_while(struct timer *timer)
{
	struct asker *asker = container_of(timer, struct asker, timer);
	struct service_state *state = asker->state;

	if (!asker->is_over) {
		if (state)
			log_locked(state);
		return;
	}
	*asker->locked = false;
	free(asker);
	if (!state)
		return;
	service_state_release(state, HOLD_LOCKED);
	service_state_unref(state);
}

static void lose(struct asker *asker, const struct suspect *suspect)
{
	budget.vain++;
	asker->timer.fired = lost_for_a_while;
	loop_timer(&asker->timer, TOLD_MS);
	asker->locked = suspect->locked;
	*asker->locked = true;
	if (!suspect->state)
		return;
	asker->state = service_state_ref(suspect->state);
	service_state_hold(suspect->state, HOLD_LOCKED);
}

/* One that was lost comes back as soon as nobody keeps the lock any more. */
static void asker_ended(struct child *child, int status, const struct rusage *usage)
{
	struct asker *asker = container_of(child, struct asker, child);

	(void)status;
	(void)usage;
	if (asker == ready)
		forget_ready();
	if (!asker->locked) {
		free(asker);
		return;
	}
	asker->is_over = true;
	loop_timer(&asker->timer, AGAIN_MS);
}

/* --- in the daemon --- */

static struct asker *start(const void *first)
{
	struct asker *asker = calloc(1, sizeof(*asker));

	if (!asker)
		return NULL;
	asker->child.ended = asker_ended;
	asker->link = helper_start(&asker->child, serve, first, true, LIMIT_S);
	if (asker->link >= 0)
		return asker;
	free(asker);
	return NULL;
}

static int limit_ms(void)
{
	uint64_t now_ms = loop_now_ms();

	budget.left_us += (now_ms - budget.at_ms) * 1000 / SHARE;
	budget.left_us = MIN(budget.left_us, HELPER_CALL_MS * 1000);
	budget.at_ms = now_ms;
	return (int)MAX(budget.left_us / 1000, LEAST_MS);
}

/* Who lets go of a lock just in time makes us wait no longer for that. */
static int await(const struct asker *asker, void *result, size_t size)
{
	uint64_t begin_us = loop_clock_us(), spent_us;
	int got = helper_await(asker->child.pid, asker->link, limit_ms(), result, size);
	int saved = errno;

	spent_us = loop_clock_us() - begin_us;
	budget.turn_us += spent_us;
	if (spent_us > USUAL_MS * 1000)
		budget.left_us -= MIN(budget.left_us, spent_us - USUAL_MS * 1000);
	errno = saved;
	return got;
}

static int ask(const struct suspect *suspect, const struct order *order, void *result)
{
	struct asker *asker = ready ? ready : start(order->work.arg);

	if (!asker)
		return -1;
	ready = asker;
	loop_timer(&stay, STAYS_MS);
	if (fd_send(asker->link, order, sizeof(*order), suspect->fd) == 0 &&
		await(asker, result, order->work.size) == 0)
		return 0;
	forget_ready();
	if (errno == ETIMEDOUT) {
		lose(asker, suspect);
		errno = ETIMEDOUT;
	}
	return -1;
}

static int ask_again(const struct suspect *suspect, const struct suspect_work *work, void *result)
{
	struct order order = {.work = *work};
	bool has_stayed;

	if (work->arg_size)
		memcpy(order.arg, work->arg, work->arg_size);
	else if (ready) /* it knows nothing of what there is by now */
		forget_ready();
	has_stayed = ready;
	if (ask(suspect, &order, result) == 0)
		return 0;
	if (has_stayed && errno != ETIMEDOUT) /* it was killed meanwhile */
		return ask(suspect, &order, result);
	return -1;
}

/* Nothing is known of the socket, and that is not its fault. */
static void pause_asking(struct service_state *state)
{
	int err = errno;

	if (service_state_pause(state) && service_state_shows(state, LOG_ERR))
		log_event(LOG_ERR, LOG_FIELDS({"service", state->service->name, false}),
			"%s: cannot look at its socket, which programs have had: %s; pausing "
			"between tries",
			state->service->name,
			err == ECHILD ? "the helper process has ended" : strerror(err));
	errno = err;
}

/* Before the first turn nobody is served. */
static bool may_wait(void)
{
	if (budget.turn != loop_turn()) {
		budget.turn = loop_turn();
		budget.turn_us = budget.vain = 0;
	}
	return budget.vain < VAIN_MOST && (!budget.turn || budget.turn_us < TURN_MS * 1000);
}

int suspect_ask(const struct suspect *suspect, const struct suspect_work *work, void *result)
{
	if (*suspect->locked) {
		errno = ETIMEDOUT;
		return -1;
	}
	if (!may_wait()) {
		errno = EBUSY;
		return -1;
	}
	return ask_again(suspect, work, result);
}

int suspect_call(struct listener *listener, const struct suspect_work *work, void *result)
{
	struct service_state *state = listener->state;
	const struct suspect suspect = {listener->watch.fd, &state->locked, state};

	if (!listener->was_lent) {
		work->run(work->arg, listener->watch.fd, result);
		return 0;
	}
	if (suspect_ask(&suspect, work, result) == 0) {
		service_state_resume(state);
		return 0;
	}
	if (errno != ETIMEDOUT && errno != EBUSY)
		pause_asking(state);
	return -1;
}
