/* sock_owner: see sock_owner.h. */
#include "common/sock_owner.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <stdalign.h>
#include <stdbool.h>
#include <unistd.h>

struct request {
	struct nlmsghdr head;
	struct inet_diag_req_v2 body;
};

static void set_end(const struct sockaddr_len *end, __be16 *port, __be32 *address)
{
	*port = htons(sockaddr_port(&end->addr));
	if (end->addr.sa.sa_family == AF_INET)
		memcpy(address, &end->addr.in.sin_addr, sizeof(end->addr.in.sin_addr));
	else
		memcpy(address, &end->addr.in6.sin6_addr, sizeof(end->addr.in6.sin6_addr));
}

/* The kernel's name of the connection. A link-local address belongs to an interface. */
static void set_id(const struct sockaddr_len *local, const struct sockaddr_len *remote,
	struct inet_diag_sockid *id)
{
	set_end(local, &id->idiag_sport, id->idiag_src);
	set_end(remote, &id->idiag_dport, id->idiag_dst);
	if (local->addr.sa.sa_family == AF_INET6)
		id->idiag_if = local->addr.in6.sin6_scope_id;
	id->idiag_cookie[0] = id->idiag_cookie[1] = INET_DIAG_NOCOOKIE;
}

/* The kernel falls back to a listening socket, and it knows connections that no process has: those
 * have no inode, and user 0. */
static int read_answer(
	const char *answer, size_t len, const struct inet_diag_sockid *id, uid_t *uid)
{
	const struct nlmsghdr *head = (const struct nlmsghdr *)answer;
	const struct nlmsgerr *error = NLMSG_DATA(head);
	const struct inet_diag_msg *found = NLMSG_DATA(head);

	if (len >= NLMSG_LENGTH(sizeof(*error)) && head->nlmsg_type == NLMSG_ERROR) {
		errno = -error->error;
		return -1;
	}
	if (len < NLMSG_LENGTH(sizeof(*found)) || head->nlmsg_type != SOCK_DIAG_BY_FAMILY) {
		errno = EPROTO;
		return -1;
	}
	if (found->idiag_inode == 0 || found->id.idiag_dport != id->idiag_dport ||
		memcmp(found->id.idiag_dst, id->idiag_dst, sizeof(id->idiag_dst)) != 0) {
		errno = ENOENT;
		return -1;
	}
	*uid = found->idiag_uid;
	return 0;
}

static int ask_kernel(
	int fd, const struct request *request, const struct inet_diag_sockid *id, uid_t *uid)
{
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	alignas(struct nlmsghdr) char answer[4096];
	ssize_t got;

	if (sendto(fd, request, sizeof(*request), 0, (struct sockaddr *)&kernel, sizeof(kernel)) <
		0)
		return -1;
	got = recv(fd, answer, sizeof(answer), 0);
	return got < 0 ? -1 : read_answer(answer, (size_t)got, id, uid);
}

/* `id` is what the answer must name. */
static int ask(struct request *request, const struct inet_diag_sockid *id, uid_t *uid)
{
	int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG), result, saved;

	if (fd < 0)
		return -1;
	result = ask_kernel(fd, request, id, uid);
	saved = errno;
	close(fd);
	errno = saved;
	return result;
}

static struct request request_of(sa_family_t family, int protocol)
{
	return (struct request){
		.head = {.nlmsg_len = sizeof(struct request),
			.nlmsg_type = SOCK_DIAG_BY_FAMILY,
			.nlmsg_flags = NLM_F_REQUEST},
		.body = {.sdiag_family = (__u8)family,
			.sdiag_protocol = (__u8)protocol,
			.idiag_states = UINT32_MAX},
	};
}

int sock_owner(const struct sockaddr_len *local, const struct sockaddr_len *remote, uid_t *uid)
{
	struct sockaddr_len here = *local, there = *remote;
	struct request request;

	sockaddr_unmap(&here);
	sockaddr_unmap(&there);
	if (here.addr.sa.sa_family != there.addr.sa.sa_family ||
		(here.addr.sa.sa_family != AF_INET && here.addr.sa.sa_family != AF_INET6)) {
		errno = EAFNOSUPPORT;
		return -1;
	}
	request = request_of(here.addr.sa.sa_family, IPPROTO_TCP);
	set_id(&here, &there, &request.body.id);
	return ask(&request, &request.body.id, uid);
}

/* Of datagrams the kernel takes the two ends the other way round than it answers. */
int sock_owner_bound(int socktype, const struct sockaddr_in *local, uid_t *uid)
{
	struct sockaddr_len here = {.addr.in = *local, .len = sizeof(*local)};
	struct sockaddr_len nobody = {.addr.in.sin_family = AF_INET, .len = sizeof(*local)};
	bool datagrams = socktype == SOCK_DGRAM;
	struct request request = request_of(AF_INET, datagrams ? IPPROTO_UDP : IPPROTO_TCP);
	struct inet_diag_sockid id = {0};

	set_id(&here, &nobody, &id);
	request.body.id = id;
	if (datagrams)
		set_id(&nobody, &here, &request.body.id);
	return ask(&request, &id, uid);
}

int sock_owner_beside(int fd, uint16_t here, uint16_t there, uid_t *uid)
{
	struct sockaddr_len local = {.len = sizeof(local.addr)};
	struct sockaddr_len remote = {.len = sizeof(remote.addr)};

	if (getsockname(fd, &local.addr.sa, &local.len) < 0 ||
		getpeername(fd, &remote.addr.sa, &remote.len) < 0)
		return -1;
	sockaddr_set_port(&local.addr, here);
	sockaddr_set_port(&remote.addr, there);
	return sock_owner(&local, &remote, uid);
}
