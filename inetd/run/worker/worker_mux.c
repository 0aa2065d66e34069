/* worker_mux: see worker_mux.h. The names are walked through in their order, from one that was
 * looked at last: services may come and go between two turns. */
#include "run/worker/worker_mux.h"

#include "base/loop.h"
#include "run/service/mux_names.h"
#include "run/worker/worker_queue.h"

#define A_TURN   2000 /* names that are looked at */
#define AGAIN_MS 100

static void go_on(struct timer *timer);

static struct {
	char last[WORKER_NAME]; /* the name that was looked at */
	bool begun;             /* something of this list has been sent */
	bool lost;              /* something could not be */
	bool known;             /* a whole list has */
	void (*done)(void);
	struct timer timer;
} mux = {.timer = {.fired = go_on}};

static void send_names(struct worker_down *message)
{
	message->count = !mux.begun;
	mux.begun = true;
	if (queue_send(message, -1) < 0 && queue_is_open())
		mux.lost = true;
	message->text[0] = 0;
}

/* The next name goes into the message, or is passed over. False at the end. */
static bool take_name(struct worker_down *message)
{
	const struct service_state *state = mux_names_after(mux.last);
	const char *name = state ? state->service->mux_name : NULL;

	if (!name)
		return false;
	strlcpy(mux.last, name, sizeof(mux.last));
	if (state->holds & HOLD_CLOSED)
		return true;
	if (strlen(message->text) + strlen(name) + 2 > sizeof(message->text))
		send_names(message);
	strlcat(message->text, name, sizeof(message->text));
	strlcat(message->text, "\n", sizeof(message->text));
	return true;
}

static void begin(void)
{
	mux.last[0] = 0;
	mux.begun = mux.lost = false;
	mux_names_complete(&service_states);
}

/* Without memory for all of it the list is sent again, whole. */
static void go_on(struct timer *timer)
{
	struct worker_down message = {.verb = WORKER_MUX};
	unsigned looked = 0;
	bool more;

	do {
		more = take_name(&message);
	} while (more && ++looked < A_TURN);
	if (*message.text)
		send_names(&message);
	if (more && !mux.lost) {
		loop_timer(timer, 0);
		return;
	}
	send_names(&message); /* the end */
	if (mux.lost || mux_names_are_incomplete()) {
		begin();
		loop_timer(timer, AGAIN_MS);
		return;
	}
	if (mux.known)
		return;
	mux.known = true;
	mux.done();
}

void worker_mux_send(void (*known)(void))
{
	begin();
	mux.done = known;
	loop_untimer(&mux.timer);
	go_on(&mux.timer);
}

bool worker_mux_is_known(void)
{
	return mux.known;
}

void worker_mux_forget(void)
{
	loop_untimer(&mux.timer);
	mux.known = false;
}
