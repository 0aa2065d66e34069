/* program: see program.h. */
#include "run/program/program.h"

#include <errno.h>
#include <signal.h>
#include <sys/param.h>
#include <sys/wait.h>

#include "base/container_of.h"
#include "base/fdutil.h"
#include "base/log.h"
#include "run/process/closer.h"
#include "run/program/child_stderr.h"
#include "run/program/escapees.h"
#include "run/program/lent.h"
#include "run/program/program_limit.h"
#include "run/program/program_log.h"
#include "run/program/spare.h"
#include "run/program/start_pace.h"
#include "run/service/kept.h"
#include "run/service/listener_wait.h"
#include "run/service/service_cage.h"
#include "run/service/service_health.h"
#include "run/service/service_history.h"

void (*program_none_left)(void);
static unsigned count;

static void start_failed(struct service_state *state, const struct spawn_error *error)
{
	state->failed++;
	service_health_failed(state, error->step, error->err);
	if (!service_state_failed(state) || !service_state_shows(state, LOG_ERR))
		return;
	log_event(LOG_ERR, LOG_FIELDS({"service", state->service->name, false}),
		"%s: cannot start %s: %s: %s; pausing between tries", state->service->name,
		state->service->server, error->step,
		error->err == ETIME ? "not done in time: its user stops it, or a file system does "
				      "not answer"
				    : strerror(error->err));
}

static void program_free(struct program *program)
{
	loop_untimer(&program->limit);
	lingering_close_free(program->linger);
	if (program->cage)
		prepared_cage_unref(program->cage);
	service_state_unref(program->state);
	free(program);
	count--;
}

/* It never became the service's program. */
static void never_started(struct program *program)
{
	admit_undo(&program->state->admit, &program->ticket);
	if (!program->late)
		start_failed(program->state, &program->error);
	lent_return(program, false);
}

/* What has left its session is still in its control group. */
static void end_escapees(struct program *program)
{
	struct service_state *state = program->state;
	uint64_t most_ms = state->service->policy->max_time_ms,
		 age_ms = loop_now_ms() - program->started_ms;
	int group = program->cage ? prepared_cage_group(program->cage) : -1;

	if (group < 0)
		return;
	if ((program->stopped || program->overdue) && !state->admit.stats.running) {
		spare_replace(state); /* they are in it too */
		service_cage_kill(state, program->cage);
	} else if (most_ms)
		escapees_look(state, most_ms > age_ms ? most_ms - age_ms : 0);
}

static void program_ended(struct child *child, int status, const struct rusage *usage)
{
	struct program *program = container_of(child, struct program, child);
	bool lost_socket = program->lends && LIST_EMPTY(&program->lent);

	/* Its group keeps the number as long as it has a member (the kernel gives it to no other
	 * process before), and without one there is nobody to hit: a number that was free a
	 * moment ago is the last to be given again. */
	if (program->overdue || program->stopped)
		kill(-child->pid, SIGKILL);
	if (program->error.step) {
		never_started(program);
	} else {
		program_log_exit(program, status, usage);
		lingering_close_end(program->linger, child->pid);
		program->linger = NULL;
		service_history_end(program->state, program->accepted_us, program->error.exec_us);
		admit_release(&program->state->admit, &program->ticket);
		end_escapees(program);
		if (!program->overdue && !program->stopped)
			service_health_ended(program->state, program->started_ms, status);
		if (!LIST_EMPTY(&program->lent))
			lent_return(program, true);
		else
			service_state_works(program->state, program->started_ms);
	}
	service_state_slot_free(program->state);
	program_free(program);
	if (lost_socket) /* it may have been the one that kept an address in use */
		listener_wait_retry();
	if (!count && program_none_left)
		program_none_left();
}

/* --- orders to stop --- */

void program_terminate(const struct program *program)
{
	pid_t pid = program->child.pid;

	/* It may not have come to setsid(2) yet: the signal waits until its mask is emptied. */
	if (kill(-pid, SIGTERM) < 0)
		kill(pid, SIGTERM);
	else
		kill(-pid, SIGCONT);
}

struct ending {
	const struct service_state *state;
	enum program_ending how;
	unsigned *count;
};

static bool end_one(const struct child *child, const void *arg)
{
	struct program *program = (struct program *)(uintptr_t)program_of(child);
	const struct ending *ending = arg;

	if (!program || program->state != ending->state ||
		(ending->how == PROGRAM_END_LENT && !program->lends))
		return false;
	++*ending->count;
	if (ending->how == PROGRAM_ASK)
		program_terminate(program);
	else if (!program->stopped)
		program_limit_stop(program);
	return false;
}

unsigned program_end(const struct service_state *state, enum program_ending how)
{
	unsigned found = 0;
	const struct ending ending = {state, how, &found};

	child_find(end_one, &ending);
	return found;
}

static bool has_pid(const struct child *child, const void *arg)
{
	return child->pid == *(const pid_t *)arg;
}

/* It was started after the failure, and has been executed. */
static bool runs_since(const struct child *child, const void *arg)
{
	const struct program *program = program_of(child);
	const struct service_state *state = arg;

	return program && program->state == state && program->started_ms > state->failed_ms &&
	       program->error.exec_us && !program->error.step;
}

bool program_start_failed(const struct service_state *state)
{
	return state->observed && state->observed->health.failed_step &&
	       !child_find(runs_since, state);
}

const char *program_problem(const struct service_state *state, char *buf, size_t size)
{
	return service_health_text(state, program_start_failed(state), buf, size);
}

const struct program *program_find(pid_t pid)
{
	const struct child *child = child_find(has_pid, &pid);

	return child ? program_of(child) : NULL;
}

/* --- start --- */

/* It has got to its exec, or has ended before. */
static void child_left(struct spawn_error *error)
{
	struct program *program = container_of(error, struct program, error);

	if (error->errors_err)
		child_stderr_unopened(program->state, error->errors_err);
	if (!error->step)
		program_log_start(program);
	if (!error->step && error->exec_us)
		service_health_executed(program->state);
	start_pace_left(program->state, !error->step && error->exec_us);
}

static void child_late(struct spawn_error *error)
{
	struct program *program = container_of(error, struct program, error);

	program->late = true;
	start_failed(program->state, error);
}

static pid_t spawn(struct program *program, struct conn *conn)
{
	struct spawn_room *room = spawn_room();
	const struct spawn_call *calls = program->cage ? prepared_cage_calls(program->cage) : NULL;
	struct errors errors = {.fd = -1};
	const char *step = "memory";
	pid_t pid;

	if (program->cage && !calls) { /* nothing runs outside of its cage */
		program->error = (struct spawn_error){.step = "isolation", .err = EAGAIN};
		return -1;
	}
	if (room && program->lends && (conn->fd = lent_descriptors(program, room)) < 0) {
		program->error = (struct spawn_error){.step = "socket", .err = errno};
		return -1;
	}
	if (!room || (step = "/dev/null", child_stderr_for(program->state, conn, &errors) < 0) ||
		(step = plan_build(program->state->service, conn, errors.fd, room))) {
		program->error = (struct spawn_error){.step = step, .err = errno};
		if (errors.own)
			fd_close(&errors.fd);
		return -1;
	}
	room->plan.calls = calls;
	room->plan.close_fd = conn->fd;
	room->plan.close_errors = errors.own ? errors.fd : -1;
	room->plan.errors_path = errors.path;
	room->plan.owner = program->state;
	room->plan.left = child_left;
	room->plan.late = child_late;
	conn->fd = -1;
	pid = spawn_run(room, &program->error);
	if (errors.log)
		stderr_log_set_pid(errors.log, pid);
	return pid;
}

/* Hands the connection to one that stands ready; false if there is none. */
static bool start_spare(struct program *program, struct conn *conn)
{
	pid_t pid = program->lends ? -1 : spare_take(program->state, conn, program->linger);

	if (pid < 0)
		return false;
	program->child.pid = pid;
	program->error.exec_us = loop_clock_us();
	service_health_executed(program->state);
	program_log_start(program);
	return true;
}

static struct lingering_close *linger_on(struct service_state *state, const struct conn *conn)
{
	const struct share_who who = kept_who(state, &conn->peer, conn->peer_uid);

	return lingering_close_new(&who, conn->fd, state->service->policy->lingering_ms);
}

void program_start(struct service_state *state, struct conn *conn, struct admit_ticket *ticket,
	struct listener *listener)
{
	struct program *program = calloc(1, sizeof(*program));

	if (!program) {
		closer_hang_up(&conn->fd);
		admit_undo(&state->admit, ticket);
		start_failed(state, &(const struct spawn_error){.step = "malloc", .err = ENOMEM});
		return;
	}
	count++;
	LIST_INIT(&program->lent);
	program->state = service_state_ref(state);
	program->ticket = *ticket;
	*ticket = (struct admit_ticket){0};
	program->lends = listener != NULL;
	if (listener && lent_give(program, listener) == 0)
		conn->peer = listener->lent->input.peer;
	program->peer = conn->peer;
	program->local = conn->local;
	program->started_ms = loop_now_ms();
	program->accepted_us = conn->accepted_us ? conn->accepted_us : loop_clock_us();
	service_history_start(state);
	program->cage = service_cage_prepared(state);
	if (program->cage)
		prepared_cage_ref(program->cage);
	program->child.ended = program_ended;
	if (!listener)
		program->linger = linger_on(state, conn);
	if (!start_spare(program, conn))
		program->child.pid = spawn(program, conn);
	if (listener) /* what was lent is ours too */
		fd_close(&conn->fd);
	else
		closer_hang_up(&conn->fd);
	if (program->child.pid < 0) {
		never_started(program);
		program_free(program);
		return;
	}
	child_add(&program->child);
	program_limit_start(program);
}

void program_adopt(struct program *program, uint64_t limit_at_ms, bool kills)
{
	count++;
	program->child.ended = program_ended;
	child_add(&program->child);
	if (limit_at_ms)
		program_limit_resume(program, limit_at_ms, kills);
}

void program_forget(struct program *program)
{
	count++;
	admit_release(&program->state->admit, &program->ticket);
	program_free(program);
}

const struct program *program_of(const struct child *child)
{
	return child->ended == program_ended ? container_of(child, struct program, child) : NULL;
}

unsigned program_count(void)
{
	return count;
}

struct sessions {
	const struct service_state *state;
	void (*each)(pid_t session, void *arg);
	void *arg;
};

static bool add_session(const struct child *child, const void *arg)
{
	const struct program *program = program_of(child);
	const struct sessions *sessions = arg;

	if (program && program->state == sessions->state)
		sessions->each(child->pid, sessions->arg);
	return false;
}

void program_sessions(
	const struct service_state *state, void (*each)(pid_t session, void *arg), void *arg)
{
	child_find(add_session, &(struct sessions){state, each, arg});
	spare_sessions(state, each, arg);
}

static bool signal_one(const struct child *child, const void *arg)
{
	if (child->ended == program_ended)
		kill(-child->pid, *(const int *)arg);
	return false;
}

void program_signal_all(int signal)
{
	child_find(signal_one, &signal);
}
