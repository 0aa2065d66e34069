/* wiring: see wiring.h. */
#include "wiring.h"

#include "base/log.h"
#include "base/loop.h"
#include "control/admin_verbs.h"
#include "control/configure.h"
#include "run/accept/admission.h"
#include "run/accept/dispatch.h"
#include "run/accept/waiting.h"
#include "run/accept/wrapcheck.h"
#include "run/process/spawn.h"
#include "run/program/escapees.h"
#include "run/program/program.h"
#include "run/program/spare.h"
#include "run/reload/disable.h"
#include "run/reload/resolve.h"
#include "run/service/listener_wait.h"
#include "run/service/rpc_registrar.h"
#include "run/service/rpc_service.h"
#include "run/service/service_cage.h"
#include "run/upgrade/saved_service.h"
#include "run/worker/worker_socket.h"

void wiring_user_appeared(void)
{
	configure_reload_later();
}

void wiring_addresses_changed(void)
{
	listener_wait_retry();
	resolve_retry();
}

static void service_changed(struct service_state *state, enum service_change change)
{
	if (change == SERVICE_NEW)
		saved_service_made(state);
	if (change == SERVICE_HOLDS)
		listener_update_all(state);
	admission_service_changed(state, change);
	waiting_service_changed(state, change);
	rpc_service_follow(state, change);
	spare_service_changed(state, change);
	if (change == SERVICE_SLOT_FREE) {
		disable_slot_freed();
		if (!state->admit.stats.running)
			service_cage_idle(state);
	}
	if (change == SERVICE_GONE)
		service_cage_drop(state);
}

static void socket_opened(struct listener *listener)
{
	worker_sync_socket(listener);
	wrapcheck_opened(listener);
	rpc_service_socket(listener);
}

static void socket_closing(struct listener *listener)
{
	worker_drop_socket(listener);
	rpc_service_socket(listener);
}

static void flush_log(struct timer *timer)
{
	int again_ms = log_flush();

	if (again_ms >= 0)
		loop_timer(timer, (uint64_t)again_ms);
}

static bool before_wait(void)
{
	static struct timer log_timer = {.fired = flush_log};
	int soon_ms = log_flush_in_ms();

	if (soon_ms >= 0 && !loop_timer_running(&log_timer))
		loop_timer(&log_timer, (uint64_t)soon_ms);
	return spawn_may_sleep();
}

void wiring_connect(void)
{
	loop_before_wait = before_wait;
	loop_before_sleep = spawn_before_sleep;
	service_state_changed = service_changed;
	escapees_sessions = program_sessions;
	listener_ready = dispatch_ready;
	listener_opened = socket_opened;
	listener_closing = socket_closing;
	rpc_service_changed = rpc_registrar_changed;
	admin_drained = loop_stop;
}
