/* notify: see notify.h. */
#include "control/notify.h"

#include <limits.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/decimal.h"
#include "base/fdutil.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/path.h"

#define EXTEND_EVERY_MS 10000
#define EXTEND_MS       60000

static struct sockaddr_un manager;
static socklen_t manager_len; /* 0 = nobody to tell */
static bool refused;          /* its path, which has not been logged yet */

static void feed_watchdog(struct timer *timer);
static struct timer watchdog = {.fired = feed_watchdog};
static uint64_t watchdog_ms; /* we are killed after so long a silence; 0 = never */
static pid_t watchdog_pid;   /* who is meant, 0 = whoever reads it */

/* A number of the environment that programs must not see. Returns 0 when there is none. */
static uint64_t take_number(const char *name, long long max)
{
	const char *text = getenv(name), *error = NULL;
	long long number = text ? strtonum(text, 1, max, &error) : 0;

	unsetenv(name);
	return error ? 0 : (uint64_t)number;
}

void notify_init(void)
{
	const char *path = getenv("NOTIFY_SOCKET");

	if (path && path[0] == '/' && !path_is_own(path)) {
		refused = true;
	} else if (path && (path[0] == '/' || path[0] == '@') &&
		   strlen(path) < sizeof(manager.sun_path)) {
		manager.sun_family = AF_UNIX;
		strlcpy(manager.sun_path, path, sizeof(manager.sun_path));
		manager_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path) +
					  (path[0] == '/'));
		if (path[0] == '@')
			manager.sun_path[0] = 0;
	}
	unsetenv("NOTIFY_SOCKET");
	watchdog_ms = take_number("WATCHDOG_USEC", LLONG_MAX) / 1000;
	watchdog_pid = (pid_t)take_number("WATCHDOG_PID", INT_MAX);
}

static int put_number(const char *name, uint64_t number)
{
	char digits[DECIMAL_BYTES];

	return number ? setenv(name, decimal_text(number, digits), 1) : 0;
}

int notify_export(void)
{
	char path[sizeof(manager.sun_path) + 1];

	if (!manager_len)
		return 0;
	strlcpy(path, manager.sun_path, sizeof(path));
	if (!*manager.sun_path) {
		size_t len = manager_len - offsetof(struct sockaddr_un, sun_path);

		snprintf(path, sizeof(path), "@%.*s", (int)len - 1, manager.sun_path + 1);
	}
	return setenv("NOTIFY_SOCKET", path, 1) < 0 ||
			       put_number("WATCHDOG_USEC", watchdog_ms * 1000) < 0 ||
			       put_number("WATCHDOG_PID", (uint64_t)watchdog_pid) < 0
		       ? -1
		       : 0;
}

static void send_state(const char *text)
{
	int fd;

	if (!manager_len)
		return;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || sendto(fd, text, strlen(text), MSG_NOSIGNAL, (struct sockaddr *)&manager,
			      manager_len) < 0)
		log_warn("cannot notify the service manager");
	fd_close(&fd);
}

/* Twice as often as it has to be. It comes from the loop: a daemon that is stuck is silent. */
static void feed_watchdog(struct timer *timer)
{
	send_state("WATCHDOG=1\n");
	loop_timer(timer, watchdog_ms / 2);
}

static bool is_watched(void)
{
	return manager_len && watchdog_ms && (!watchdog_pid || watchdog_pid == getpid());
}

static void start_watchdog(void)
{
	if (is_watched() && !loop_timer_running(&watchdog))
		feed_watchdog(&watchdog);
}

void notify_alive(void)
{
	if (is_watched())
		send_state("WATCHDOG=1\n");
}

void notify_ready(unsigned services, unsigned config_errors)
{
	char text[160], errors[64] = "";

	if (refused)
		log_warnx("NOTIFY_SOCKET is not used, as others can replace it or keep us waiting "
			  "for it: the service manager is told nothing");
	refused = false;
	if (config_errors)
		snprintf(errors, sizeof(errors), ", %u error%s in the configuration", config_errors,
			decimal_plural(config_errors));
	snprintf(text, sizeof(text), "READY=1\nMAINPID=%d\nSTATUS=Serving %u service%s%s\n",
		(int)getpid(), services, decimal_plural(services), errors);
	send_state(text);
	start_watchdog();
}

void notify_reloading(void)
{
	struct timespec now;
	char text[96];

	clock_gettime(CLOCK_MONOTONIC, &now);
	snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%llu\n",
		(unsigned long long)now.tv_sec * 1000000 + (unsigned long long)now.tv_nsec / 1000);
	send_state(text);
}

void notify_stopping(void)
{
	send_state("STOPPING=1\n");
}

void notify_draining(void)
{
	static uint64_t next_ms;
	char text[64];

	if (loop_now_ms() < next_ms)
		return;
	next_ms = loop_now_ms() + EXTEND_EVERY_MS;
	snprintf(text, sizeof(text), "EXTEND_TIMEOUT_USEC=%d\n", EXTEND_MS * 1000);
	send_state(text);
}
