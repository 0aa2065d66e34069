/* pending_input: see pending_input.h. */
#include "run/service/pending_input.h"

#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/container_of.h"
#include "base/fdutil.h"
#include "base/log.h"
#include "run/process/helper.h"

#define DROPPERS_MOST 4
#define DROP_S        10
#define TAKEN_MS      100

static unsigned droppers;

static bool is_stream(int socktype)
{
	return socktype == SOCK_STREAM || socktype == SOCK_SEQPACKET;
}

/* Who has a copy of the socket has switched the time off, and made room for what a peer sends. The
 * datagram still holds them, so that this close is not the last. */
static void close_rights(struct cmsghdr *c)
{
	for (size_t at = 0; CMSG_LEN(at + sizeof(int)) <= c->cmsg_len; at += sizeof(int)) {
		int fd;

		memcpy(&fd, CMSG_DATA(c) + at, sizeof(fd));
		fd_close(&fd);
	}
}

static void note_datagram(struct pending_input *input, int fd)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(struct timespec))];
	} control;
	struct iovec none = {.iov_base = NULL, .iov_len = 0};
	struct msghdr msg = {
		.msg_name = &input->peer.addr,
		.msg_namelen = sizeof(input->peer.addr),
		.msg_iov = &none,
		.msg_iovlen = 1,
		.msg_control = control.room,
		.msg_controllen = sizeof(control.room),
	};
	int on = 1, before = 0;
	socklen_t len = sizeof(before);

	/* The time comes first and takes all the room: a peek at descriptors that somebody sends
	 * to a unix socket would open them here. */
	if (getsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &before, &len) < 0 ||
		setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) < 0)
		return;
	if (recvmsg(fd, &msg, MSG_PEEK | MSG_DONTWAIT | MSG_CMSG_CLOEXEC) >= 0) {
		input->peer.len = msg.msg_namelen;
		for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c))
			if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
				close_rights(c);
			else if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
				memcpy(&input->stamp, CMSG_DATA(c), sizeof(input->stamp));
				input->known = true;
			}
	}
	/* The program must not find control data that nobody has asked for. */
	setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &before, sizeof(before));
}

static void note_connections(struct pending_input *input, int fd)
{
	struct pollfd pollfd = {.fd = fd, .events = POLLIN};
	struct tcp_info info;
	socklen_t len = sizeof(info);

	input->known = poll(&pollfd, 1, 0) == 1;
	if (input->known && !getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len))
		input->queued = info.tcpi_unacked; /* of a listener: its accept queue */
}

void pending_input_note(struct pending_input *input, int fd, int socktype)
{
	*input = (struct pending_input){0};
	if (is_stream(socktype))
		note_connections(input, fd);
	else
		note_datagram(input, fd);
}

bool pending_input_untouched(const struct pending_input *input, const struct pending_input *now)
{
	return input->known && now->known && now->queued >= input->queued &&
	       now->stamp.tv_sec == input->stamp.tv_sec &&
	       now->stamp.tv_nsec == input->stamp.tv_nsec;
}

/* What a kind of socket does not have is not there to be reset. */
static void set_option(int fd, int level, int option, int value)
{
	setsockopt(fd, level, option, &value, sizeof(value));
}

void pending_input_restore(int fd, int socktype)
{
	const struct sockaddr nobody = {.sa_family = AF_UNSPEC};
	union sockaddr_any peer;
	socklen_t len = sizeof(peer);

	fd_set_nonblock(fd, true);
	set_option(fd, SOL_SOCKET, SO_RCVLOWAT, 1);
	set_option(fd, SOL_SOCKET, SO_PEEK_OFF, -1);
	set_option(fd, IPPROTO_IP, IP_RECVERR, 0);
	set_option(fd, IPPROTO_IPV6, IPV6_RECVERR, 0);
	if (!is_stream(socktype) && !getpeername(fd, &peer.sa, &len) &&
		connect(fd, &nobody, sizeof(nobody)) < 0)
		log_warn("a lent socket stays connected to one peer");
}

/* --- what a unix peer has sent may come with descriptors, which who drops it closes --- */

struct dropper {
	struct child child;
	struct service_state *state; /* counted, and held until it is dropped */
	struct timer timer;
};

static void go_on(struct dropper *dropper)
{
	struct service_state *state = dropper->state;

	dropper->state = NULL;
	loop_untimer(&dropper->timer);
	if (!state)
		return;
	service_state_release(state, HOLD_SPLIT);
	service_state_unref(state);
}

/* By then it has been taken, but its descriptors may have the helper wait in their close. */
static void is_taken(struct timer *timer)
{
	go_on(container_of(timer, struct dropper, timer));
}

static void dropper_ended(struct child *child, int status, const struct rusage *usage)
{
	struct dropper *dropper = container_of(child, struct dropper, child);

	(void)status;
	(void)usage;
	droppers--;
	go_on(dropper);
	free(dropper);
}

static void drop_in_helper(const void *arg, int link)
{
	struct pollfd pollfd = {.fd = link, .events = POLLIN};
	char byte;
	int fd;

	(void)arg;
	if (poll(&pollfd, 1, -1) == 1 && fd_recv(link, &byte, 1, &fd) == 1)
		recv(fd, NULL, 0, MSG_DONTWAIT);
}

/* Returns -1 if there is none to be had. */
static int drop_by_helper(struct service_state *state, int fd)
{
	struct dropper *dropper = droppers < DROPPERS_MOST ? calloc(1, sizeof(*dropper)) : NULL;
	int link;

	if (!dropper)
		return -1;
	dropper->child.ended = dropper_ended;
	link = helper_start(&dropper->child, drop_in_helper, NULL, true, DROP_S);
	if (link < 0) {
		free(dropper);
		return -1;
	}
	droppers++;
	fd_send(link, "", 1, fd);
	fd_close(&link);
	dropper->state = service_state_ref(state);
	dropper->timer.fired = is_taken;
	loop_timer(&dropper->timer, TAKEN_MS);
	service_state_hold(state, HOLD_SPLIT);
	return 0;
}

void pending_input_drop(struct service_state *state, int fd)
{
	int domain = AF_UNSPEC;
	socklen_t len = sizeof(domain);
	bool dropped = true;

	if (!getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) && domain == AF_UNIX)
		dropped = drop_by_helper(state, fd) == 0;
	else
		recv(fd, NULL, 0, MSG_DONTWAIT);
	if (!dropped)
		service_state_pause(state);
}
