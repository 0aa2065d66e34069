/* main: the internet super-server. Start order, reload and shutdown; the only place that exits.
 * Start is a b c d, stop is d c b a: see start() and stop(). */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/footprint.h"
#include "base/large.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/patience.h"
#include "base/slice.h"
#include "base/title.h"
#include "control/configure.h"
#include "control/control.h"
#include "control/daemon.h"
#include "control/daemon_state.h"
#include "control/events.h"
#include "control/installed.h"
#include "control/machine.h"
#include "control/notify.h"
#include "control/pid_file.h"
#include "control/predecessor.h"
#include "control/stats.h"
#include "control/upgrade.h"
#include "control/verbs.h"
#include "options.h"
#include "run/accept/admission.h"
#include "run/accept/dispatch.h"
#include "run/accept/waiting.h"
#include "run/accept/wrapcheck.h"
#include "run/cage/features.h"
#include "run/process/child.h"
#include "run/process/closer.h"
#include "run/process/log_files.h"
#include "run/process/spawn.h"
#include "run/process/worker_uid.h"
#include "run/program/child_stderr.h"
#include "run/program/environment.h"
#include "run/program/program.h"
#include "run/program/spare.h"
#include "run/reload/addrwatch.h"
#include "run/reload/name_helper.h"
#include "run/reload/reconcile.h"
#include "run/reload/resolve.h"
#include "run/reload/users.h"
#include "run/service/passed_socket.h"
#include "run/service/rpc_registrar.h"
#include "run/worker/worker_link.h"
#include "wiring.h"

#define PIDFILE         "/run/inetd.pid"
#define CONTROL         "/run/inetd.sock"
#define PIDFILE_WAIT_MS 1000
#define LAST_WORDS_MS   5000 /* from TERM to KILL for what runs when process 1 stops */

#ifdef HAVE_LIBWRAP
#define HAVE_WRAPPERS true
#else
#define HAVE_WRAPPERS false
#endif

enum { EXIT_CANNOT_START = 1, EXIT_USAGE = 2 };

static struct options options;
static enum upgrade_role role;

/* --- signals and events from below --- */

static void kill_the_rest(struct timer *timer)
{
	(void)timer;
	program_signal_all(SIGKILL);
	loop_stop();
}

/* Programs live on when we stop, as a restart must not interrupt sessions. With stop_children, and
 * as process 1, with which all others end, they can end in order: TERM, then KILL. */
static void stop_asked(int sig)
{
	static struct timer last_words = {.fired = kill_the_rest};
	bool end_programs =
		getpid() == 1 || (reconcile_config() && reconcile_config()->daemon.stop_children);

	if (loop_timer_running(&last_words)) /* they are ending already */
		return;
	configure_stop();
	slice_finish();
	upgrade_stop();
	log_notice("stopping: got %s", strsignal(sig));
	notify_stopping();
	if (!end_programs || !program_count()) {
		loop_stop();
		return;
	}
	reconcile_close();
	program_none_left = loop_stop;
	program_signal_all(SIGTERM);
	program_signal_all(SIGCONT);
	loop_timer(&last_words, LAST_WORDS_MS);
}

static void start_control(void);

static void signalled(const struct signalfd_siginfo *info)
{
	switch (info->ssi_signo) {
	case SIGCHLD:
		child_reap();
		break;
	case SIGHUP:
		if (!control_is_open()) /* it may be a mistake of the machine that is mended */
			start_control();
		configure_reload_later();
		break;
	case SIGTERM:
	case SIGINT:
		stop_asked((int)info->ssi_signo);
		break;
	case SIGUSR1:
		stats_log();
		break;
	case SIGUSR2:
		upgrade_start();
		break;
	default:
		break;
	}
}

/* --- start and stop --- */

static void start_control(void)
{
	static char own[PATH_MAX] LARGE;
	const char *path = options.control, *dir = getenv("XDG_RUNTIME_DIR");

	if (!path && geteuid() != 0) {
		if (!dir)
			return;
		snprintf(own, sizeof(own), "%s/inetd.sock", dir);
		path = own;
	}
	if (!path)
		path = CONTROL;
	if (role == UPGRADE_TAKE_UP && control_resume(path, control_verbs) == 0)
		return;
	if (control_open(path, control_verbs) < 0)
		log_warn("no control socket %s, inetctl will not work", path);
}

/* Returns -1 where that is a reason not to start. */
static int pidfile_failed(const char *path, pid_t other)
{
	if (errno == EEXIST) {
		log_errx("already running as process %d (%s)", (int)other, path);
		return -1;
	}
	if (errno == ENOTUNIQ)
		log_errx("the pid file %s holds something else than a number, and is left as it is",
			path);
	else if (errno == EXDEV)
		log_errx("the pid file %s is refused: others can replace it or keep us waiting for "
			 "it, or it is no regular file of ours; -p names another",
			path);
	else
		log_err("cannot write the pid file %s", path);
	/* The default one is root's. */
	return options.pidfile || geteuid() == 0 ? -1 : 0;
}

/* After an upgrade nothing ends for it. */
static int start_pidfile(void)
{
	const char *path = options.pidfile;
	bool taken = role == UPGRADE_TAKE_UP;
	pid_t other;

	if (!path && !options.foreground && !options.no_pidfile)
		path = PIDFILE;
	if (!path || (taken && daemon_state_pid_file(path) == 0))
		return 0;
	while (pid_file_open(path, PIDFILE_WAIT_MS, &other) < 0)
		if (!patience_lasts())
			return pidfile_failed(path, other) && !taken ? -1 : 0;
	return 0;
}

static int start_loop(void)
{
	sigset_t set;

	sigemptyset(&set);
	for (const int *sig = (const int[]){SIGHUP, SIGTERM, SIGINT, SIGUSR1, SIGUSR2, SIGCHLD, 0};
		*sig; sig++)
		sigaddset(&set, *sig);
	while (loop_open(&set, signalled) < 0)
		if (!patience_insists())
			return -1;
	return 0;
}

static void start_log(void)
{
	/* In the foreground without a log daemon (a container), stderr is what is left. */
	bool to_stderr = options.log_stderr || (options.foreground && access("/dev/log", W_OK) < 0);

	log_open("inetd", to_stderr ? LOG_SINK_STDERR : LOG_SINK_SYSTEM,
		options.debug ? LOG_DEBUG : LOG_INFO);
}

/* -l means tcp wrappers for programs on Debian. */
static void start_wrappers(void)
{
	const char *path = installed_find("inetd-wrap");
	bool programs = options.wrap_programs || (options.log_all && HAVE_WRAPPERS);

	if (options.log_all && !HAVE_WRAPPERS)
		log_warnx("-l: there is no tcp wrappers helper here: connections are logged, but "
			  "hosts.allow and hosts.deny are not asked");
	plan_on_demand(installed_find("services/ondemand"));
	plan_wrap(path, options.resolve, programs);
	if (options.wrap_builtins)
		wrapcheck_init(path);
}

/* What the daemon has left that was in our place goes on. */
static void take_up(void)
{
	daemon_state_finish(reconcile_config(), upgrade_serves_all(reconcile_config()));
	role = UPGRADE_NONE;
	child_reap(); /* what has ended meanwhile */
	upgrade_done();
}

static const struct worker_calls worker_calls = {
	.wants = dispatch_mux, .headed = waiting_headed, .unread = waiting_again};

/* Returns 0 or the exit code. */
static int start(char *const *environment)
{
	struct rlimit nofile;
	bool raised;
	int status;

	if (!options.foreground && role == UPGRADE_NONE && daemon_background() < 0) {
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
	if (role == UPGRADE_TAKE_UP) {
		daemon_state_nofile(&nofile);
		raised |= nofile.rlim_cur != nofile.rlim_max;
	}
	environment_init(environment);
	plan_init(&nofile, raised, options.debug ? "/" : NULL);
	spawn_init();
	wiring_connect();
	if (role != UPGRADE_TAKE_UP)
		start_log();
	log_gather(true);
	log_files_open();
	child_stderr_open();
	spare_init(installed_find("inetd-warm.so"), admission_has_room);
	dispatch_open();
	waiting_open();
	resolve_init(reconcile_again);
	worker_init(installed_find("inetd-worker"), &worker_calls);
	start_wrappers();
	rpc_registrar_init(RPC_BUILT_IN ? installed_find("inetd-rpc") : NULL);
	addrwatch_open(wiring_addresses_changed);
	users_open(wiring_user_appeared);
	events_open();
	machine_init();
	upgrade_init(options.conf.directory, options.debug ? NULL : "/");
	start_control();
	if (role == UPGRADE_TAKE_UP)
		daemon_state_begin();
	worker_uid_begin(name_helper_ask);
	/* As a daemon the log is not where the caller looks. */
	status = configure_start(options.foreground ? NULL : stderr,
		role == UPGRADE_TAKE_UP ? upgrade_serves_all : NULL);
	name_helper_begin(true);
	worker_uid_end(service_state_uses_id);
	name_helper_end(false);
	if (!status && role == UPGRADE_TAKE_UP)
		take_up();
	else if (!status)
		predecessor_note();
	return status;
}

static void stop(void)
{
	slice_finish();
	control_close();
	events_close();
	users_close();
	addrwatch_close();
	rpc_registrar_stop();
	reconcile_close();
	worker_stop();
	waiting_close();
	wrapcheck_close();
	dispatch_close();
	spare_close();
	closer_stop();
	stderr_log_close();
	child_stderr_close();
	log_files_close();
	loop_close();
	pid_file_remove();
	log_gather(false);
	log_close();
}

static bool wrappers_are_there(void)
{
	if (HAVE_WRAPPERS || (!options.wrap_programs && !options.wrap_builtins))
		return true;
	log_errx("-%c needs the tcp wrappers helper, which this build does not have; name "
		 "/usr/sbin/tcpd as the server instead",
		options.wrap_programs ? 'w' : 'W');
	return false;
}

/* What has been told to the daemon before us, or is inherited, in our place. Returns 0 or the exit
 * code. */
static int prepare(int state)
{
	const char *why;

	if (role != UPGRADE_TAKE_UP) {
		passed_socket_begin();
		return 0;
	}
	start_log(); /* nobody looks at the standard error of then */
	why = daemon_state_read(state);
	if (!why)
		return 0;
	log_errx("the state of the daemon before: %s", why);
	return EXIT_CANNOT_START;
}

int main(int argc, char **argv)
{
	int status, state;

	daemon_clean_start();
	/* Before anybody keeps a pointer to an argument, or takes one away: the title will stand in
	 * the place of all of them. */
	title_init(argc, argv);
	role = upgrade_arguments(&argc, argv, &state);
	notify_init();
	status = options_parse(&options, argc, argv);
	if (status >= 0)
		return status;
	umask(022);
	if (!options.check)
		daemon_own_keyring();
	options.conf.features = features_find;
	options.conf.services = installed_services();
	options.conf.without_rpc = !RPC_BUILT_IN;
	configure_init(&options.conf, options.debug);
	if (options.check)
		return configure_check(stderr);
	options.conf.own_paths = true;
	options.conf.features = features_find_soon;
	if (!wrappers_are_there())
		return EXIT_CANNOT_START;
	if (role == UPGRADE_TRIAL)
		return upgrade_trial(state);
	status = prepare(state);
	if (status)
		return EXIT_CANNOT_START;
	status = start(environ);
	if (!status) {
		daemon_ready();
		if (!options.debug) /* there may be breakpoints */
			footprint_shrink_soon();
		if (loop_run() < 0) {
			log_err("cannot wait for events");
			status = EXIT_CANNOT_START;
		}
	}
	stop();
	return status;
}
