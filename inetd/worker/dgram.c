/* dgram: see dgram.h. Many datagrams a system call; answers are made in place and leave from the
 * address that was asked. What cannot be sent now is dropped, as datagrams may be. */
#include "worker/dgram.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdalign.h>
#include <sys/cdefs.h>
#include <sys/epoll.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include "base/fdutil.h"
#include "base/loop.h"
#include "base/messages.h"
#include "base/sockopt.h"
#include "worker/guard.h"
#include "worker/link.h"
#include "worker/protocol.h"
#include "worker/rate.h"
#include "worker/rules.h"
#include "worker/scratch.h"

#define BATCH         32
#define ROUNDS        4             /* batches of one wake-up */
#define ROOM          65536         /* no UDP datagram is longer, but for jumbograms */
#define STRIDE        (ROOM + 1024) /* apart, so that first bytes do not share a cache set */
#define NOTE_EVERY_MS 60000

_Static_assert(SCRATCH_BYTES / STRIDE >= BATCH, "a batch fits");

struct refusal {
	uint32_t count; /* since the last note */
	uint64_t noted_ms;
	bool noted;
	struct sockaddr_len peer; /* the last one */
};

struct dgram {
	LIST_ENTRY(dgram) in_all;
	struct watch watch; /* its fd is owned */
	const struct protocol *protocol;
	uint32_t id, reply_rate, reply_burst;
	uint16_t port;
	struct rules rules;
	struct refusal refusals[NOTE_TIMES]; /* by reason, from NOTE_LOOP on */
	struct timer tell;                   /* runs while a count waits to be noted */
};

struct control {
	alignas(struct cmsghdr) char room[CMSG_SPACE(sizeof(struct in6_pktinfo)) +
					  CMSG_SPACE(sizeof(struct in_pktinfo))];
};

static LIST_HEAD(dgram_list, dgram) all = LIST_HEAD_INITIALIZER(all);

static struct {
	struct mmsghdr headers[BATCH];
	struct iovec iov[BATCH];
	struct sockaddr_len peers[BATCH];
	struct control in[BATCH];
} batch;

static void dgram_ready(struct watch *watch, uint32_t events);
static void dgram_tell(struct timer *timer);

void dgram_add(const struct worker_down *msg, int fd)
{
	const struct protocol *protocol = protocol_of(msg->builtin);
	struct dgram *d = fd < 0 ? NULL : calloc(1, sizeof(*d));
	struct sockaddr_len local = {.len = sizeof(local.addr)};

	if (!d)
		goto fail;
	d->watch = (struct watch){.ready = dgram_ready, .fd = fd};
	d->protocol = protocol;
	d->id = msg->id;
	d->reply_rate = msg->reply_rate;
	d->reply_burst = msg->reply_burst;
	d->tell.fired = dgram_tell;
	if (rules_take(msg->id, &d->rules) < 0 || !protocol || protocol == &tcpmux_protocol ||
		getsockname(fd, &local.addr.sa, &local.len) < 0 ||
		loop_watch(&d->watch, EPOLLIN) < 0)
		goto fail;
	d->port = sockaddr_port(&local.addr);
	guard_add_port(d->port);
	LIST_INSERT_HEAD(&all, d, in_all);
	return;
fail:
	if (d)
		rules_free(&d->rules);
	free(d);
	fd_close(&fd);
	link_done(msg->id);
}

static struct dgram *dgram_find(uint32_t id)
{
	struct dgram *d;

	LIST_FOREACH (d, &all, in_all)
		if (d->id == id)
			return d;
	return NULL;
}

static void dgram_free(struct dgram *d)
{
	LIST_REMOVE(d, in_all);
	guard_drop_port(d->port);
	loop_unwatch(&d->watch);
	fd_close(&d->watch.fd);
	loop_untimer(&d->tell);
	rules_free(&d->rules);
	free(d);
}

void dgram_drop(uint32_t id)
{
	struct dgram *d = dgram_find(id);

	if (d)
		dgram_free(d);
}

/* Notes what was refused since the last time, if that is long enough ago. */
static void refusal_note(struct dgram *d, enum worker_note reason)
{
	struct refusal *r = &d->refusals[reason - NOTE_LOOP];
	struct worker_up note = {.verb = WORKER_NOTE, .count = r->count};
	uint64_t now_ms = loop_now_ms();

	if (!r->count || (r->noted && now_ms - r->noted_ms < NOTE_EVERY_MS))
		return;
	note.id = d->id;
	note.note = reason;
	note.peer = r->peer;
	if (link_note(&note) == 0)
		*r = (struct refusal){.noted = true, .noted_ms = now_ms};
}

static void dgram_tell(struct timer *timer)
{
	struct dgram *d = __containerof(timer, struct dgram, tell);

	for (enum worker_note reason = NOTE_LOOP; reason <= NOTE_TIMES; reason++)
		refusal_note(d, reason);
	for (enum worker_note reason = NOTE_LOOP; reason <= NOTE_TIMES; reason++)
		if (d->refusals[reason - NOTE_LOOP].count)
			loop_timer(&d->tell, NOTE_EVERY_MS);
}

void dgram_drop_all(void)
{
	struct dgram *d;

	while ((d = LIST_FIRST(&all))) {
		for (enum worker_note reason = NOTE_LOOP; reason <= NOTE_TIMES; reason++) {
			d->refusals[reason - NOTE_LOOP].noted = false; /* there is no later */
			refusal_note(d, reason);
		}
		dgram_free(d);
	}
}

static void dgram_refuse(struct dgram *d, enum worker_note reason, const struct sockaddr_len *peer)
{
	struct refusal *r = &d->refusals[reason - NOTE_LOOP];

	if (r->count < UINT32_MAX)
		r->count++;
	r->peer = *peer;
	refusal_note(d, reason);
	if (r->count && !loop_timer_running(&d->tell))
		loop_timer(&d->tell, NOTE_EVERY_MS);
}

/* Makes the only control message of `hdr`, in its own room. */
static void control_set(struct msghdr *hdr, int level, int type, const void *data, size_t len)
{
	struct cmsghdr *c;

	hdr->msg_controllen = CMSG_SPACE(len);
	c = CMSG_FIRSTHDR(hdr);
	c->cmsg_level = level;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(c), data, len);
}

/* Where an answer leaves from: the address that was asked, if it is one of a single host; with
 * anything else the kernel chooses. Turns the control data of what was received into that of what
 * is sent (ip(7), IP_PKTINFO; RFC 3542, 6.2). */
static void dgram_source(struct msghdr *hdr)
{
	struct in_pktinfo in = {0};
	struct in6_pktinfo in6 = {0};
	bool known = false, known6 = false;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(hdr); c; c = CMSG_NXTHDR(hdr, c)) {
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			memcpy(&in, CMSG_DATA(c), sizeof(in));
			known = in.ipi_addr.s_addr == in.ipi_spec_dst.s_addr;
		} else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
			memcpy(&in6, CMSG_DATA(c), sizeof(in6));
			known6 = !IN6_IS_ADDR_MULTICAST(&in6.ipi6_addr);
		}
	}
	hdr->msg_controllen = 0;
	if (known) {
		in = (struct in_pktinfo){.ipi_spec_dst = in.ipi_spec_dst};
		control_set(hdr, IPPROTO_IP, IP_PKTINFO, &in, sizeof(in));
	} else if (known6) {
		/* Without an interface the way back may be another one. */
		if (!IN6_IS_ADDR_LINKLOCAL(&in6.ipi6_addr))
			in6.ipi6_ifindex = 0;
		control_set(hdr, IPPROTO_IPV6, IPV6_PKTINFO, &in6, sizeof(in6));
	}
}

static int dgram_receive(const struct dgram *d, char *data)
{
	size_t room = d->protocol->answer ? ROOM : 0;

	for (int i = 0; i < BATCH; i++) {
		batch.iov[i] = (struct iovec){data + (size_t)i * STRIDE, room};
		batch.headers[i].msg_hdr = (struct msghdr){.msg_iov = &batch.iov[i],
			.msg_iovlen = 1,
			.msg_name = &batch.peers[i].addr,
			.msg_namelen = sizeof(batch.peers[i].addr),
			.msg_control = batch.in[i].room,
			.msg_controllen = sizeof(batch.in[i].room)};
	}
	return messages_receive(d->watch.fd, batch.headers, BATCH, MSG_DONTWAIT);
}

/* True if a received datagram may be answered. */
static bool dgram_admits(
	struct dgram *d, const struct msghdr *hdr, const struct sockaddr_len *peer, unsigned minute)
{
	switch (rules_check(&d->rules, peer, minute)) {
	case RULES_OK:
		break;
	case RULES_DENIED:
		dgram_refuse(d, NOTE_DENIED, peer);
		return false;
	case RULES_TIMES:
		dgram_refuse(d, NOTE_TIMES, peer);
		return false;
	}
	if (!d->protocol->answer || hdr->msg_flags & MSG_TRUNC)
		return false;
	if (!guard_allows(peer)) {
		dgram_refuse(d, NOTE_LOOP, peer);
		return false;
	}
	if (networks_match(&d->rules.exempt, peer) < 0 &&
		!rate_take(d->id, peer, d->reply_rate, d->reply_burst, loop_now_ms())) {
		dgram_refuse(d, NOTE_RATE, peer);
		return false;
	}
	return true;
}

/* Turns a received datagram into its answer. Returns false if there is to be none. */
static bool dgram_answer(struct dgram *d, int i, unsigned minute)
{
	struct mmsghdr *m = &batch.headers[i];
	struct sockaddr_len *peer = &batch.peers[i];

	peer->len = m->msg_hdr.msg_namelen;
	if (!dgram_admits(d, &m->msg_hdr, peer, minute))
		return false;
	batch.iov[i].iov_len = d->protocol->answer(batch.iov[i].iov_base, m->msg_len);
	dgram_source(&m->msg_hdr);
	return true;
}

static bool is_mapped(const struct msghdr *hdr)
{
	const union sockaddr_any *peer = hdr->msg_name;

	return peer->sa.sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&peer->in6.sin6_addr);
}

static void dgram_send(const struct dgram *d, unsigned count)
{
	struct mmsghdr *m = batch.headers, *end = m + count;

	while (m < end) {
		int sent = messages_send(
			d->watch.fd, m, (unsigned)(end - m), MSG_DONTWAIT | MSG_NOSIGNAL);

		if (sent > 0) {
			m += sent;
		} else if (errno == EAGAIN || errno == ENOBUFS) {
			return;
		} else if (m->msg_hdr.msg_controllen && is_mapped(&m->msg_hdr)) {
			/* Perhaps to a broadcast address: an IPv6 socket does not report that. */
			m->msg_hdr.msg_controllen = 0;
		} else {
			m++;
		}
	}
}

static void dgram_ready(struct watch *watch, uint32_t events)
{
	struct dgram *d = __containerof(watch, struct dgram, watch);
	char *data = scratch_use();
	int err, n = BATCH;
	socklen_t len = sizeof(err);
	unsigned minute = d->rules.times.count ? loop_week_minute() : 0;

	/* An error that no receive reports would wake us up for ever. */
	if (events & EPOLLERR)
		sockopt_get(watch->fd, SOL_SOCKET, SO_ERROR, &err, &len);
	for (int round = 0; round < ROUNDS && n == BATCH; round++) {
		unsigned answers = 0;

		n = dgram_receive(d, data);
		for (int i = 0; i < n; i++)
			if (dgram_answer(d, i, minute))
				batch.headers[answers++] = batch.headers[i];
		dgram_send(d, answers);
	}
}
