/* lingering_close: see lingering_close.h. */
#include "run/program/lingering_close.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/param.h>
#include <sys/resource.h>

#include "base/container_of.h"
#include "base/fdutil.h"
#include "base/loop.h"
#include "run/program/connection_holder.h"

/* One in so many descriptors is kept at most. */
#define SHARE    4
#define MOST     4096
#define FIRST_MS 10 /* to the second look at what a program has left; then twice as long */

struct lingering_close {
	int fd; /* owned */
	pid_t program;
	pid_t since; /* the newest process number when it got the connection; 0: its own */
	uint32_t limit_ms, delay_ms;
	uint64_t until_ms;  /* when we let go of what others hold */
	struct timer timer; /* runs while somebody does */
};

void (*lingering_close_drain)(int fd, uint32_t limit_ms);
static unsigned count, most;

void lingering_close_open(void)
{
	struct rlimit limit;

	most = getrlimit(RLIMIT_NOFILE, &limit) < 0
		       ? 0
		       : (unsigned)MIN(limit.rlim_cur / SHARE, (rlim_t)MOST);
	connection_holder_open();
}

struct lingering_close *lingering_close_new(int fd, uint32_t limit_ms)
{
	struct lingering_close *linger;

	if (!limit_ms || count >= most)
		return NULL;
	linger = calloc(1, sizeof(*linger));
	if (!linger)
		return NULL;
	count++;
	linger->limit_ms = limit_ms;
	linger->fd = fcntl(fd, F_DUPFD_CLOEXEC, FD_LOW);
	if (linger->fd >= 0)
		return linger;
	lingering_close_free(linger);
	return NULL;
}

int lingering_close_fd(const struct lingering_close *linger, uint32_t *limit_ms)
{
	if (!linger)
		return -1;
	*limit_ms = linger->limit_ms;
	return linger->fd;
}

struct lingering_close *lingering_close_resume(int fd, uint32_t limit_ms)
{
	struct lingering_close *linger = fd < 0 ? NULL : calloc(1, sizeof(*linger));

	if (!linger) {
		fd_close(&fd);
		return NULL;
	}
	count++;
	linger->fd = fd;
	linger->limit_ms = limit_ms;
	return linger;
}

void lingering_close_free(struct lingering_close *linger)
{
	if (!linger)
		return;
	loop_untimer(&linger->timer);
	fd_close(&linger->fd);
	free(linger);
	count--;
}

static bool has_unread_input(const struct lingering_close *linger)
{
	int bytes = 0;

	return !ioctl(linger->fd, FIONREAD, &bytes) && bytes > 0;
}

static void look(struct timer *timer)
{
	struct lingering_close *linger = container_of(timer, struct lingering_close, timer);
	bool unread = has_unread_input(linger);
	bool held = unread && connection_is_held(linger->fd, linger->program, linger->since);
	uint64_t now_ms = loop_now_ms();

	if (held && now_ms < linger->until_ms) {
		loop_timer(timer, MIN(linger->delay_ms, linger->until_ms - now_ms));
		linger->delay_ms *= 2;
		return;
	}
	if (unread && !held) {
		lingering_close_drain(linger->fd, linger->limit_ms);
		linger->fd = -1;
	}
	lingering_close_free(linger);
}

void lingering_close_of_spare(struct lingering_close *linger)
{
	if (linger)
		linger->since = connection_holder_newest();
}

void lingering_close_end(struct lingering_close *linger, pid_t program)
{
	if (!linger)
		return;
	linger->program = program;
	if (linger->since <= 0)
		linger->since = program;
	linger->delay_ms = FIRST_MS;
	linger->until_ms = loop_now_ms() + linger->limit_ms;
	linger->timer.fired = look;
	look(&linger->timer);
}
