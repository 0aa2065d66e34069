/* service_health: see service_health.h. */
#include "run/service/service_health.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "config/check/executable.h"
#include "run/process/child.h"
#include "run/service/rpc_service.h"
#include "run/service/service_history.h"

#define AT_ONCE_MS 1000 /* a program that ends within this time has done no work */
#define ROW_BAD    3    /* so many equal failures in a row are no accident */

void service_health_failed(struct service_state *state, const char *step, int err)
{
	struct service_history *observed = service_history_of(state);

	if (!observed)
		return;
	observed->health.failed_step = step;
	observed->health.failed_errno = err;
}

static bool is_failure(int status, uint64_t ran_ms)
{
	return WIFSIGNALED(status) || (WEXITSTATUS(status) && ran_ms < AT_ONCE_MS);
}

void service_health_ended(struct service_state *state, uint64_t started_ms, int status)
{
	struct service_history *observed = service_history_of(state);
	struct service_health *health = observed ? &observed->health : NULL;

	if (!health)
		return;
	if (started_ms > state->failed_ms)
		health->failed_step = NULL;
	if (!is_failure(status, loop_now_ms() - started_ms))
		health->in_a_row = 0;
	else if (health->in_a_row && WIFSIGNALED(status) == WIFSIGNALED(health->status) &&
		 (WIFSIGNALED(status) ? WTERMSIG(status) == WTERMSIG(health->status)
				      : WEXITSTATUS(status) == WEXITSTATUS(health->status)))
		health->in_a_row += health->in_a_row < UINT32_MAX;
	else
		health->in_a_row = 1;
	health->status = status;
}

void service_health_executed(struct service_state *state)
{
	if (state->observed)
		state->observed->health.executed = true;
}

/* What was executed is the file that was looked for, and no other one that executes it. */
static bool is_proof(const struct service *service)
{
	return service->unusable->wrapper ||
	       (!service->policy->wrapper && !service_is_proxied(service));
}

bool service_health_unusable(const struct service_state *state)
{
	const struct service *service = state->service;

	if (!service->unusable)
		return false;
	if (state->observed && state->observed->health.executed && is_proof(service))
		return false;
	return executable_is_missing(service);
}

/* What does not depend on how programs have ended. */
static const char *lasting_text(const struct service_state *state, char *buf, size_t size)
{
	const struct unusable *unusable = state->service->unusable;
	const char *unregistered = rpc_service_problem(state);

	if (service_health_unusable(state))
		snprintf(buf, size, "its %s cannot be run: %s",
			unusable->wrapper ? "wrapper" : "program", strerror(unusable->err));
	else if (unregistered)
		snprintf(buf, size, "not registered with rpcbind: %s", unregistered);
	else
		return NULL;
	return buf;
}

const char *service_health_text(
	const struct service_state *state, bool start_failed, char *buf, size_t size)
{
	const struct service_health *health = state->observed ? &state->observed->health : NULL;
	char status[64];

	if (health && start_failed) {
		snprintf(buf, size, "last start failed: %s%s%s", health->failed_step,
			health->failed_errno ? ": " : "",
			health->failed_errno ? strerror(health->failed_errno) : "");
		return buf;
	}
	if (!health || health->in_a_row < ROW_BAD)
		return lasting_text(state, buf, size);
	child_status_text(health->status, status, sizeof(status));
	snprintf(buf, size, "its last %u programs ended with %s%s", health->in_a_row, status,
		WIFSIGNALED(health->status) ? "" : " as soon as they were started");
	return buf;
}
