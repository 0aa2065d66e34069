/* addrwatch: see addrwatch.h. */
#include "run/reload/addrwatch.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "base/fdutil.h"
#include "base/log.h"
#include "base/loop.h"

static void on_news(struct watch *watch, uint32_t events);

static struct watch news = {.fd = -1, .ready = on_news};
static void (*on_changed)(void);

static bool has_address(const char *buf, size_t len)
{
	for (const struct nlmsghdr *h = (const void *)buf; NLMSG_OK(h, len); h = NLMSG_NEXT(h, len))
		if (h->nlmsg_type == RTM_NEWADDR || h->nlmsg_type == RTM_DELADDR)
			return true;
	return false;
}

static void on_news(struct watch *watch, uint32_t events)
{
	_Alignas(struct nlmsghdr) char buf[8192];
	bool changed = false;
	ssize_t len;

	(void)events;
	while ((len = recv(watch->fd, buf, sizeof(buf), MSG_DONTWAIT)) > 0 ||
		(len < 0 && errno == ENOBUFS)) /* some were lost: any may have been ours */
		changed |= len < 0 || has_address(buf, (size_t)len);
	if (changed)
		on_changed();
}

void addrwatch_open(void (*changed)(void))
{
	struct sockaddr_nl addr = {
		.nl_family = AF_NETLINK, .nl_groups = RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR};

	on_changed = changed;
	news.fd = fd_raise(
		socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE));
	if (news.fd < 0 || bind(news.fd, (struct sockaddr *)&addr, sizeof(addr)) < 0 ||
		loop_watch(&news, EPOLLIN) < 0) {
		log_info("no news of addresses from netlink: %s", strerror(errno));
		addrwatch_close();
	}
}

void addrwatch_close(void)
{
	loop_unwatch(&news);
	fd_close(&news.fd);
}
