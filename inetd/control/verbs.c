/* verbs: see verbs.h. */
#include "control/verbs.h"

#include <unistd.h>

#include "config/show/show.h"
#include "control/configure.h"
#include "control/events.h"
#include "control/metrics.h"
#include "control/service_match.h"
#include "control/admin_verbs.h"
#include "control/report.h"
#include "run/reload/reconcile.h"

static long shown_from; /* where the answer of show begins */

static int verb_list(FILE *out, const char *arg)
{
	const struct gate *gate;

	(void)arg;
	TAILQ_FOREACH (gate, &gates, in_gates)
		report_service(out, gate, false);
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

static void put_section(FILE *out, struct gate *gate)
{
	if (ftell(out) > shown_from)
		fprintf(out, "\n");
	show_service(gate->service, out);
}

static int verb_show(FILE *out, const char *arg)
{
	if (!strcmp(arg, "inetd") && !named_exists(arg)) {
		show_daemon(reconcile_config(), out);
		return 0;
	}
	shown_from = ftell(out);
	return named_each(out, arg, put_section);
}

static void put_status(FILE *out, struct gate *gate)
{
	report_service(out, gate, true);
}

static int verb_status(FILE *out, const char *arg)
{
	int status = named_each(out, arg, put_status);

	if (!status)
		report_machine(out);
	return status;
}

static void put_programs(FILE *out, struct gate *gate)
{
	report_programs(out, gate);
}

static int verb_connections(FILE *out, const char *arg)
{
	if (arg)
		return named_each(out, arg, put_programs);
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

const struct control_verb control_verbs[] = {
	{"list", verb_list, CONTROL_NO_ARG, false},
	{"status", verb_status, CONTROL_MAY_ARG, false},
	{"stats", verb_stats, CONTROL_NO_ARG, false},
	{"connections", verb_connections, CONTROL_MAY_ARG, false},
	{"events", verb_events, CONTROL_NO_ARG, false},
	{"metrics", verb_metrics, CONTROL_MAY_ARG, false},
	{"show", verb_show, CONTROL_ARG, false},
	{"check", verb_check, CONTROL_NO_ARG, false},
	{"diff", verb_diff, CONTROL_NO_ARG, false},
	{"reload", verb_reload, CONTROL_NO_ARG, true},
	{"enable", order_enable, CONTROL_ARG, true},
	{"disable", order_disable, CONTROL_ARG, true},
	{"stop", order_stop, CONTROL_ARG, true},
	{"drain", order_drain, CONTROL_NO_ARG, true},
	{"kill", order_kill, CONTROL_ARG, true},
	{"unblock", order_unblock, CONTROL_ARG, true},
	{"log-level", order_log_level, CONTROL_ARG, true},
	{"version", verb_version, CONTROL_NO_ARG, false},
	{NULL, NULL, 0, false},
};
