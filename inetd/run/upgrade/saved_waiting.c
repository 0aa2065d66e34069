/* saved_waiting: see saved_waiting.h. */
#include "run/upgrade/saved_waiting.h"

#include <signal.h>

#include "base/handover.h"
#include "run/accept/name_wait.h"
#include "run/accept/waiting.h"
#include "run/accept/wrapcheck.h"
#include "run/process/child.h"
#include "run/process/closer.h"
#include "run/upgrade/saved_conn.h"
#include "run/upgrade/saved_service.h"

static void put_record(FILE *out, const struct service_state *state, const struct conn *conn,
	bool counted, pid_t helper)
{
	record_begin(out, "waiting");
	saved_service_name(out, state);
	record_number(out, "counted", counted);
	record_number(out, "helper", (uint64_t)helper);
	saved_conn_put(out, conn);
	record_end(out);
}

static void put_waiting(const struct service_state *state, const struct conn *conn, void *arg)
{
	put_record(arg, state, conn, false, 0);
}

static void put_named(const struct service_state *state, const struct conn *conn, void *arg)
{
	put_record(arg, state, conn, true, 0);
}

static void put_checked(
	const struct service_state *state, const struct conn *conn, pid_t helper, void *arg)
{
	put_record(arg, state, conn, true, helper);
}

void saved_waiting_put_all(FILE *out)
{
	waiting_each(put_waiting, out);
	name_wait_each(put_named, out);
	wrapcheck_each(put_checked, out);
}

static void get_one(const struct record *record)
{
	struct service_state *state = saved_service_named(record);
	pid_t helper = (pid_t)record_get_number(record, "helper");
	struct conn conn;

	if (child_is_ours(helper)) /* another one is asked */
		kill(helper, SIGKILL);
	if (!saved_conn_get(record, &conn))
		return;
	if (!state) {
		closer_hang_up(&conn.fd);
		return;
	}
	/* It is counted as started; that comes again. */
	state->admit.stats.undone += record_get_number(record, "counted");
	waiting_resume(state, &conn);
}

void saved_waiting_get_all(void)
{
	handover_each("waiting", get_one);
}
