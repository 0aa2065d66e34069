/* saved_program: see saved_program.h. */
#include "run/upgrade/saved_program.h"

#include <errno.h>
#include <stdlib.h>

#include "base/handover.h"
#include "base/handover_field.h"
#include "base/patience.h"
#include "run/program/lent.h"
#include "run/program/program.h"
#include "run/program/program_limit.h"
#include "run/program/stderr_drain.h"
#include "run/program/stderr_log.h"
#include "run/service/given_socket.h"
#include "run/service/kept.h"
#include "run/service/service_cage.h"
#include "run/upgrade/saved_service.h"
#include "run/upgrade/saved_ticket.h"

static bool failed;

static const struct handover_field rows[] = {
	HANDOVER_ROW(NUMBER, program, child.pid, "pid"),
	HANDOVER_ROW(NUMBER, program, started_ms, "started"),
	HANDOVER_ROW(NUMBER, program, accepted_us, "accepted_us"),
	HANDOVER_ROW(NUMBER, program, error.exec_us, "exec_us"),
	HANDOVER_ROW(FLAG, program, late, "late"),
	HANDOVER_ROW(ADDRESS, program, peer, "peer"),
	HANDOVER_ROW(ADDRESS, program, local, "local"),
	HANDOVER_ROW(FLAG, program, lends, "lends"),
	HANDOVER_ROW(FLAG, program, overdue, "overdue"),
	HANDOVER_ROW(FLAG, program, stopped, "stopped"),
};

static const struct handover_field input_rows[] = {
	HANDOVER_ROW(FLAG, pending_input, known, "known"),
	HANDOVER_ROW(ADDRESS, pending_input, peer, "sender"),
	HANDOVER_ROW(NUMBER, pending_input, stamp.tv_sec, "stamp_s"),
	HANDOVER_ROW(NUMBER, pending_input, stamp.tv_nsec, "stamp_ns"),
	HANDOVER_ROW(NUMBER, pending_input, queued, "queued"),
};

/* --- writing --- */

static void put_lent(FILE *out, const struct program *program, const struct lent_socket *lent)
{
	record_begin(out, "lent");
	record_number(out, "pid", (uint64_t)program->child.pid);
	given_socket_put_endpoint(out, &lent->listener->endpoint);
	handover_put_rows(out, HANDOVER_ROWS(input_rows), &lent->input);
	record_number(out, "was_lent", lent->was_lent);
	record_end(out);
}

static void put_linger(FILE *out, const struct program *program)
{
	uint32_t limit_ms = 0;
	int fd = lingering_close_fd(program->linger, &limit_ms);

	if (fd < 0)
		return;
	handover_put_fd(out, "linger", fd);
	record_number(out, "linger_ms", limit_ms);
}

static void put_one(FILE *out, const struct program *program)
{
	const struct lent_socket *lent;

	record_begin(out, "program");
	saved_service_name(out, program->state);
	handover_put_rows(out, HANDOVER_ROWS(rows), program);
	saved_ticket_put(out, &program->ticket);
	record_text(out, "failed", program->error.step);
	if (loop_timer_running(&program->limit))
		record_number(out, "limit_at", program->limit.at_ms);
	record_number(out, "kills", program_limit_kills(program));
	put_linger(out, program);
	record_end(out);
	LIST_FOREACH (lent, &program->lent, in_program)
		put_lent(out, program, lent);
}

static bool put_child(const struct child *child, const void *arg)
{
	const struct program *program = program_of(child);

	if (program)
		put_one((FILE *)(uintptr_t)arg, program);
	return false;
}

void saved_program_put_all(FILE *out)
{
	child_find(put_child, out);
	stderr_drain_put(out);
	stderr_log_put_all(out);
}

/* --- reading --- */

static void get_one(const struct record *record)
{
	struct service_state *state = saved_service_named(record);
	struct program *program = state ? patience_calloc(1, sizeof(*program)) : NULL;
	struct share_who who;

	if (!program) {
		failed = true;
		return;
	}
	LIST_INIT(&program->lent);
	program->state = service_state_ref(state);
	handover_get_rows(record, HANDOVER_ROWS(rows), program);
	saved_ticket_get(record, state, &program->ticket);
	if (record_get(record, "failed")) /* which was logged then */
		program->error.step = "start";
	program->cage = service_cage_prepared(state);
	if (program->cage)
		prepared_cage_ref(program->cage);
	who = kept_who(state, &program->peer, (uid_t)-1);
	program->linger = lingering_close_resume(&who, handover_take_fd(record, "linger"),
		(uint32_t)record_get_number(record, "linger_ms"));
	if (child_is_ours(program->child.pid))
		program_adopt(program, record_get_number(record, "limit_at"),
			record_get_number(record, "kills"));
	else
		program_forget(program);
}

static void get_lent(const struct record *record)
{
	struct program *program =
		(struct program *)(uintptr_t)program_find((pid_t)record_get_number(record, "pid"));
	struct pending_input input = {0};
	struct listener *listener = NULL;
	struct endpoint endpoint;
	struct sockaddr_len addr;

	handover_get_rows(record, HANDOVER_ROWS(input_rows), &input);
	if (given_socket_get_endpoint(record, &endpoint, &addr))
		listener = listener_find(&endpoint);
	/* Where the configuration has no such socket any more, the program keeps its copy. */
	if (program && listener && listener->watch.fd >= 0 &&
		lent_resume(program, listener, &input, record_get_number(record, "was_lent")) < 0)
		failed = true;
}

static void get_stderr(const struct record *record)
{
	struct service_state *state = saved_service_named(record);

	if (state)
		stderr_log_resume(record, state);
}

int saved_program_get_all(void)
{
	failed = false;
	handover_each("program", get_one);
	handover_each("lent", get_lent);
	handover_each("stderr-keeper", stderr_drain_resume_old);
	handover_each("stderr-reader", stderr_drain_resume);
	handover_each("stderr", get_stderr);
	errno = ENOMEM;
	return failed ? -1 : 0;
}
