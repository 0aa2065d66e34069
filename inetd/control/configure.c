/* configure: see configure.h. */
#include "control/configure.h"

#include <errno.h>

#include "base/decimal.h"
#include "base/heap.h"
#include "base/log.h"
#include "base/patience.h"
#include "base/slice.h"
#include "base/title.h"
#include "control/control.h"
#include "control/diff.h"
#include "control/notify.h"
#include "run/reload/name_helper.h"
#include "run/reload/reconcile.h"
#include "run/service/given_socket.h"
#include "run/service/service_state.h"

static const struct conf_options *options;
static unsigned generation, served; /* served: services, for the service manager */
static bool stopping, debugging;
static struct configure_counts counts;

void configure_init(const struct conf_options *conf_options, bool debug)
{
	options = conf_options;
	debugging = debug;
	heap_keep_nothing_large();
}

struct configure_counts configure_counts(void)
{
	struct configure_counts now = counts;

	now.generation = generation;
	now.config_errors = reconcile_config() ? reconcile_config()->diag.errors : 0;
	return now;
}

void configure_stop(void)
{
	stopping = true;
}

/* An error somewhere may be why a key of [inetd] is missing now: its last value stays. */
static void keep_daemon(struct config *config, const struct config *old)
{
	char *name;

	if (config->daemon.log_level < 0)
		config->daemon.log_level = old->daemon.log_level;
	if (config->daemon.log_format < 0)
		config->daemon.log_format = old->daemon.log_format;
	if (config->daemon.children == LIMIT_NONE)
		config->daemon.children = old->daemon.children;
	config->daemon.stop_children |= old->daemon.stop_children;
	if (config->daemon.control_group_name || !old->daemon.control_group_name)
		return;
	name = arena_strdup(&config->arena, old->daemon.control_group_name);
	config->daemon.control_group_name = name;
	config->daemon.control_group = name ? old->daemon.control_group : (gid_t)-1;
}

/* A stop does not wait for a large file. */
static bool breathe(void)
{
	slice_breathe();
	return !slice_is_hurried();
}

/* `hurried`, and *answered: see run/reload/name_helper.h. */
static struct config *read_files(const struct conf_options *how, bool hurried, bool *answered)
{
	struct conf_options options_now = *how;
	struct config *config;

	options_now.breathe = breathe;
	if (how->own_paths)
		options_now.ask = name_helper_ask;
	name_helper_begin(hurried);
	config = config_load(&options_now);
	*answered = name_helper_end(true);
	return config;
}

static struct config *load(const struct conf_options *how, bool hurried)
{
	bool answered;
	struct config *config = read_files(how, hurried, &answered);

	if (!answered && !slice_is_hurried())
		log_warnx(
			"users and groups: the name services of nsswitch.conf do not answer: what "
			"they should know is unknown in this reading");
	if (!config && stopping) /* it was left: see breathe() */
		log_notice("the reading of the configuration was left: the daemon is stopping");
	else if (!config)
		log_err("cannot read the configuration");
	else
		config->generation = generation + 1;
	if (config && reconcile_config() && config_is_worse(config, reconcile_config()))
		keep_daemon(config, reconcile_config());
	return config;
}

struct config *configure_load(void)
{
	bool answered;

	return read_files(options, true, &answered);
}

void configure_ready(void)
{
	notify_ready(served, configure_counts().config_errors);
}

void configure_put(FILE *out)
{
	record_number(out, "generation", generation);
	record_number(out, "reloads", counts.reloads);
	record_number(out, "reload_errors", counts.errors);
	record_number(out, "upgrades", counts.upgrades);
}

void configure_resume(const struct record *record)
{
	generation = (unsigned)record_get_number(record, "generation");
	counts.reloads = (unsigned)record_get_number(record, "reloads");
	counts.errors = (unsigned)record_get_number(record, "reload_errors");
	counts.upgrades = (unsigned)record_get_number(record, "upgrades") + 1;
}

static void log_diag(const struct config *config)
{
	char text[2048];

	for (const struct diag_item *item = config->diag.first; item; item = item->next) {
		slice_breathe();
		diag_format(item, text, sizeof(text));
		if (item->severity == DIAG_ERROR)
			log_errx("%s", text);
		else if (item->severity == DIAG_WARNING)
			log_warnx("%s", text);
		else
			log_info("%s", text);
	}
}

/* The keys of [inetd] about the log. After an error a key that is missing keeps its last value. */
static void apply_log(const struct config *config)
{
	if (config->daemon.log_format >= 0)
		log_set_format((enum log_format)config->daemon.log_format);
	else if (!config->diag.errors)
		log_set_format(LOG_FORMAT_TEXT);
	if (debugging)
		log_set_level(LOG_DEBUG);
	else if (config->daemon.log_level >= 0)
		log_set_level(config->daemon.log_level);
	else if (!config->diag.errors)
		log_set_level(LOG_INFO);
}

/* The same for control_group. */
static void apply_control(const struct config *config)
{
	const char *name = config->daemon.control_group_name;

	if (!name && config->diag.errors)
		return;
	if (control_allow(config->daemon.control_group) < 0)
		log_err("control_group: the control socket cannot be given to the group%s%s",
			name ? " " : "", name ? name : "");
}

/* Names the services that are kept only because their file has an error. */
static void report_kept(FILE *out)
{
	struct service_state *state;

	TAILQ_FOREACH (state, &service_states, in_states) {
		const struct service *service = state->service;

		slice_breathe();
		if (state->config == reconcile_config())
			continue;
		log_event(LOG_NOTICE, LOG_FIELDS({"service", service->name, false}),
			"%s: kept as it was at %s:%u, because of the errors there", service->name,
			service->where.file, service->where.line);
		if (out)
			fprintf(out, "%s: kept as it was at %s:%u\n", service->label,
				service->where.file, service->where.line);
	}
}

static void applied(unsigned services)
{
	generation++;
	served = services;
	title_set("%u service%s", services, decimal_plural(services));
	notify_ready(services, configure_counts().config_errors);
	heap_trim(); /* give back the memory that reading has used */
}

/* There is nothing to serve, but there are entries, or no file could be read. */
static bool is_hopeless(const struct config *config)
{
	return config->file_count == 0 ||
	       (config->service_count == 0 && config->entry_count > 0 && config->diag.errors > 0 &&
		       !config->unknown); /* users may be known later */
}

static struct config *load_first(bool (*serves_all)(const struct config *config))
{
	struct config *config = load(options, counts.upgrades > 0);

	while (config ? serves_all && !serves_all(config) : true) {
		errno = config ? 0 : ENOMEM;
		if (config ? !patience_lasts() : !patience_insists())
			break;
		config_unref(config);
		config = load(options, counts.upgrades > 0);
	}
	return config;
}

int configure_start(FILE *err, bool (*serves_all)(const struct config *config))
{
	struct reconcile_result result;
	struct config *config = load_first(serves_all);
	bool failed;

	if (!config)
		return CONFIGURE_FAILED;
	if (err)
		diag_print(&config->diag, err);
	apply_log(config); /* first: the messages about it have its format */
	log_diag(config);
	if (!serves_all && is_hopeless(config)) {
		log_errx("%s", config->file_count ? "every entry is in error, nothing to serve"
						  : "no configuration could be read");
		config_unref(config);
		return CONFIGURE_BAD;
	}
	while ((failed = reconcile_apply(config, &result) < 0) && patience_insists())
		;
	if (failed) {
		log_err("the configuration cannot be applied");
		config_unref(config);
		return CONFIGURE_FAILED;
	}
	apply_control(config);
	log_notice("%s: %u service%s, %u socket%s %s, %u not open yet",
		counts.upgrades ? "upgraded to inetd " INETD_VERSION : "started", result.services,
		decimal_plural(result.services), result.opened, decimal_plural(result.opened),
		counts.upgrades ? "open" : "opened", result.failed);
	applied(result.services);
	return 0;
}

int configure_reload(FILE *out)
{
	struct reconcile_result result;
	struct config *config = NULL;
	char summary[160];
	int status;

	if (!stopping) {
		notify_reloading();
		counts.reloads++;
		config = load(options, false);
	}
	if (stopping) { /* perhaps since the reading began */
		config_unref(config);
		if (out)
			fprintf(out, "the daemon is stopping\n");
		return CONFIGURE_FAILED;
	}
	if (!config || reconcile_apply(config, &result) < 0) {
		log_err("reload failed, nothing was changed");
		if (out)
			fprintf(out, "reload failed, nothing was changed\n");
		config_unref(config);
		counts.errors++;
		configure_ready();
		return CONFIGURE_FAILED;
	}
	apply_log(config);
	apply_control(config);
	status = config->diag.errors ? CONFIGURE_BAD : 0;
	if (!status) /* those that have come back have theirs now */
		given_socket_close_rest(true);
	counts.errors += status != 0;
	snprintf(summary, sizeof(summary),
		"reloaded%s: %u service%s, %u kept; sockets: %u opened, %u closed, %u not open yet",
		status ? " with errors" : "", result.services, decimal_plural(result.services),
		result.kept, result.opened, result.closed, result.failed);
	log_diag(config);
	log_notice("%s", summary);
	if (out)
		diag_print(&config->diag, out);
	report_kept(out);
	if (out)
		fprintf(out, "%s\n", summary);
	applied(result.services);
	return status;
}

static void work_reload(struct slice *slice)
{
	(void)slice;
	configure_reload(NULL);
}

void configure_reload_later(void)
{
	static struct slice slice = {.work = work_reload};

	slice_start(&slice);
}

int configure_check(FILE *out)
{
	struct conf_options asked = *options;
	struct config *config;
	int status;

	asked.advise = true;
	config = load(&asked, false);
	if (!config)
		return CONFIGURE_FAILED;
	diag_print(&config->diag, out);
	status = config->diag.errors ? CONFIGURE_BAD : 0;
	config_unref(config);
	return status;
}

int configure_diff(FILE *out)
{
	struct config *config = load(options, false);
	int status;

	if (!config)
		return CONFIGURE_FAILED;
	diag_print(&config->diag, out);
	status = config->diag.errors ? CONFIGURE_BAD : 0;
	if (stopping) {
		fprintf(out, "a reload would change nothing: the daemon is stopping\n");
	} else if (diff_config(config, out) < 0) {
		fprintf(out, "not enough memory to compare\n");
		status = CONFIGURE_FAILED;
	}
	config_unref(config);
	return status;
}
