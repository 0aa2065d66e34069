/* datagram: see datagram.h. */
#include "common/datagram.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/sockaddr.h"

#define SERVERS_BELOW 1024 /* ports that ordinary users cannot have */

struct datagram_socket datagram_open(int fd)
{
	int on = 1;
	bool v4 = setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on)) == 0;
	bool v6 = setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on)) == 0;

	if (!v4 && !v6)
		setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on));
	return (struct datagram_socket){.fd = fd, .inet = v4 || v6};
}

/* Descriptors can come where the socket does not ask for the sender any more. */
static uid_t sender_in(const struct cmsghdr *c, size_t len)
{
	struct ucred who = {.uid = (uid_t)-1};
	int fd;

	if (len < CMSG_LEN(sizeof(fd)) || c->cmsg_level != SOL_SOCKET)
		return who.uid;
	if (c->cmsg_type == SCM_CREDENTIALS && len >= CMSG_LEN(sizeof(who)))
		memcpy(&who, CMSG_DATA(c), sizeof(who));
	for (size_t at = CMSG_LEN(0); c->cmsg_type == SCM_RIGHTS && at + sizeof(fd) <= c->cmsg_len;
		at += sizeof(fd)) {
		memcpy(&fd, (const char *)c + at, sizeof(fd));
		close(fd);
	}
	return who.uid;
}

/* Over a unix socket there is room for who sends, which comes first, and no more: descriptors that
 * a stranger sends along would be opened here. */
int datagram_take(
	const struct datagram_socket *from, struct datagram *out, void *buf, size_t size, int flags)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(struct ucred))];
	} sender;
	struct iovec text = {buf, size};
	struct msghdr msg = {
		.msg_name = &out->peer,
		.msg_namelen = sizeof(out->peer),
		.msg_iov = &text,
		.msg_iovlen = 1,
		.msg_control = from->inet ? (void *)out->control : &sender,
		.msg_controllen = from->inet ? sizeof(out->control) : sizeof(sender),
	};
	ssize_t got = recvmsg(from->fd, &msg, flags | MSG_DONTWAIT);

	if (got < 0)
		return -1;
	out->len = (size_t)got;
	out->peer_len = msg.msg_namelen;
	out->control_len = from->inet ? msg.msg_controllen : 0;
	out->uid = from->inet ? (uid_t)-1 : sender_in(&sender.head, msg.msg_controllen);
	return 0;
}

int datagram_receive(const struct datagram_socket *from, struct datagram *out)
{
	if (datagram_take(from, out, out->text, DATAGRAM_TEXT, 0) < 0)
		return -1;
	out->text[out->len] = '\0';
	return 0;
}

/* The address that was asked; where it cannot be told, none. */
static struct in6_addr asked(const struct datagram *datagram)
{
	struct msghdr msg = {
		.msg_control = (void *)datagram->control, .msg_controllen = datagram->control_len};
	struct in6_addr addr = {0};

	for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c))
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO)
			memcpy(&addr, CMSG_DATA(c) + offsetof(struct in_pktinfo, ipi_addr),
				sizeof(struct in_addr));
		else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO)
			memcpy(&addr, CMSG_DATA(c), sizeof(addr));
	return addr;
}

bool datagram_same_ends(const struct datagram *one, const struct datagram *other)
{
	struct in6_addr asked_one = asked(one), asked_other = asked(other);

	return one->peer_len == other->peer_len &&
	       !memcmp(&one->peer, &other->peer, one->peer_len) &&
	       !memcmp(&asked_one, &asked_other, sizeof(asked_one));
}

bool datagram_from_client(const struct datagram_socket *from, const struct datagram *datagram)
{
	struct sockaddr_len local = {.len = sizeof(local.addr)};
	uint16_t port;

	if (!from->inet) /* a unix socket without a name cannot be answered */
		return datagram->peer_len > sizeof(sa_family_t);
	port = sockaddr_port((const union sockaddr_any *)&datagram->peer);
	if (getsockname(from->fd, &local.addr.sa, &local.len) == 0 &&
		port == sockaddr_port(&local.addr))
		return false;
	return port >= SERVERS_BELOW;
}

/* What came with a datagram, sent along with its answer, makes the asked address the source. The
 * way back is the kernel's choice, so the interface is left out where IPv4 has it. The address to
 * answer from is not filled in where the datagram came before datagram_open(). */
static void turn_round(struct datagram *datagram)
{
	struct msghdr msg = {
		.msg_control = datagram->control, .msg_controllen = datagram->control_len};
	struct in_pktinfo info;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c)) {
		if (c->cmsg_level != IPPROTO_IP || c->cmsg_type != IP_PKTINFO)
			continue;
		memcpy(&info, CMSG_DATA(c), sizeof(info));
		info.ipi_ifindex = 0;
		if (info.ipi_spec_dst.s_addr == INADDR_ANY)
			info.ipi_spec_dst = info.ipi_addr;
		memcpy(CMSG_DATA(c), &info, sizeof(info));
	}
}

void datagram_answer(
	const struct datagram_socket *from, struct datagram *datagram, const void *text, size_t len)
{
	struct iovec iov = {(void *)text, len};
	struct msghdr msg = {
		.msg_name = &datagram->peer,
		.msg_namelen = datagram->peer_len,
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = datagram->control_len ? datagram->control : NULL,
		.msg_controllen = datagram->control_len,
	};

	turn_round(datagram);
	if (sendmsg(from->fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0 || errno != EINVAL)
		return;
	msg.msg_control = NULL; /* asked by broadcast or multicast, which is no source */
	msg.msg_controllen = 0;
	sendmsg(from->fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);
}
