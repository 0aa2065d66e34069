/* first_datagram: see first_datagram.h. */
#include "run/service/first_datagram.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/capability.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/fdutil.h"
#include "base/large.h"
#include "run/process/rights.h"

#define PAYLOAD_MOST 65535
#define HOPS         64
#define ARRIVAL_MS   500 /* until the packet must have come through the kernel */

/* A whole packet: the headers are right before the payload. */
struct packet {
	union {
		struct ip ip;
		struct ip6_hdr ip6;
	} head; /* at its end: see start_of() */
	struct udphdr udp;
	uint8_t payload[PAYLOAD_MOST];
};

static struct packet packet LARGE;

static int failed(struct first_datagram *out, const char *step)
{
	out->err = errno;
	strlcpy(out->step, step, sizeof(out->step));
	return -1;
}

/* The address that was asked for, as the kernel tells it with the datagram. */
static void note_asked(struct msghdr *msg, struct sockaddr_len *local)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c))
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			struct in_pktinfo info;

			memcpy(&info, CMSG_DATA(c), sizeof(info));
			local->addr.in.sin_addr = info.ipi_addr;
		} else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
			struct in6_pktinfo info;

			memcpy(&info, CMSG_DATA(c), sizeof(info));
			local->addr.in6.sin6_addr = info.ipi6_addr;
			if (IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr))
				local->addr.in6.sin6_scope_id = (uint32_t)info.ipi6_ifindex;
		}
}

static void want_asked(int fd, const struct sockaddr_len *local, int on)
{
	if (local->addr.sa.sa_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on));
	else
		setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on));
}

/* Takes it. Returns its length, or -1. */
static ssize_t take(int fd, struct first_datagram *out)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(struct in6_pktinfo)) +
			  CMSG_SPACE(sizeof(struct in_pktinfo))];
	} control;
	struct iovec iov = {packet.payload, sizeof(packet.payload)};
	struct msghdr msg = {.msg_name = &out->peer.addr,
		.msg_namelen = sizeof(out->peer.addr),
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.room,
		.msg_controllen = sizeof(control.room)};
	ssize_t len;

	out->local.len = sizeof(out->local.addr);
	if (getsockname(fd, &out->local.addr.sa, &out->local.len) < 0)
		return failed(out, "getsockname");
	want_asked(fd, &out->local, 1);
	len = recvmsg(fd, &msg, MSG_DONTWAIT);
	want_asked(fd, &out->local, 0);
	if (len < 0)
		return errno == EAGAIN ? -1 : failed(out, "recvmsg");
	out->peer.len = msg.msg_namelen;
	note_asked(&msg, &out->local);
	return len;
}

/* True for an address that is one machine's. */
static bool is_unicast(const struct sockaddr_len *at)
{
	struct sockaddr_len addr = *at;

	sockaddr_unmap(&addr);
	if (addr.addr.sa.sa_family == AF_INET6)
		return !IN6_IS_ADDR_MULTICAST(&addr.addr.in6.sin6_addr);
	return !IN_MULTICAST(ntohl(addr.addr.in.sin_addr.s_addr)) &&
	       addr.addr.in.sin_addr.s_addr != htonl(INADDR_BROADCAST);
}

/* --- a socket that the sender has already --- */

static size_t hex_address(const struct sockaddr_len *addr, char *buf, size_t size)
{
	uint32_t words[4] = {addr->addr.in.sin_addr.s_addr};
	size_t count = 1, used = 0;

	if (addr->addr.sa.sa_family == AF_INET6) {
		memcpy(words, &addr->addr.in6.sin6_addr, sizeof(words));
		count = 4;
	}
	for (size_t i = 0; i < count; i++)
		used += (size_t)snprintf(buf + used, size - used, "%08X", words[i]);
	return used +
	       (size_t)snprintf(buf + used, size - used, ":%04X", sockaddr_port(&addr->addr));
}

/* As proc(5) lists sockets. */
static bool is_known(const struct first_datagram *out)
{
	bool six = out->local.addr.sa.sa_family == AF_INET6, found = false;
	char ends[96], line[256];
	size_t len = hex_address(&out->local, ends, sizeof(ends));
	FILE *list = fopen(six ? "/proc/self/net/udp6" : "/proc/self/net/udp", "re");

	ends[len++] = ' ';
	hex_address(&out->peer, ends + len, sizeof(ends) - len);
	while (list && !found && fgets(line, sizeof(line), list))
		found = strstr(line, ends) != NULL;
	if (list)
		fclose(list);
	return found;
}

/* --- a socket of its own --- */

/* Nobody else may bind the port but for the moment in which we do. */
static int bind_beside(int own, int fd, const struct sockaddr_len *local)
{
	int on = 1, off = 0, result, saved;

	setsockopt(own, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	result = bind(own, &local->addr.sa, local->len);
	saved = errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &off, sizeof(off));
	errno = saved;
	return result;
}

/* Returns the socket, or -1. */
static int open_own(int fd, struct first_datagram *out)
{
	int own = socket(out->local.addr.sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int six = 0;
	socklen_t len = sizeof(six);

	if (own < 0)
		return failed(out, "socket");
	if (out->local.addr.sa.sa_family == AF_INET6 &&
		!getsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &six, &len))
		setsockopt(own, IPPROTO_IPV6, IPV6_V6ONLY, &six, sizeof(six));
	if (bind_beside(own, fd, &out->local) < 0)
		failed(out, "bind");
	else if (connect(own, &out->peer.addr.sa, out->peer.len) < 0)
		failed(out, "connect");
	else
		return own;
	fd_close(&own);
	return -1;
}

/* --- the datagram, once more --- */

/* The Internet checksum (RFC 1071) of more bytes; to be folded. */
static uint64_t sum_of(const void *data, size_t len, uint64_t sum)
{
	const uint8_t *bytes = data;

	for (size_t i = 0; i < len; i++)
		sum += i % 2 ? bytes[i] : (uint32_t)bytes[i] << 8;
	return sum;
}

static uint16_t checksum(uint64_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum == 0xffff ? 0xffff : htons((uint16_t)~sum);
}

/* The packet from `from` to `to` with the payload that is in place. Returns where it begins. */
static const void *write_packet(
	const struct sockaddr_len *from, const struct sockaddr_len *to, size_t len, size_t *all)
{
	size_t udp = sizeof(packet.udp) + len;
	uint64_t sum = IPPROTO_UDP + udp;

	packet.udp = (struct udphdr){.uh_sport = htons(sockaddr_port(&from->addr)),
		.uh_dport = htons(sockaddr_port(&to->addr)),
		.uh_ulen = htons((uint16_t)udp)};
	if (from->addr.sa.sa_family == AF_INET6) {
		packet.head.ip6 = (struct ip6_hdr){
			.ip6_src = from->addr.in6.sin6_addr, .ip6_dst = to->addr.in6.sin6_addr};
		packet.head.ip6.ip6_flow = htonl(6U << 28);
		packet.head.ip6.ip6_plen = htons((uint16_t)udp);
		packet.head.ip6.ip6_nxt = IPPROTO_UDP;
		packet.head.ip6.ip6_hlim = HOPS;
		sum = sum_of(&packet.head.ip6.ip6_src, 32, sum);
		*all = sizeof(packet.head.ip6) + udp;
	} else {
		struct ip *ip = (void *)((char *)&packet.udp - sizeof(*ip));

		*ip = (struct ip){.ip_v = 4,
			.ip_hl = sizeof(*ip) / 4,
			.ip_ttl = HOPS,
			.ip_p = IPPROTO_UDP,
			.ip_len = htons((uint16_t)(sizeof(*ip) + udp)),
			.ip_src = from->addr.in.sin_addr,
			.ip_dst = to->addr.in.sin_addr};
		sum = sum_of(&ip->ip_src, 8, sum);
		*all = sizeof(*ip) + udp;
	}
	packet.udp.uh_sum = checksum(sum_of(&packet.udp, udp, sum));
	return (char *)&packet + offsetof(struct packet, payload) + len - *all;
}

/* Sends the datagram from its sender to the address that it was for, on this machine: the socket
 * that is connected to the sender gets it. */
static int send_again(const struct first_datagram *datagram, size_t len, struct first_datagram *out)
{
	struct sockaddr_len from = datagram->peer, to = datagram->local;
	const void *begin;
	size_t all;
	ssize_t sent;
	int raw;

	sockaddr_unmap(&from);
	sockaddr_unmap(&to);
	rights_set(UINT64_C(1) << CAP_NET_RAW);
	raw = socket(from.addr.sa.sa_family, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	if (raw < 0)
		return failed(out, "socket (CAP_NET_RAW)");
	begin = write_packet(&from, &to, len, &all);
	sockaddr_set_port(&to.addr, 0);
	sent = sendto(raw, begin, all, 0, &to.addr.sa, to.len);
	fd_close(&raw);
	return sent < 0 ? failed(out, "sendto") : 0;
}

static int serve(int fd, struct first_datagram *out)
{
	ssize_t len = take(fd, out);
	struct pollfd arrived = {.fd = -1, .events = POLLIN};

	if (len < 0 || !is_unicast(&out->local))
		return -1;
	out->known = is_known(out);
	if (!out->known && (arrived.fd = open_own(fd, out)) < 0)
		return -1;
	if (send_again(out, (size_t)len, out) < 0)
		fd_close(&arrived.fd);
	if (arrived.fd < 0 || poll(&arrived, 1, ARRIVAL_MS) == 1)
		return arrived.fd;
	errno = ETIMEDOUT;
	failed(out, "a packet of our own");
	fd_close(&arrived.fd);
	return -1;
}

void first_datagram_work(const void *unused, int link)
{
	struct pollfd pollfd = {.fd = link, .events = POLLIN};
	struct first_datagram out = {0};
	char byte;
	int fd = -1, own;

	(void)unused;
	if (poll(&pollfd, 1, -1) != 1 || fd_recv(link, &byte, 1, &fd) != 1 || fd < 0)
		return;
	own = serve(fd, &out);
	fd_send(link, &out, sizeof(out), own);
}
