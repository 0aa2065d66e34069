/* lent_look: see lent_look.h. */
#include "run/program/lent_look.h"

#include <sys/socket.h>

#include "base/fdutil.h"
#include "run/service/socket.h"
#include "run/service/suspect_socket.h"

/* Points to nothing else. */
struct question {
	enum lent_step step;
	int socktype;
	bool takes_connections;
	bool was_lent;
	bool may_share;
	struct sockaddr_len wanted; /* where it is to be */
	struct socket_filter filter;
};

bool lent_takes_connections(const struct listener *listener)
{
	return listener->endpoint.socktype == SOCK_STREAM ||
	       listener->endpoint.socktype == SOCK_SEQPACKET;
}

static bool is_sound(const struct question *question, int fd)
{
	struct sockaddr_len bound = {.len = sizeof(bound.addr)};
	socklen_t len = sizeof(int);
	int listens = 0;

	/* Once bound, one of unix stays so (unix(7)). */
	if (question->wanted.addr.sa.sa_family != AF_UNIX &&
		(getsockname(fd, &bound.addr.sa, &bound.len) < 0 ||
			sockaddr_compare(&bound, &question->wanted) != 0))
		return false;
	return !question->takes_connections ||
	       (!getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len) && listens);
}

static void take_back(const struct question *question, int fd)
{
	pending_input_restore(fd, question->socktype);
	if (!question->takes_connections)
		socket_share(fd, false);
}

/* A datagram socket that was connected (connect(2)) is never ready for others. */
static bool reconnect(const struct question *question, int fd)
{
	union sockaddr_any peer;
	socklen_t len = sizeof(peer);

	if (question->takes_connections || getpeername(fd, &peer.sa, &len) < 0)
		return false;
	pending_input_restore(fd, question->socktype);
	return true;
}

static void give(const struct question *question, int fd, struct lent_seen *seen)
{
	if (question->may_share)
		socket_share(fd, true);
	socket_filter_lock(fd, &seen->filter);
	seen->nonblocking = fd_set_nonblock(fd, false) < 0;
}

static void look(const void *arg, int fd, void *result)
{
	const struct question *question = arg;
	struct lent_seen *seen = result;

	seen->filter = question->filter;
	if (question->step == LENT_RETURN)
		take_back(question, fd);
	if (question->step == LENT_RECONNECT)
		seen->connected = reconnect(question, fd); /* which may cost it its port */
	else
		pending_input_note(&seen->input, fd, question->socktype);
	if (question->step == LENT_GIVE)
		give(question, fd, seen);
	seen->answer = !question->was_lent || is_sound(question, fd) ? LENT_SOUND : LENT_UNSOUND;
}

enum lent_answer lent_look(struct listener *listener, enum lent_step step, struct lent_seen *seen)
{
	const struct sockaddr_len wanted = listener_bound(listener);
	const struct question question = {
		.step = step,
		.socktype = listener->endpoint.socktype,
		.takes_connections = lent_takes_connections(listener),
		.was_lent = listener->was_lent,
		.wanted = wanted,
		.may_share =
			step == LENT_GIVE && socket_may_share(listener->state->service, &wanted),
		.filter = listener->filter,
	};
	const struct suspect_work work = {look, &question, sizeof(question), sizeof(*seen)};

	*seen = (struct lent_seen){0};
	if (suspect_call(listener, &work, seen) < 0) {
		listener->unsettled |= step == LENT_RETURN || step == LENT_GIVE;
		return LENT_UNKNOWN;
	}
	listener->filter = seen->filter;
	return seen->answer;
}

static void refuse(const void *arg, int fd, void *result)
{
	const unsigned *most = arg;
	unsigned *count = result;
	int conn;

	while (*count < *most && (conn = accept4(fd, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
		fd_close(&conn);
		++*count;
	}
}

unsigned lent_refuse(struct listener *listener, unsigned most)
{
	const struct suspect_work work = {refuse, &most, sizeof(most), sizeof(unsigned)};
	unsigned count = 0;

	return suspect_call(listener, &work, &count) < 0 ? 0 : count;
}
