/* upgrade: see upgrade.h. */
#include "control/upgrade.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fdutil.h"
#include "base/handover.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/path.h"
#include "base/patience.h"
#include "base/slice.h"
#include "config/text/map.h"
#include "control/configure.h"
#include "control/control.h"
#include "control/daemon_state.h"
#include "control/installed.h"
#include "control/notify.h"
#include "control/trial.h"
#include "run/accept/delayed_close.h"
#include "run/process/closer.h"
#include "run/process/spawn.h"
#include "run/program/stderr_log.h"
#include "run/reload/known_names.h"
#include "run/worker/worker_link.h"

#define OPTION_TRIAL   "--trial-upgrade="
#define OPTION_TAKE_UP "--take-up-state="
#define QUIET_MS       6000 /* for a moment in which nobody is half-way */
#define LOOK_MS        5

static void look(struct timer *timer);
static void hand_over(struct slice *slice);
static void start(struct timer *timer);

static struct {
	const char *path; /* of our program */
	char **argv;      /* as we were started, NULL-terminated; owned */
	const char *started_in, *now_in;
	bool busy, stopping;
	uint64_t until_ms;
	struct timer timer, start;
	struct slice slice;
	struct stat tried; /* the file of which the trial was */
} upgrade = {.timer = {.fired = look}, .start = {.fired = start}, .slice = {.work = hand_over}};

/* --- arguments --- */

/* The descriptor that follows an option, or -1 where it is something else. */
static int state_in(const char *arg, const char *option)
{
	size_t len = strlen(option);
	const char *error = NULL;
	int fd = strncmp(arg, option, len) != 0
			 ? -1
			 : (int)strtonum(arg + len, STDERR_FILENO + 1, INT_MAX, &error);

	return error ? -1 : fd;
}

/* All of them, or none: the next program is not to be started with a part. */
static char **copy_arguments(int argc, char **argv)
{
	char **copy = patience_calloc((size_t)argc + 1, sizeof(*copy));

	for (int i = 0; copy && i < argc; i++) {
		do
			copy[i] = strdup(argv[i]);
		while (!copy[i] && patience_lasts());
		if (copy[i])
			continue;
		while (i > 0)
			free(copy[--i]);
		free(copy);
		copy = NULL;
	}
	return copy;
}

/* Told less and less often. */
static void meanwhile(unsigned pauses)
{
	int err = errno;

	notify_alive();
	if (!(pauses & (pauses - 1)))
		log_warnx("upgrade: will retry: %s",
			err ? strerror(err) : "errors in the configuration end services");
}

enum upgrade_role upgrade_arguments(int *argc, char **argv, int *state)
{
	enum upgrade_role role = UPGRADE_NONE;

	*state = *argc > 1 ? state_in(argv[1], OPTION_TRIAL) : -1;
	if (*state >= 0)
		role = UPGRADE_TRIAL;
	else if (*argc > 1 && (*state = state_in(argv[1], OPTION_TAKE_UP)) >= 0)
		role = UPGRADE_TAKE_UP;
	if (role == UPGRADE_TAKE_UP)
		patience_begin(meanwhile);

	if (role != UPGRADE_NONE) { /* it stays behind the NULL, as the memory is nobody's */
		char *option = argv[1];

		memmove(argv + 1, argv + 2, (size_t)(*argc - 1) * sizeof(*argv));
		argv[*argc] = option;
		--*argc;
	}
	upgrade.path = installed_self();
	upgrade.argv = copy_arguments(*argc, argv);
	return role;
}

void upgrade_init(const char *started_in, const char *now_in)
{
	upgrade.started_in = started_in;
	upgrade.now_in = now_in;
}

/* The arguments with an option before them; NULL without memory. The array is the caller's. */
static char **arguments(const char *option, int state)
{
	static char text[32];
	size_t count = 0;
	char **argv;

	while (upgrade.argv && upgrade.argv[count])
		count++;
	argv = count ? calloc(count + 2, sizeof(*argv)) : NULL;
	if (!argv)
		return NULL;
	argv[0] = upgrade.argv[0];
	snprintf(text, sizeof(text), "%s%d", option, state);
	argv[1] = text;
	memcpy(argv + 2, upgrade.argv + 1, (count - 1) * sizeof(*argv));
	return argv;
}

/* --- the end of an attempt --- */

__attribute__((format(printf, 1, 2))) static void refuse(const char *format, ...)
{
	char text[500], line[560];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	upgrade.busy = false;
	log_errx("upgrade: everything stays as it was: %s", text);
	snprintf(line, sizeof(line), "upgrade: everything stays as it was: %s\n", text);
	control_answer(CONFIGURE_FAILED, line);
}

/* --- the other program takes our place --- */

/* What nobody can take over is brought to its end. */
static void finish_what_is_ours(void)
{
	delayed_close_release();
	stderr_log_tell_omitted();
	closer_stop();
	log_flush();
}

/* What is executed is what was tried: not a file that has come since. */
static bool is_still_there(void)
{
	struct stat st;

	return !stat(upgrade.path, &st) && st.st_dev == upgrade.tried.st_dev &&
	       st.st_ino == upgrade.tried.st_ino && st.st_size == upgrade.tried.st_size &&
	       st.st_ctim.tv_sec == upgrade.tried.st_ctim.tv_sec &&
	       st.st_ctim.tv_nsec == upgrade.tried.st_ctim.tv_nsec;
}

static void execute(int state)
{
	char **argv = arguments(OPTION_TAKE_UP, state);

	if (!argv) {
		refuse("not enough memory");
		return;
	}
	if (chdir(upgrade.started_in) < 0) {
		refuse("cannot go back to %s: %s", upgrade.started_in, strerror(errno));
		return;
	}
	notify_reloading();
	if (notify_export() == 0 && handover_pass(state, true) == 0)
		execve(upgrade.path, argv, environ);
	refuse("cannot execute %s: %s", upgrade.path, strerror(errno));
	handover_pass(state, false);
	notify_init();
	configure_ready();
	if (upgrade.now_in && chdir(upgrade.now_in) < 0)
		log_warn("cannot change to %s", upgrade.now_in);
	free(argv);
}

/* Children on their way to their exec report to this program, and who takes an answer is to have
 * all of it. */
static bool is_quiet(void)
{
	return spawn_wait_all() && control_is_quiet() && worker_is_quiet();
}

/* No other work is half done then. */
static void hand_over(struct slice *slice)
{
	int state;

	(void)slice;
	if (upgrade.stopping) {
		refuse("the daemon is stopping");
		return;
	}
	if (!is_still_there()) {
		refuse("%s is another file than the one that was tried; try again", upgrade.path);
		return;
	}
	if (!is_quiet() && loop_now_ms() < upgrade.until_ms) { /* it was when this was asked for */
		loop_timer(&upgrade.timer, LOOK_MS);
		return;
	}
	finish_what_is_ours();
	state = daemon_state_write();
	if (state < 0)
		refuse("cannot write down the state: %s", strerror(errno));
	else
		execute(state);
	fd_close(&state);
}

static void look(struct timer *timer)
{
	if (upgrade.stopping)
		refuse("the daemon is stopping");
	else if (is_quiet() || loop_now_ms() >= upgrade.until_ms)
		slice_start(&upgrade.slice);
	else
		loop_timer(timer, LOOK_MS);
}

/* --- the trial --- */

static void trial_over(const char *why)
{
	if (why) {
		refuse("%s", why);
		return;
	}
	upgrade.until_ms = loop_now_ms() + QUIET_MS;
	loop_timer(&upgrade.timer, 0); /* after whatever else has come */
}

/* Whose file it is then nobody knows, nor whether it answers. */
static bool may_be_others(void)
{
	char reason[PATH_MAX + 64];
	struct path_stranger stranger;

	if (!path_find_stranger(upgrade.path, geteuid(), false, &stranger) ||
		stranger.gid != (gid_t)-1)
		return false;
	path_stranger_text(upgrade.path, &stranger, reason, sizeof(reason));
	refuse("%s can be replaced by others: %s", upgrade.path, reason);
	return true;
}

static void start(struct timer *timer)
{
	char **argv;

	(void)timer;
	if (upgrade.stopping) {
		refuse("the daemon is stopping");
		return;
	}
	if (may_be_others())
		return;
	log_info("upgrade: trying %s", upgrade.path);
	argv = arguments(OPTION_TRIAL, TRIAL_STATE_FD);
	if (!argv || stat(upgrade.path, &upgrade.tried) < 0) {
		refuse("cannot try %s: %s", upgrade.path, strerror(errno));
		free(argv);
	} else if (trial_start(upgrade.path, argv, upgrade.started_in, trial_over) < 0) {
		refuse("cannot try %s: %s", upgrade.path, strerror(errno));
	}
}

bool upgrade_start(void)
{
	if (upgrade.busy)
		return false;
	upgrade.busy = true;
	loop_timer(&upgrade.start, 0); /* when whoever asks is ready to hear the answer */
	return true;
}

int upgrade_verb(FILE *out, const char *arg)
{
	(void)arg;
	if (upgrade_start())
		return CONTROL_LATER;
	fprintf(out, "upgrade: another one is under way\n");
	return CONFIGURE_FAILED;
}

void upgrade_stop(void)
{
	upgrade.stopping = true;
}

void upgrade_done(void)
{
	patience_end();
	control_answer(
		0, "upgraded to inetd " INETD_VERSION ", which has everything from before\n");
}

/* --- in the trial --- */

static char unserved[128]; /* the label of the first */

static bool is_served(const char *label, void *arg)
{
	if (map_get(arg, label, strlen(label)))
		return true;
	if (!*unserved)
		strlcpy(unserved, label, sizeof(unserved));
	log_mask(unserved);
	return false;
}

bool upgrade_serves_all(const struct config *config)
{
	struct arena arena;
	struct map labels;
	bool all = true;

	if (!config->diag.errors)
		return true;
	*unserved = 0;
	arena_init(&arena);
	map_init(&labels, &arena);
	for (size_t i = 0; all && i < config->service_count; i++) {
		const char *label = config->services[i]->label;
		void **slot = map_slot(&labels, label, strlen(label));

		if (slot)
			*slot = config->services[i];
		else
			all = false;
	}
	all = all && daemon_state_each_label(is_served, &labels);
	arena_free(&arena);
	return all;
}

int upgrade_trial(int state)
{
	const char *why = daemon_state_check(state);
	struct config *config;
	bool good;

	if (why) {
		printf("the state: %s\n", why);
		return CONFIGURE_FAILED;
	}
	known_names_get_all();
	config = configure_load();
	if (!config)
		printf("the configuration cannot be read\n");
	good = config && upgrade_serves_all(config);
	if (config && !good)
		printf("%s would not be served any more because of errors in the configuration\n",
			*unserved ? unserved : "a service");
	if (good)
		puts(TRIAL_GOOD);
	config_unref(config);
	return good ? 0 : CONFIGURE_BAD;
}
