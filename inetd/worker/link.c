/* link: see link.h. Room for every answer that can come is made before a message is read, so that
 * an answer is never lost for lack of memory; while the supervisor does not read, no new messages
 * are taken, so that the queue cannot outgrow the sessions. */
#include "worker/link.h"

#include <err.h>
#include <errno.h>
#include <sys/epoll.h>
#include <sys/param.h>
#include <unistd.h>

#include "base/fdutil.h"
#include "base/loop.h"
#include "base/messages.h"

#define BATCH    32 /* messages of one wake-up */
#define PAUSE_MS 100

struct end {
	uint32_t id;
	struct worker_up *answer; /* owned; NULL: simply over */
};

struct slot {
	struct worker_down msg;
	struct iovec iov;
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
};

static void link_ready(struct watch *watch, uint32_t events);
static void link_flush(struct timer *timer);
static void link_resume(struct timer *timer);

static struct {
	struct watch watch;
	struct timer flush, pause;
	void (*take)(const struct worker_down *msg, int given);
	size_t (*held)(void);
	struct end *ends; /* owned; ends[first] is the oldest of count */
	size_t first, count, room;
	bool blocked; /* the supervisor does not read */
	bool finishing;
} self = {
	.watch = {.ready = link_ready, .fd = -1},
	.flush = {.fired = link_flush},
	.pause = {.fired = link_resume},
};

static struct slot slots[BATCH];
static struct mmsghdr headers[BATCH];

int link_open(int fd, void (*take)(const struct worker_down *msg, int given), size_t (*held)(void))
{
	self.take = take;
	self.held = held;
	self.watch.fd = fd;
	return loop_watch(&self.watch, EPOLLIN);
}

void link_close(void)
{
	for (; self.count; self.count--)
		free(self.ends[self.first++].answer);
	free(self.ends);
	self.ends = NULL;
	self.first = self.room = 0;
}

/* Room for the answers of everything that is open, and of the next batch. */
static int link_reserve(void)
{
	size_t wanted = self.first + self.count + self.held() + BATCH;
	struct end *ends;

	if (self.first && wanted > self.room) {
		memmove(self.ends, self.ends + self.first, self.count * sizeof(*self.ends));
		wanted -= self.first;
		self.first = 0;
	}
	if (wanted <= self.room)
		return 0;
	wanted = MAX(wanted, self.room * 2);
	ends = reallocarray(self.ends, wanted, sizeof(*ends));
	if (!ends)
		return -1;
	self.ends = ends;
	self.room = wanted;
	return 0;
}

static void link_queue(uint32_t id, struct worker_up *answer)
{
	self.ends[self.first + self.count++] = (struct end){.id = id, .answer = answer};
	if (!self.blocked && !loop_timer_running(&self.flush))
		loop_timer(&self.flush, 0);
}

void link_done(uint32_t id)
{
	link_queue(id, NULL);
}

int link_answer(const struct worker_up *up)
{
	struct worker_up *copy = malloc(sizeof(*copy));

	if (!copy)
		return -1;
	*copy = *up;
	link_queue(up->id, copy);
	return 0;
}

void link_finish(void)
{
	self.finishing = true;
	loop_timer(&self.flush, 0);
}

int link_note(const struct worker_up *note)
{
	return fd_send(self.watch.fd, note, sizeof(*note), -1);
}

void link_pong(void)
{
	const struct worker_up pong = {.verb = WORKER_PONG};

	fd_send(self.watch.fd, &pong, offsetof(struct worker_up, ids), -1);
}

/* Sends one message from the head of the queue. Returns how many ends it took, 0 on error. */
static size_t link_send_one(void)
{
	const struct end *end = &self.ends[self.first];
	struct worker_up up = {.verb = WORKER_DONE};
	size_t len = offsetof(struct worker_up, ids);

	if (end->answer)
		return fd_send(self.watch.fd, end->answer, sizeof(*end->answer), -1) < 0 ? 0 : 1;
	while (up.count < MIN(self.count, WORKER_IDS) && !end[up.count].answer) {
		up.ids[up.count] = end[up.count].id;
		up.count++;
	}
	len += up.count * sizeof(up.ids[0]);
	return fd_send(self.watch.fd, &up, len, -1) < 0 ? 0 : up.count;
}

static void link_flush(struct timer *timer)
{
	size_t sent;

	(void)timer;
	while (self.count && (sent = link_send_one()) > 0) {
		free(self.ends[self.first].answer);
		self.first += sent;
		self.count -= sent;
	}
	if (!self.count)
		self.first = 0;
	if (!self.count && self.finishing && !self.held())
		loop_stop();
	if (self.count && errno != EAGAIN && errno != ENOBUFS && errno != ENOMEM)
		loop_stop();
	if (self.blocked == (self.count > 0))
		return;
	self.blocked = self.count > 0;
	if (loop_watch(&self.watch, self.blocked ? EPOLLOUT : EPOLLIN) < 0)
		loop_stop();
}

static void link_resume(struct timer *timer)
{
	(void)timer;
	if (loop_watch(&self.watch, EPOLLIN) < 0)
		loop_stop();
}

static int slot_fd(struct msghdr *hdr)
{
	int fd = -1;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(hdr); c; c = CMSG_NXTHDR(hdr, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS &&
			c->cmsg_len >= CMSG_LEN(sizeof(int)))
			memcpy(&fd, CMSG_DATA(c), sizeof(int));
	return fd;
}

static int link_receive(void)
{
	for (int i = 0; i < BATCH; i++) {
		struct slot *slot = &slots[i];

		slot->iov = (struct iovec){&slot->msg, sizeof(slot->msg)};
		headers[i].msg_hdr = (struct msghdr){.msg_iov = &slot->iov,
			.msg_iovlen = 1,
			.msg_control = slot->control.room,
			.msg_controllen = sizeof(slot->control.room)};
	}
	return messages_receive(self.watch.fd, headers, BATCH, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
}

/* Checks that a message has the length that its fields ask for, and ends its text. */
static bool link_whole(struct worker_down *msg, size_t len)
{
	if (len < offsetof(struct worker_down, text))
		return false;
	if (msg->verb == WORKER_ACCESS)
		return len == worker_down_size(msg);
	/* The struct is filled up to its last byte, or up to the end of the text. */
	if (len > offsetof(struct worker_down, text))
		((char *)msg)[len - 1] = 0;
	return len > offsetof(struct worker_down, text);
}

static void link_ready(struct watch *watch, uint32_t events)
{
	int n;

	(void)events;
	if (self.blocked) {
		link_flush(&self.flush);
		return;
	}
	if (link_reserve() < 0) {
		loop_unwatch(watch);
		loop_timer(&self.pause, PAUSE_MS);
		return;
	}
	n = link_receive();
	if (n < 0 && errno != EAGAIN && errno != EINTR && errno != ENOMEM && errno != ENOBUFS) {
		if (errno != ECONNRESET) /* the daemon has been killed */
			warn("messages of inetd");
		loop_stop();
	}
	for (int i = 0; i < n; i++) {
		struct worker_down *msg = &slots[i].msg;
		int fd = slot_fd(&headers[i].msg_hdr);

		if (headers[i].msg_len == 0) {
			loop_stop();
			return;
		}
		if (!link_whole(msg, headers[i].msg_len)) {
			fd_close(&fd);
			continue;
		}
		self.take(msg, fd);
	}
}
