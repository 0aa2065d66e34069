/* closer: see closer.h. Descriptors are gathered for a moment; then a helper is forked and sent
 * them all. The daemon closes its copies first and the helper is told so by the end of the link, in
 * whose queue the descriptors stay: it ends, and they with it. */
#include "run/process/closer.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/param.h>
#include <sys/socket.h>

#include "base/container_of.h"
#include "base/fdutil.h"
#include "base/large.h"
#include "base/log.h"
#include "base/loop.h"
#include "run/process/helper.h"

#ifndef SO_PASSRIGHTS
#define SO_PASSRIGHTS 83
#endif

#define HELPERS_MOST 8
#define BATCH_MOST   200  /* descriptors for one; a message takes 253 */
#define KEPT_MOST    1024 /* that wait for a helper */
#define EVERY_MS     100  /* from one helper to the next */
#define RETRY_MS     1000
#define SETTLED_MS   10 /* until children on their way have their own */
#define LIMIT_S      10

static void send_batch(struct timer *timer);

static int kept_fds[KEPT_MOST] LARGE; /* owned; closer.count of them */

static struct {
	unsigned count, helpers;
	uint64_t last_ms;
	struct timer timer;
} closer = {.timer = {.fired = send_batch}};

bool (*closer_may_close)(void);

static void helper_ended(void)
{
	closer.helpers--;
	if (closer.count && !loop_timer_running(&closer.timer))
		loop_timer(&closer.timer, 0);
}

/* In the helper: nothing is received, which would close it here. */
static void end_with_link(const void *arg, int link)
{
	struct pollfd pollfd = {.fd = link, .events = POLLRDHUP};

	(void)arg;
	while (poll(&pollfd, 1, -1) < 1 || !(pollfd.revents & (POLLHUP | POLLRDHUP | POLLERR)))
		;
}

static int send_all(int link, const int *fds, unsigned count)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(BATCH_MOST * sizeof(int))];
	} control = {0};
	struct iovec iov = {.iov_base = (char[]){0}, .iov_len = 1};
	struct msghdr msg = {.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.room,
		.msg_controllen = CMSG_SPACE(count * sizeof(int))};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(count * sizeof(int));
	memcpy(CMSG_DATA(cmsg), fds, count * sizeof(int));
	return sendmsg(link, &msg, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? -1 : 0;
}

/* Returns how many have gone to a helper. */
static unsigned hand_over(void)
{
	unsigned count = MIN(closer.count, BATCH_MOST);
	int link = helper_run(&(struct helper_job){.work = end_with_link,
		.ended = helper_ended,
		.limit_s = LIMIT_S,
		.want_pipe = true});

	if (link < 0)
		return 0;
	closer.helpers++;
	if (send_all(link, kept_fds, count) < 0)
		count = 0;
	for (unsigned i = 0; i < count; i++)
		fd_close(&kept_fds[i]);
	fd_close(&link);
	closer.count -= count;
	memmove(kept_fds, kept_fds + count, closer.count * sizeof(kept_fds[0]));
	return count;
}

static void send_batch(struct timer *timer)
{
	unsigned sent;

	if (closer_may_close && !closer_may_close()) {
		loop_timer(timer, SETTLED_MS);
		return;
	}
	sent = closer.helpers < HELPERS_MOST ? hand_over() : 0;
	closer.last_ms = loop_now_ms();
	if (closer.count && closer.helpers < HELPERS_MOST)
		loop_timer(timer, sent ? EVERY_MS : RETRY_MS);
}

static void keep(int *fd)
{
	int saved = errno;
	uint64_t age_ms = loop_now_ms() - closer.last_ms;

	if (closer.count == KEPT_MOST && (!closer_may_close || closer_may_close()))
		hand_over();
	if (closer.count == KEPT_MOST) { /* only if nobody asked whether we are busy */
		log_errx("a connection stays open: nothing that closes it");
		*fd = -1;
		return;
	}
	kept_fds[closer.count++] = fd_raise(*fd);
	*fd = -1;
	if (closer.helpers < HELPERS_MOST && closer.count == BATCH_MOST)
		loop_timer(&closer.timer, 0);
	else if (!loop_timer_running(&closer.timer) && closer.helpers < HELPERS_MOST)
		loop_timer(&closer.timer, EVERY_MS - MIN(age_ms, EVERY_MS));
	errno = saved;
}

static bool is_unix(int fd)
{
	int domain = AF_UNSPEC;
	socklen_t len = sizeof(domain);

	return !getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) && domain == AF_UNIX;
}

bool closer_takes_rights(int fd)
{
	int on = 1;
	socklen_t len = sizeof(on);

	return getsockopt(fd, SOL_SOCKET, SO_PASSRIGHTS, &on, &len) < 0 || on;
}

/* Of another kind than unix. */
static bool lingers(int fd)
{
	struct linger wait = {0};
	socklen_t len = sizeof(wait);

	return !getsockopt(fd, SOL_SOCKET, SO_LINGER, &wait, &len) && wait.l_onoff && wait.l_linger;
}

static int int_of(int fd, int option)
{
	int value = 0;
	socklen_t len = sizeof(value);

	return getsockopt(fd, SOL_SOCKET, option, &value, &len) < 0 ? 0 : value;
}

/* A program may have made a connection of it, and may set how long its last close waits between two
 * calls of ours. One of TCP that listens does not wait; nor do datagrams. */
static bool may_wait(int fd)
{
	int type = int_of(fd, SO_TYPE);
	bool listens = int_of(fd, SO_ACCEPTCONN);

	if (is_unix(fd))
		return true;
	if (type == SOCK_DGRAM || (listens && int_of(fd, SO_PROTOCOL) == IPPROTO_TCP))
		return false;
	return (type == SOCK_STREAM && !listens) || lingers(fd);
}

void closer_close_lent(int *fd)
{
	int saved = errno;

	if (*fd >= 0 && may_wait(*fd))
		keep(fd);
	else
		fd_close(fd);
	errno = saved;
}

void closer_close(int *fd)
{
	int saved = errno;

	if (*fd >= 0 && is_unix(*fd) && closer_takes_rights(*fd))
		keep(fd);
	else
		fd_close(fd);
	errno = saved;
}

void closer_close_used(int *fd)
{
	int saved = errno;

	if (*fd >= 0 && !is_unix(*fd) && lingers(*fd))
		keep(fd);
	else
		closer_close(fd);
	errno = saved;
}

void closer_hang_up(int *fd)
{
	int saved = errno;

	if (*fd >= 0 && is_unix(*fd))
		shutdown(*fd, SHUT_RDWR);
	errno = saved;
	closer_close(fd);
}

bool closer_is_busy(void)
{
	return closer.helpers >= HELPERS_MOST && closer.count >= KEPT_MOST / 4;
}

void closer_stop(void)
{
	loop_untimer(&closer.timer);
	while (closer.count && hand_over())
		;
}

void closer_refuse_rights(int fd)
{
	int off = 0;

	setsockopt(fd, SOL_SOCKET, SO_PASSRIGHTS, &off, sizeof(off));
}
