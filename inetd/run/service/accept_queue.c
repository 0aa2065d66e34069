/* accept_queue: see accept_queue.h. A connection of TCP that nobody has accepted is a socket of the
 * kernel without an inode. */
#include "run/service/accept_queue.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fdutil.h"
#include "base/large.h"

#define ANSWER_BYTES 16384
#define WAITING      (1U << TCP_ESTABLISHED | 1U << TCP_CLOSE_WAIT)

/* Looks at one message of an answer. True when there is nothing more to look for. */
typedef bool take_answer(const struct nlmsghdr *message, void *arg);

/* One question and its answers. */
static void ask(void *question, size_t size, take_answer *take, void *arg)
{
	static _Alignas(struct nlmsghdr) char buf[ANSWER_BYTES] LARGE;
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	bool over = fd < 0 || sendto(fd, question, size, MSG_DONTWAIT, (struct sockaddr *)&kernel,
				      sizeof(kernel)) < 0;

	while (!over) {
		ssize_t len = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);

		over = len <= 0;
		for (const struct nlmsghdr *h = (const void *)buf; !over && NLMSG_OK(h, len);
			h = NLMSG_NEXT(h, len))
			over = h->nlmsg_type != SOCK_DIAG_BY_FAMILY || take(h, arg) ||
			       !(h->nlmsg_flags & NLM_F_MULTI);
	}
	fd_close(&fd);
}

/* --- TCP --- */

struct inet_question {
	struct nlmsghdr header;
	struct inet_diag_req_v2 request;
};

static struct inet_question inet_question(uint8_t family, int flags)
{
	return (struct inet_question){
		.header = {.nlmsg_len = sizeof(struct inet_question),
			.nlmsg_type = SOCK_DIAG_BY_FAMILY,
			.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags)},
		.request = {.sdiag_family = family,
			.sdiag_protocol = IPPROTO_TCP,
			.idiag_states = WAITING,
			.id.idiag_cookie = {INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE}},
	};
}

static bool is_waiting(const struct inet_diag_msg *found)
{
	return !found->idiag_inode && (WAITING & 1U << found->idiag_state);
}

struct inet_search {
	const struct listener *listener;
	struct queue_peer *peer;
	bool found;
};

/* True unless the connection belongs to a socket of ours with a more special address. */
static bool is_of(const struct listener *listener, const struct inet_diag_msg *found)
{
	struct endpoint local = listener->endpoint;
	const struct listener *owner;

	if (found->idiag_family == AF_INET)
		local.addr.addr.in.sin_addr.s_addr = found->id.idiag_src[0];
	else
		memcpy(&local.addr.addr.in6.sin6_addr, found->id.idiag_src,
			sizeof(struct in6_addr));
	if (!sockaddr_kept_is_wildcard(&listener->endpoint.addr))
		return !endpoint_compare(&local, &listener->endpoint);
	local.dual = false;
	owner = listener_find(&local);
	return !owner || owner == listener;
}

static bool take_first(const struct nlmsghdr *message, void *arg)
{
	const struct inet_diag_msg *found = NLMSG_DATA(message);
	struct inet_search *search = arg;

	if (!is_waiting(found) || !is_of(search->listener, found))
		return false;
	*search->peer = (struct queue_peer){.id = found->id, .family = found->idiag_family};
	search->found = true;
	return true;
}

static bool find_inet(const struct listener *listener, struct queue_peer *peer)
{
	const struct sockaddr_len bound = listener_bound(listener);
	struct inet_question question = inet_question((uint8_t)bound.addr.sa.sa_family, NLM_F_DUMP);
	struct inet_search search = {listener, peer, false};

	question.request.id.idiag_sport = htons(sockaddr_port(&bound.addr));
	ask(&question, sizeof(question), take_first, &search);
	return search.found;
}

static bool take_waiting(const struct nlmsghdr *message, void *arg)
{
	*(bool *)arg = is_waiting(NLMSG_DATA(message));
	return true;
}

static bool has_inet(const struct queue_peer *peer)
{
	struct inet_question question = inet_question(peer->family, 0);
	bool waits = false;

	question.request.id = peer->id; /* with its cookie: no other on the same ports */
	ask(&question, sizeof(question), take_waiting, &waits);
	return waits;
}

/* --- unix --- */

static bool take_unix(const struct nlmsghdr *message, void *arg)
{
	const struct unix_diag_msg *found = NLMSG_DATA(message);
	const struct rtattr *attribute = (const void *)(found + 1);
	size_t len = message->nlmsg_len - NLMSG_LENGTH(sizeof(*found));

	for (; RTA_OK(attribute, len); attribute = RTA_NEXT(attribute, len))
		if (attribute->rta_type == UNIX_DIAG_ICONS &&
			RTA_PAYLOAD(attribute) >= sizeof(uint32_t))
			memcpy(arg, RTA_DATA(attribute), sizeof(uint32_t));
	return true;
}

/* The inode of the first client's socket; 0: nobody waits, or it is closed. */
static uint32_t first_unix(const struct listener *listener)
{
	struct {
		struct nlmsghdr header;
		struct unix_diag_req request;
	} question = {
		.header = {.nlmsg_len = sizeof(question),
			.nlmsg_type = SOCK_DIAG_BY_FAMILY,
			.nlmsg_flags = NLM_F_REQUEST},
		.request = {.sdiag_family = AF_UNIX,
			.udiag_states = ~0U,
			.udiag_show = UDIAG_SHOW_ICONS,
			.udiag_cookie = {(uint32_t)INET_DIAG_NOCOOKIE,
				(uint32_t)INET_DIAG_NOCOOKIE}},
	};
	uint32_t inode = 0;
	struct stat st;

	if (fstat(listener->watch.fd, &st) < 0)
		return 0;
	question.request.udiag_ino = (uint32_t)st.st_ino;
	ask(&question, sizeof(question), take_unix, &inode);
	return inode;
}

/* --- either --- */

bool accept_queue_peer(const struct listener *listener, struct queue_peer *peer)
{
	if (listener->endpoint.addr.addr.sa.sa_family == AF_VSOCK)
		return false;
	if (listener->endpoint.addr.addr.sa.sa_family != AF_UNIX)
		return find_inet(listener, peer);
	*peer = (struct queue_peer){.family = AF_UNIX, .inode = first_unix(listener)};
	return peer->inode;
}

bool accept_queue_has(const struct listener *listener, const struct queue_peer *peer)
{
	return peer->family == AF_UNIX ? first_unix(listener) == peer->inode : has_inet(peer);
}
