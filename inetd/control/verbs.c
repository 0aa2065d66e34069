/* verbs: see verbs.h. */
#include "control/verbs.h"

#include <unistd.h>

#include "base/log.h"
#include "config/key.h"
#include "config/show.h"
#include "control/configure.h"
#include "control/events.h"
#include "control/metrics.h"
#include "control/report.h"
#include "run/gate.h"

#define NEAR_MOST 5  /* names that somebody may have meant */
#define NAME_MOST 31 /* of those that key_near() compares */

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

static int verb_check(FILE *out, const char *arg)
{
	(void)arg;
	return configure_check(out);
}

static void print_masked(FILE *out, const char *text)
{
	char copy[256];

	strlcpy(copy, text, sizeof(copy));
	fprintf(out, "%s", log_mask(copy));
}

/* The service whose name is nearest to a word, or NULL. */
static const char *nearest(const char *word)
{
	const char **names, *found;
	struct gate *gate;
	size_t count = 0;

	TAILQ_FOREACH (gate, &gates, in_gates)
		count++;
	names = calloc(count + 1, sizeof(*names));
	if (!names)
		return NULL;
	count = 0;
	TAILQ_FOREACH (gate, &gates, in_gates)
		if (strlen(gate->service->name) <= NAME_MOST)
			names[count++] = gate->service->name;
	found = key_near(word, 0, names);
	free(names);
	return found;
}

/* "no service 'x'", and what may have been meant: the nearest name, and those that hold the word.
 */
static int unknown_service(FILE *out, const char *name)
{
	const char *near = nearest(name);
	struct gate *gate;
	unsigned count = 0;

	fprintf(out, "no service is called '");
	print_masked(out, name);
	fprintf(out, "'");
	if (near) {
		fprintf(out, ": did you mean %s", near);
		count++;
	}
	TAILQ_FOREACH (gate, &gates, in_gates) {
		const char *other = gate->service->label;

		if (!*name || !strcasestr(other, name) || (near && !strcmp(other, near)))
			continue;
		if (count++ == NEAR_MOST)
			break;
		fprintf(out, "%s", count == 1 ? ": did you mean " : ", ");
		print_masked(out, other);
	}
	fprintf(out, "%s\n", count ? "?" : "; inetctl list shows all");
	return CONFIGURE_FAILED;
}

static int verb_show(FILE *out, const char *arg)
{
	struct gate *gate;
	unsigned count = 0;

	TAILQ_FOREACH (gate, &gates, in_gates) {
		if (!show_is_called(gate->service, arg))
			continue;
		if (count++)
			fprintf(out, "\n");
		show_service(gate->service, out);
	}
	return count ? 0 : unknown_service(out, arg);
}

/* The services that may be called so (NULL: all), or why there is none. */
static int each_called(
	FILE *out, const char *name, void (*each)(FILE *out, const struct gate *gate))
{
	const struct gate *gate;
	unsigned count = 0;

	TAILQ_FOREACH (gate, &gates, in_gates) {
		if (name && !show_is_called(gate->service, name))
			continue;
		count++;
		each(out, gate);
	}
	return count || !name ? 0 : unknown_service(out, name);
}

static void put_status(FILE *out, const struct gate *gate)
{
	report_service(out, gate, true);
}

static int verb_status(FILE *out, const char *arg)
{
	int status = each_called(out, arg, put_status);

	if (!status)
		report_machine(out);
	return status;
}

static int verb_connections(FILE *out, const char *arg)
{
	if (arg)
		return each_called(out, arg, report_programs);
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
	{"reload", verb_reload, CONTROL_NO_ARG, true},
	{"check", verb_check, CONTROL_NO_ARG, false},
	{"version", verb_version, CONTROL_NO_ARG, false},
	{NULL, NULL, 0, false},
};
