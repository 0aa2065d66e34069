/* overload: see overload.h. */
#include "run/accept/admission.h"

#include "run/program/program.h"
#include "run/reload/reconcile.h"

#define LOAD_EVERY_MS 1000

static void load_again(struct timer *timer);
static void give_turns(struct timer *timer);

static struct {
	uint32_t average; /* of one minute, in hundredths */
	uint64_t read_ms;
	bool known;
	struct timer timer; /* runs while a gate is held for it */
} load = {.timer = {.fired = load_again}};

static struct {
	struct gate_list gates; /* in the order of their turns */
	const struct gate *turn;
	struct timer timer; /* runs while there may be turns to give */
} line = {.gates = TAILQ_HEAD_INITIALIZER(line.gates), .timer = {.fired = give_turns}};

void (*overload_turn)(struct gate *gate);

static uint32_t load_now(void)
{
	uint64_t now_ms = loop_now_ms();
	double average;

	if (load.known && now_ms - load.read_ms < LOAD_EVERY_MS)
		return load.average;
	load.average = getloadavg(&average, 1) < 1 ? 0 : (uint32_t)(average * 100 + 0.5);
	load.known = true;
	load.read_ms = now_ms;
	return load.average;
}

static bool load_allows(const struct gate *gate)
{
	uint32_t most = gate->service->max_load;

	return !most || load_now() < most;
}

static bool counts(const struct gate *gate)
{
	return gate->service->builtin == BUILTIN_NONE;
}

static bool is_room(void)
{
	const struct config *config = reconcile_config();

	return !config || program_count() < config->children;
}

static enum verdict check_all(const struct gate *gate)
{
	if (!load_allows(gate))
		return ADMIT_LOAD;
	if (!counts(gate) || (is_room() && (gate == line.turn || TAILQ_EMPTY(&line.gates))))
		return ADMIT_OK;
	return ADMIT_TOTAL;
}

enum verdict overload_ready(struct gate *gate, uint64_t *wait_ms)
{
	enum verdict verdict = admit_ready(&gate->admit, loop_now_ms(), wait_ms);

	return verdict == ADMIT_OK ? check_all(gate) : verdict;
}

enum verdict overload_ask(struct gate *gate, const struct arrival *arrival)
{
	enum verdict busy = check_all(gate), verdict;
	uint64_t wait_ms;

	if (busy == ADMIT_OK)
		return admit_check(&gate->admit, arrival, &wait_ms);
	verdict = admit_access(&gate->admit, arrival);
	if (verdict != ADMIT_OK)
		return verdict;
	admit_refused(&gate->admit, busy);
	return busy;
}

static void load_again(struct timer *timer)
{
	bool again = false;
	struct gate *gate;

	TAILQ_FOREACH (gate, &gates, in_gates) {
		if (!(gate->holds & HOLD_LOAD))
			continue;
		if (load_allows(gate))
			gate_release(gate, HOLD_LOAD);
		else
			again = true;
	}
	if (again)
		loop_timer(timer, LOAD_EVERY_MS);
}

static void line_leave(struct gate *gate)
{
	if (!gate->in_line)
		return;
	gate->in_line = false;
	TAILQ_REMOVE(&line.gates, gate, in_waiting);
}

/* One start each, until there is no room or nobody waits: who comes back goes to the end. */
static void give_turns(struct timer *timer)
{
	struct gate *gate;

	(void)timer;
	while (is_room() && (gate = TAILQ_FIRST(&line.gates))) {
		gate_ref(gate);
		line_leave(gate);
		gate_release(gate, HOLD_TOTAL);
		line.turn = gate;
		overload_turn(gate);
		line.turn = NULL;
		gate_unref(gate);
	}
}

void overload_hold(struct gate *gate, enum verdict verdict)
{
	if (verdict == ADMIT_LOAD) {
		gate_hold(gate, HOLD_LOAD);
		if (!loop_timer_running(&load.timer))
			loop_timer(&load.timer, LOAD_EVERY_MS);
		return;
	}
	gate_hold(gate, HOLD_TOTAL);
	if (!gate->in_line) {
		gate->in_line = true;
		TAILQ_INSERT_TAIL(&line.gates, gate, in_waiting);
	}
	if (is_room())
		overload_slot_free();
}

void overload_assigned(struct gate *gate)
{
	gate_release(gate, HOLD_LOAD); /* who refuses now does not wait for it */
	if (!counts(gate) || gate->service->overload == OVERLOAD_REFUSE) {
		line_leave(gate);
		gate_release(gate, HOLD_TOTAL);
	}
	overload_slot_free();
}

void overload_forget(struct gate *gate)
{
	line_leave(gate);
}

void overload_slot_free(void)
{
	if (!TAILQ_EMPTY(&line.gates) && !loop_timer_running(&line.timer))
		loop_timer(&line.timer, 0);
}
