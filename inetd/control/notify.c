/* notify: see notify.h. */
#include "control/notify.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/decimal.h"
#include "base/fdutil.h"
#include "base/log.h"
#include "base/loop.h"

#define EXTEND_EVERY_MS 10000
#define EXTEND_MS       60000

static struct sockaddr_un manager;
static socklen_t manager_len; /* 0 = nobody to tell */

void notify_init(void)
{
	const char *path = getenv("NOTIFY_SOCKET");

	if (path && (path[0] == '/' || path[0] == '@') && strlen(path) < sizeof(manager.sun_path)) {
		manager.sun_family = AF_UNIX;
		strlcpy(manager.sun_path, path, sizeof(manager.sun_path));
		manager_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path) +
					  (path[0] == '/'));
		if (path[0] == '@')
			manager.sun_path[0] = 0;
	}
	unsetenv("NOTIFY_SOCKET");
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

void notify_ready(unsigned services, unsigned config_errors)
{
	char text[160], errors[64] = "";

	if (config_errors)
		snprintf(errors, sizeof(errors), ", %u error%s in the configuration", config_errors,
			decimal_plural(config_errors));
	snprintf(text, sizeof(text), "READY=1\nMAINPID=%d\nSTATUS=Serving %u service%s%s\n",
		(int)getpid(), services, decimal_plural(services), errors);
	send_state(text);
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
