/* verbs: see verbs.h. */
#include "control/verbs.h"

#include <unistd.h>

#include "config/show/show.h"
#include "control/admin_verbs.h"
#include "control/configure.h"
#include "control/events.h"
#include "control/metrics.h"
#include "control/report.h"
#include "control/section.h"
#include "control/service_match.h"
#include "control/upgrade.h"
#include "run/reload/reconcile.h"

static long shown_from; /* where the answer of show begins */

static int verb_list(FILE *out, const char *arg)
{
	const struct service_state *state;

	(void)arg;
	TAILQ_FOREACH (state, &service_states, in_states)
		report_service(out, state, false);
	return 0;
}

static int verb_version(FILE *out, const char *arg)
{
	(void)arg;
	fprintf(out, "inetd %s, process %d\n", INETD_VERSION, (int)getpid());
	return 0;
}

static int verb_reload(FILE *out, const char *arg)
{
	(void)arg;
	return configure_reload(out);
}

static int verb_diff(FILE *out, const char *arg)
{
	(void)arg;
	return configure_diff(out);
}

static int verb_check(FILE *out, const char *arg)
{
	(void)arg;
	return configure_check(out);
}

static void put_section(FILE *out, struct service_state *state)
{
	if (ftell(out) > shown_from)
		fprintf(out, "\n");
	section_write(out, state->service);
}

static int verb_show(FILE *out, const char *arg)
{
	if (!strcmp(arg, "inetd") && !service_match_exists(arg)) {
		show_daemon(reconcile_config(), out);
		return 0;
	}
	shown_from = ftell(out);
	return service_match_each(out, arg, put_section);
}

static void put_status(FILE *out, struct service_state *state)
{
	report_service(out, state, true);
}

static int verb_status(FILE *out, const char *arg)
{
	int status = service_match_each(out, arg, put_status);

	if (!status) {
		report_configuration(out);
		report_machine(out);
		if (!arg)
			report_daemon(out);
	}
	return status;
}

static void put_programs(FILE *out, struct service_state *state)
{
	report_programs(out, state);
}

static int verb_connections(FILE *out, const char *arg)
{
	if (arg)
		return service_match_each(out, arg, put_programs);
	report_programs(out, NULL);
	return 0;
}

static int verb_stats(FILE *out, const char *arg)
{
	(void)arg;
	report_daemon(out);
	return 0;
}

static int verb_events(FILE *out, const char *arg)
{
	(void)arg;
	events_report(out);
	return 0;
}

static int verb_metrics(FILE *out, const char *arg)
{
	if (arg && strcmp(arg, "openmetrics") != 0) {
		fprintf(out, "metrics: nothing, or openmetrics\n");
		return CONFIGURE_FAILED;
	}
	metrics_write(out, arg != NULL);
	return 0;
}

control_fn *const control_verbs[VERBS] = {
	[VERB_LIST] = verb_list,
	[VERB_STATUS] = verb_status,
	[VERB_STATS] = verb_stats,
	[VERB_CONNECTIONS] = verb_connections,
	[VERB_EVENTS] = verb_events,
	[VERB_METRICS] = verb_metrics,
	[VERB_SHOW] = verb_show,
	[VERB_CHECK] = verb_check,
	[VERB_DIFF] = verb_diff,
	[VERB_RELOAD] = verb_reload,
	[VERB_UPGRADE] = upgrade_verb,
	[VERB_ENABLE] = admin_enable,
	[VERB_DISABLE] = admin_disable,
	[VERB_STOP] = admin_stop,
	[VERB_KILL] = admin_kill,
	[VERB_UNBLOCK] = admin_unblock,
	[VERB_LOG_LEVEL] = admin_log_level,
	[VERB_DRAIN] = admin_drain,
	[VERB_VERSION] = verb_version,
};
