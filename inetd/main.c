/* inetd: the internet super-server. Start order, reload and shutdown; the only place that exits.
 * Start is a b c d, stop is d c b a: see start() and stop(). */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/loop.h"
#include "control/control.h"
#include "control/daemon.h"
#include "control/notify.h"
#include "control/stats.h"
#include "options.h"
#include "run/addrwatch.h"
#include "run/child.h"
#include "run/dispatch.h"
#include "run/program.h"
#include "run/reconcile.h"
#include "run/resolve.h"
#include "run/spawn.h"
#include "run/worker_link.h"

#define PIDFILE       "/run/inetd.pid"
#define CONTROL       "/run/inetd.sock"
#define LAST_WORDS_MS 5000 /* from TERM to KILL for what runs when process 1 stops */

enum { EXIT_CANNOT_START = 1, EXIT_USAGE = 2 };

static struct options options;
static unsigned generation;

/* --- configuration --- */

static struct config *load(void)
{
	struct config *config = config_load(&options.conf);

	if (!config)
		log_err("cannot read the configuration");
	else
		config->generation = generation + 1;
	return config;
}

static void log_diag(const struct config *config)
{
	char text[2048];

	for (const struct diag_item *item = config->diag.first; item; item = item->next) {
		diag_format(item, text, sizeof(text));
		if (item->severity == DIAG_ERROR)
			log_errx("%s", text);
		else if (item->severity == DIAG_WARNING)
			log_warnx("%s", text);
		else
			log_info("%s", text);
	}
}

/* Nothing to serve, and not because nothing was asked for. */
static bool is_hopeless(const struct config *config)
{
	return config->file_count == 0 ||
	       (config->service_count == 0 && config->entry_count > 0 && config->diag.errors > 0);
}

static int check(void)
{
	struct config *config = load();
	int status;

	if (!config)
		return EXIT_CANNOT_START;
	diag_print(&config->diag, stderr);
	status = config->diag.errors ? EXIT_USAGE : 0;
	config_unref(config);
	return status;
}

/* Reads everything again and applies it. What was found goes to the log and, if there is one, to
 * the one who asked. Returns inetctl's exit code. */
static int reload(FILE *out)
{
	struct reconcile_result result;
	struct config *config;
	int status;

	notify_reloading();
	config = load();
	if (!config || reconcile_apply(config, &result) < 0) {
		log_err("reload failed, everything stays as it was");
		if (out)
			fprintf(out, "reload failed, everything stays as it was\n");
		config_unref(config);
		notify_ready(0);
		return 1;
	}
	generation++;
	log_diag(config);
	log_notice(
		"reloaded: %u services, %u sockets opened, %u closed, %u not open yet, %u services "
		"kept because their file has errors",
		result.services, result.opened, result.closed, result.failed, result.kept);
	setproctitle("%u services", result.services);
	status = config->diag.errors ? EXIT_USAGE : 0;
	if (out) {
		diag_print(&config->diag, out);
		fprintf(out,
			"%s: %u services, %u sockets opened, %u closed, %u not open yet, %u "
			"services kept\n",
			status ? "reloaded with errors" : "reloaded", result.services,
			result.opened, result.closed, result.failed, result.kept);
	}
	notify_ready(result.services);
	return status;
}

/* --- control verbs --- */

static int verb_list(FILE *out)
{
	stats_list(out);
	return 0;
}

static int verb_check(FILE *out)
{
	struct config *config = load();
	int status;

	if (!config)
		return 1;
	diag_print(&config->diag, out);
	status = config->diag.errors ? EXIT_USAGE : 0;
	config_unref(config);
	return status;
}

static int verb_version(FILE *out)
{
	fprintf(out, "inetd %s, process %d\n", INETD_VERSION, (int)getpid());
	return 0;
}

static const struct control_verb verbs[] = {
	{"list", verb_list, false},
	{"reload", reload, true},
	{"check", verb_check, false},
	{"version", verb_version, false},
	{NULL, NULL, false},
};

/* --- signals and events from below --- */

static void kill_the_rest(struct timer *timer)
{
	(void)timer;
	program_signal_all(SIGKILL);
	loop_stop();
}

/* As process 1 everything ends with us, so programs get a chance to end well (TERM, then KILL).
 * Otherwise they live on: a restart must not cut sessions. */
static void stop_asked(int sig)
{
	static struct timer last_words = {.fired = kill_the_rest};

	log_notice("stopping: got %s", strsignal(sig));
	notify_stopping();
	if (getpid() != 1 || !program_count()) {
		loop_stop();
		return;
	}
	reconcile_close();
	program_none_left = loop_stop;
	program_signal_all(SIGTERM);
	program_signal_all(SIGCONT);
	loop_timer(&last_words, LAST_WORDS_MS);
}

static void signalled(const struct signalfd_siginfo *info)
{
	switch (info->ssi_signo) {
	case SIGCHLD:
		child_reap();
		break;
	case SIGHUP:
		reload(NULL);
		break;
	case SIGTERM:
	case SIGINT:
		stop_asked((int)info->ssi_signo);
		break;
	case SIGUSR1:
		stats_log();
		break;
	default: /* USR2 is ignored until it means upgrade */
		break;
	}
}

static void address_appeared(void)
{
	listeners_retry();
	resolve_retry();
}

/* --- start and stop --- */

/* A program of ours: the one beside us, as built; else the installed one. Kept for ever. */
static const char *find_program(const char *name)
{
	char self[PATH_MAX], path[PATH_MAX + 32];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash, *found;

	self[len > 0 ? len : 0] = 0;
	slash = strrchr(self, '/');
	snprintf(path, sizeof(path), "%.*s/%s", (int)(slash ? slash - self : 0), self, name);
	if (access(path, X_OK) < 0)
		snprintf(path, sizeof(path), INETD_LIBEXECDIR "/%s", name);
	found = strdup(path);
	return found ? found : "";
}

static void start_control(void)
{
	static char own[PATH_MAX];
	const char *path = options.control, *dir = getenv("XDG_RUNTIME_DIR");

	if (!path && geteuid() != 0) {
		if (!dir)
			return;
		snprintf(own, sizeof(own), "%s/inetd.sock", dir);
		path = own;
	}
	if (!path)
		path = CONTROL;
	if (control_open(path, verbs) < 0)
		log_warn("no control socket %s, inetctl will not work", path);
}

static int start_pidfile(void)
{
	const char *path = options.pidfile;
	pid_t other;

	if (!path && !options.foreground)
		path = PIDFILE;
	if (!path || !daemon_pidfile_open(path, &other))
		return 0;
	if (errno == EEXIST)
		log_errx("already running as process %d (%s)", (int)other, path);
	else
		log_err("cannot write the pid file %s", path);
	return -1;
}

static int start_services(void)
{
	struct reconcile_result result;
	struct config *config = load();

	if (!config)
		return EXIT_CANNOT_START;
	if (!options.foreground) /* the log is not where the caller looks */
		diag_print(&config->diag, stderr);
	log_diag(config);
	if (is_hopeless(config)) {
		log_errx("%s", config->file_count ? "every entry is in error, nothing to serve"
						  : "no configuration could be read");
		return EXIT_USAGE;
	}
	if (reconcile_apply(config, &result) < 0) {
		log_err("cannot serve");
		return EXIT_CANNOT_START;
	}
	generation++;
	log_notice("started: %u services, %u sockets opened, %u not open yet", result.services,
		result.opened, result.failed);
	setproctitle("%u services", result.services);
	notify_ready(result.services);
	return 0;
}

static int start_loop(void)
{
	sigset_t set;

	sigemptyset(&set);
	for (const int *sig = (const int[]){SIGHUP, SIGTERM, SIGINT, SIGUSR1, SIGUSR2, SIGCHLD, 0};
		*sig; sig++)
		sigaddset(&set, *sig);
	return loop_open(&set, signalled);
}

static void start_log(void)
{
	/* In the foreground without a log daemon (a container), stderr is what is left. */
	bool to_stderr = options.log_stderr || (options.foreground && access("/dev/log", W_OK) < 0);

	log_open("inetd", to_stderr ? LOG_SINK_STDERR : LOG_SINK_SYSLOG,
		options.debug ? LOG_DEBUG : LOG_INFO);
}

/* Returns 0 or the exit code. */
static int start(char *const *environment)
{
	struct rlimit nofile;
	bool raised;

	if (!options.foreground && daemon_background() < 0) {
		log_err("cannot go to the background");
		return EXIT_CANNOT_START;
	}
	if (start_pidfile() < 0)
		return EXIT_CANNOT_START;
	if (start_loop() < 0) {
		log_err("cannot wait for events");
		return EXIT_CANNOT_START;
	}
	if (!options.debug && chdir("/") < 0)
		log_warn("cannot change to the root directory");
	raised = daemon_raise_nofile(&nofile);
	plan_init(
		environment, options.keep_environment, &nofile, raised, options.debug ? "/" : NULL);
	spawn_init();
	loop_before_wait = spawn_settle;
	program_log_all = options.log_all || options.debug;
	start_log();
	dispatch_open();
	listener_ready = dispatch_ready;
	listener_opened = worker_sync_socket;
	listener_closing = worker_drop_socket;
	resolve_init(reconcile_again);
	worker_init(find_program("inetd-worker"), dispatch_mux);
	if (options.resolve)
		plan_resolve(find_program("inetd-wrap"));
	addrwatch_open(address_appeared);
	start_control();
	return start_services();
}

static void stop(void)
{
	control_close();
	addrwatch_close();
	reconcile_close();
	worker_stop();
	dispatch_close();
	loop_close();
	daemon_pidfile_remove();
	log_close();
}

static bool wrappers_are_there(void)
{
	if (!options.wrap_programs && !options.wrap_builtins)
		return true;
	log_errx("-%c needs the tcp wrappers helper, which this build does not have; name "
		 "/usr/sbin/tcpd as the server instead",
		options.wrap_programs ? 'w' : 'W');
	return false;
}

int main(int argc, char **argv)
{
	int status;

	daemon_clean_start();
	notify_init();
	status = options_parse(&options, argc, argv);
	if (status >= 0)
		return status;
	setproctitle_init(argc, argv, environ);
	umask(022);
	if (options.check)
		return check();
	if (!wrappers_are_there())
		return EXIT_CANNOT_START;
	status = start(environ);
	if (!status) {
		daemon_ready();
		if (loop_run() < 0) {
			log_err("cannot wait for events");
			status = EXIT_CANNOT_START;
		}
	}
	stop();
	return status;
}
