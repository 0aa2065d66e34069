/* lingering_close: see lingering_close.h. */
#include "run/program/lingering_close.h"

#include <fcntl.h>
#include <linux/sock_diag.h>
#include <sys/param.h>
#include <sys/socket.h>

#include "base/container_of.h"
#include "base/fdutil.h"
#include "base/loop.h"
#include "base/patience.h"
#include "run/process/closer.h"
#include "run/program/connection_holder.h"
#include "run/service/kept.h"

#define FIRST_MS 10 /* to the second look at what a program has left; then twice as long */

struct lingering_close {
	int fd; /* owned; -1: others have it now */
	struct share_who who;
	struct share_hold kept;
	pid_t program;
	pid_t since; /* the newest process number when it got the connection; 0: its own */
	uint32_t limit_ms, delay_ms;
	uint64_t until_ms;  /* when we let go of what others hold */
	struct timer timer; /* runs while somebody does */
};

void (*lingering_close_drain)(const struct share_who *who, int fd, uint32_t limit_ms);

void lingering_close_open(void)
{
	connection_holder_open();
}

/* The connection is closed as ever, by its program. */
static void give_way(struct share_hold *hold)
{
	closer_close_used(&container_of(hold, struct lingering_close, kept)->fd);
}

/* Without its copy. NULL where none may be kept. */
static struct lingering_close *linger_make(const struct share_who *who, uint32_t limit_ms)
{
	struct lingering_close *linger = patience_calloc(1, sizeof(*linger));

	if (!linger)
		return NULL;
	linger->limit_ms = limit_ms;
	linger->who = *who;
	linger->fd = -1;
	linger->kept.give_way = give_way;
	if (kept_take(&linger->kept, who))
		return linger;
	free(linger);
	return NULL;
}

struct lingering_close *lingering_close_new(const struct share_who *who, int fd, uint32_t limit_ms)
{
	struct lingering_close *linger =
		limit_ms && !closer_is_busy() ? linger_make(who, limit_ms) : NULL;

	if (!linger)
		return NULL;
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

struct lingering_close *lingering_close_resume(
	const struct share_who *who, int fd, uint32_t limit_ms)
{
	struct lingering_close *linger = fd < 0 ? NULL : linger_make(who, limit_ms);

	if (linger)
		linger->fd = fd;
	else
		closer_close_used(&fd);
	return linger;
}

void lingering_close_free(struct lingering_close *linger)
{
	if (!linger)
		return;
	loop_untimer(&linger->timer);
	closer_close_used(&linger->fd);
	share_release(&linger->kept);
	free(linger);
}

/* From the memory that it takes, which is read without the lock of the socket: whoever has it too
 * may hold that for ever (socket(7), SO_MEMINFO; FIONREAD takes the lock). The end of the client's
 * stream may take some as well, of which the worker is soon done. */
static bool has_unread_input(const struct lingering_close *linger)
{
	uint32_t bytes[SK_MEMINFO_VARS] = {0};
	socklen_t len = sizeof(bytes);

	return getsockopt(linger->fd, SOL_SOCKET, SO_MEMINFO, bytes, &len) < 0 ||
	       bytes[SK_MEMINFO_RMEM_ALLOC];
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
		lingering_close_drain(&linger->who, linger->fd, linger->limit_ms);
		linger->fd = -1;
	}
	lingering_close_free(linger);
}

void lingering_close_to_spare(struct lingering_close *linger)
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
