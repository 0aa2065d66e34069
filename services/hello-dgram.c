/* hello-dgram: a greeting by datagram, as a service of the `dgram wait` kind. inetd lends its
 * socket when the first datagram is there and listens again when this program exits.
 *
 * Shown here: take every datagram that is queued, stay a little while for the next ones (a start
 * for each would be slow), then exit; answer from the address that was asked, also on a machine
 * that has several; and answer neither servers nor answers, so that no two programs talk for ever.
 * The socket may be a unix one: then a caller who wants an answer binds a name of his own. */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/io.h"
#include "common/options.h"

#define USAGE    "hello-dgram [-t seconds]"
#define GREETING "Hello, "

/* A datagram, and the two addresses it travelled between. */
struct letter {
	struct sockaddr_storage peer;
	socklen_t peer_len;
	alignas(struct cmsghdr) char control[128]; /* the address that was asked */
	size_t control_len;
	char text[512]; /* NUL-terminated */
};

/* Asks the kernel to tell which address was asked. False if it does not: it is a unix socket. */
static bool want_asked_address(void)
{
	int on = 1;
	bool v4 = setsockopt(0, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on)) == 0;
	bool v6 = setsockopt(0, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on)) == 0;

	return v4 || v6;
}

/* Takes one datagram without waiting. False, with errno, if none is there. Over a unix socket there
 * is no room for control data: descriptors that a stranger sends along would be opened here. */
static bool receive(struct letter *letter, bool with_address)
{
	struct iovec text = {letter->text, sizeof(letter->text) - 1};
	struct msghdr msg = {
		.msg_name = &letter->peer,
		.msg_namelen = sizeof(letter->peer),
		.msg_iov = &text,
		.msg_iovlen = 1,
		.msg_control = letter->control,
		.msg_controllen = with_address ? sizeof(letter->control) : 0,
	};
	ssize_t got = recvmsg(0, &msg, MSG_DONTWAIT);

	if (got < 0)
		return false;
	letter->text[got] = '\0';
	letter->peer_len = msg.msg_namelen;
	letter->control_len = msg.msg_controllen;
	return true;
}

/* An honest client has a port above the servers', and does not greet like this program. */
static bool deserves_answer(const struct letter *letter)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)&letter->peer;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&letter->peer;

	if (!strncmp(letter->text, GREETING, strlen(GREETING)))
		return false;
	switch (letter->peer.ss_family) {
	case AF_INET:
		return ntohs(in->sin_port) >= 1024;
	case AF_INET6:
		return ntohs(in6->sin6_port) >= 1024;
	default: /* a unix socket without a name cannot be answered */
		return letter->peer_len > sizeof(sa_family_t);
	}
}

/* What came with a datagram, sent along with its answer, makes the asked address the source. The
 * way back is the kernel's choice, so the interface is left out where IPv4 has it. */
static void forget_interface(struct letter *letter)
{
	struct msghdr msg = {.msg_control = letter->control, .msg_controllen = letter->control_len};
	struct in_pktinfo info;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c)) {
		if (c->cmsg_level != IPPROTO_IP || c->cmsg_type != IP_PKTINFO)
			continue;
		memcpy(&info, CMSG_DATA(c), sizeof(info));
		info.ipi_ifindex = 0;
		memcpy(CMSG_DATA(c), &info, sizeof(info));
	}
}

/* Best effort, as all of UDP is: an answer that cannot be sent is lost. */
static void answer(struct letter *letter)
{
	char text[sizeof(letter->text) + sizeof(GREETING) + 2];
	int name_len = (int)strcspn(letter->text, "\r\n");
	int len = snprintf(text, sizeof(text), GREETING "%.*s.\n", name_len, letter->text);
	struct iovec iov = {text, (size_t)len};
	struct msghdr msg = {
		.msg_name = &letter->peer,
		.msg_namelen = letter->peer_len,
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = letter->control_len ? letter->control : NULL,
		.msg_controllen = letter->control_len,
	};

	forget_interface(letter);
	sendmsg(0, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);
}

int main(int argc, char *argv[])
{
	bool with_address = want_asked_address();
	int idle_ms = options_limit_ms(argc, argv, 2, USAGE); /* after the last datagram */
	int found;
	struct letter letter;

	do {
		while (receive(&letter, with_address))
			if (deserves_answer(&letter))
				answer(&letter);
		if (errno != EAGAIN && errno != EINTR)
			return 1;
	} while ((found = io_wait(STDIN_FILENO, POLLIN, idle_ms)) > 0);
	return found < 0;
}
