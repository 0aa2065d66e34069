/* udp_sessions: see udp_sessions.h. */
#include "common/udp_sessions.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/queue.h>
#include <unistd.h>

#include "base/monotonic.h"
#include "base/sockopt.h"
#include "common/datagram.h"
#include "common/given.h"

#define SESSIONS_MOST  1024
#define SOURCE_MOST    128 /* of one address or user */
#define BUCKETS        256
#define DATAGRAM_MOST  65536
#define DATAGRAMS_MOST 64 /* of one socket in a turn */

struct session {
	struct datagram from; /* the last one; whom answers go to */
	int listener;         /* the caller's */
	int fd;               /* to the daemon; owned */
	uint64_t used_ms;
	unsigned bucket;
	TAILQ_ENTRY(session) in_order;
	LIST_ENTRY(session) in_bucket; /* or in the list of those that are free */
};

LIST_HEAD(list, session);

static struct {
	int epoll_fd;
	const struct daemon_place *place;
	uint64_t idle_ms;
	unsigned count, used; /* used: of all, from the first on, at some time */
	struct list free, buckets[BUCKETS];
	TAILQ_HEAD(, session) order; /* who was silent for longest is first */
	struct session all[SESSIONS_MOST];
} sessions = {.order = TAILQ_HEAD_INITIALIZER(sessions.order)};

static char text[DATAGRAM_MOST];

void udp_sessions_init(int epoll_fd, const struct daemon_place *place, int idle_ms)
{
	sessions.epoll_fd = epoll_fd;
	sessions.place = place;
	sessions.idle_ms = (uint64_t)idle_ms;
}

/* Whom sessions are counted for: an address, 64 bits of one of IPv6, the user behind a unix socket.
 */
struct source {
	const void *at;
	size_t len;
};

static struct source source_of(const struct datagram *datagram)
{
	const struct sockaddr_in *in = (const void *)&datagram->peer;
	const struct sockaddr_in6 *in6 = (const void *)&datagram->peer;

	if (in->sin_family == AF_INET)
		return (struct source){&in->sin_addr, sizeof(in->sin_addr)};
	if (in->sin_family != AF_INET6)
		return (struct source){&datagram->uid, sizeof(datagram->uid)};
	if (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr))
		return (struct source){&in6->sin6_addr.s6_addr[12], 4};
	return (struct source){&in6->sin6_addr, 8};
}

static bool same_source(const struct datagram *one, const struct datagram *other)
{
	struct source left = source_of(one), right = source_of(other);

	return left.len == right.len && !memcmp(left.at, right.at, left.len);
}

static bool is_unix(const struct datagram *datagram)
{
	return datagram->peer_len == 0 || datagram->peer.ss_family == AF_UNIX;
}

/* That of its source; of the socket where that is a unix one, as its user may change. */
static unsigned bucket_of(const struct datagram *datagram)
{
	struct source source = source_of(datagram);
	unsigned hash = 0;

	if (is_unix(datagram))
		source = (struct source){&datagram->peer, datagram->peer_len};
	for (size_t i = 0; i < source.len; i++)
		hash = hash * 31 + ((const unsigned char *)source.at)[i];
	return hash % BUCKETS;
}

static struct session *find(int listener, const struct datagram *datagram, unsigned bucket)
{
	struct session *session;

	LIST_FOREACH (session, &sessions.buckets[bucket], in_bucket)
		if (session->listener == listener && datagram_same_ends(&session->from, datagram))
			return session;
	return NULL;
}

static void end(struct session *session)
{
	close(session->fd);
	session->fd = -1; /* there may be an event left of it */
	TAILQ_REMOVE(&sessions.order, session, in_order);
	LIST_REMOVE(session, in_bucket);
	LIST_INSERT_HEAD(&sessions.free, session, in_bucket);
	sessions.count--;
}

/* The next one after it, or the first: of all of them, or of those in a bucket. */
static struct session *next_of(const struct session *session, bool all, unsigned bucket)
{
	if (all)
		return session ? TAILQ_NEXT(session, in_order) : TAILQ_FIRST(&sessions.order);
	return session ? LIST_NEXT(session, in_bucket) : LIST_FIRST(&sessions.buckets[bucket]);
}

/* Makes room for one more: of a source that has its share, or of all of
 * them, the one that was silent for longest ends. */
static void make_room(const struct datagram *datagram, unsigned bucket)
{
	struct session *session = NULL, *oldest = NULL;
	bool all = is_unix(datagram);
	unsigned count = 0;

	while ((session = next_of(session, all, bucket)))
		if (same_source(&session->from, datagram)) {
			count++;
			if (!oldest || session->used_ms < oldest->used_ms)
				oldest = session;
		}
	if (count >= SOURCE_MOST)
		end(oldest);
	else if (sessions.count == SESSIONS_MOST)
		end(TAILQ_FIRST(&sessions.order));
}

/* NULL: there are no descriptors. */
static struct session *begin(int listener, const struct datagram *datagram, unsigned bucket)
{
	struct epoll_event event = {.events = EPOLLIN};
	struct session *session;
	int fd;

	make_room(datagram, bucket);
	while ((fd = daemon_child_connect(sessions.place)) < 0 && sessions.count > 0)
		end(TAILQ_FIRST(&sessions.order));
	if (fd < 0)
		return NULL;
	session = LIST_FIRST(&sessions.free);
	if (session)
		LIST_REMOVE(session, in_bucket);
	else
		session = &sessions.all[sessions.used++];
	*session = (struct session){
		.from = *datagram, .listener = listener, .fd = fd, .bucket = bucket};
	sessions.count++;
	LIST_INSERT_HEAD(&sessions.buckets[bucket], session, in_bucket);
	TAILQ_INSERT_TAIL(&sessions.order, session, in_order);
	event.data.ptr = session;
	if (epoll_ctl(sessions.epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0)
		return session;
	end(session);
	return NULL;
}

static void use(struct session *session)
{
	session->used_ms = monotonic_ms();
	TAILQ_REMOVE(&sessions.order, session, in_order);
	TAILQ_INSERT_TAIL(&sessions.order, session, in_order);
}

/* The session of the datagram that is in `text`; a new one if there is none. */
static struct session *session_of(int listener, const struct datagram *datagram)
{
	unsigned bucket = bucket_of(datagram);
	struct session *session = find(listener, datagram, bucket);

	if (!session)
		session = begin(listener, datagram, bucket);
	if (!session)
		return NULL;
	session->from.uid = datagram->uid; /* of what waited first it could not be told */
	use(session);
	return session;
}

/* A refusal of the datagram before is told by the next call, which sends nothing then. */
static void pass_on(int listener, const struct datagram *datagram)
{
	const struct session *session = session_of(listener, datagram);

	if (session && send(session->fd, text, datagram->len, MSG_DONTWAIT) < 0 &&
		errno == ECONNREFUSED)
		send(session->fd, text, datagram->len, MSG_DONTWAIT);
}

int udp_sessions_first(int listener)
{
	struct datagram_socket from = datagram_open(listener);
	struct datagram datagram;
	const struct session *session;
	socklen_t len = sizeof(int);
	int error = 0;

	if (datagram_take(&from, &datagram, text, sizeof(text), MSG_PEEK) < 0)
		return -1;
	session = session_of(listener, &datagram);
	if (!session)
		return -1;
	/* On the machine itself a refusal is there when the call returns. */
	if (send(session->fd, text, datagram.len, MSG_DONTWAIT) < 0)
		error = errno;
	else
		sockopt_get(session->fd, SOL_SOCKET, SO_ERROR, &error, &len);
	if (error) {
		errno = error;
		return -1;
	}
	return datagram_take(&from, &datagram, text, sizeof(text), 0);
}

void udp_sessions_receive(int listener)
{
	const struct datagram_socket from = {
		.fd = listener, .inet = given_local(listener).at.ss_family != AF_UNIX};
	struct datagram datagram;

	for (int i = 0; i < DATAGRAMS_MOST; i++) {
		if (datagram_take(&from, &datagram, text, sizeof(text), 0) < 0)
			return;
		pass_on(listener, &datagram);
	}
}

bool udp_sessions_is(const void *data)
{
	return (const struct session *)data >= sessions.all &&
	       (const struct session *)data < sessions.all + SESSIONS_MOST;
}

void udp_sessions_ready(void *data)
{
	struct session *session = data;
	const struct datagram_socket to = {.fd = session->listener};

	for (int i = 0; i < DATAGRAMS_MOST; i++) {
		ssize_t len = recv(session->fd, text, sizeof(text), MSG_DONTWAIT);

		if (len < 0)
			return;
		datagram_answer(&to, &session->from, text, (size_t)len);
		use(session);
	}
}

unsigned udp_sessions_count(void)
{
	return sessions.count;
}

uint64_t udp_sessions_due_ms(void)
{
	const struct session *first = TAILQ_FIRST(&sessions.order);

	return first ? first->used_ms + sessions.idle_ms : UINT64_MAX;
}

void udp_sessions_expire(void)
{
	while (udp_sessions_due_ms() <= monotonic_ms())
		end(TAILQ_FIRST(&sessions.order));
}
