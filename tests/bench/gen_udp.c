/* gen_udp: datagrams echoed per second. Each socket keeps a window of datagrams under way, sent
 * and received in batches; the source address changes from batch to batch, over many /24
 * networks of the server's own /8, for a server that limits its answers per network. */
#include <errno.h>
#include <poll.h>
#include <sys/param.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gen.h"

#define BATCH    32
#define LOST_MS  100 /* nothing for this long: what is under way is lost */
#define DATAGRAM 2048

static struct {
	const struct gen_options *options;
	struct udp_socket {
		uint32_t under_way;
	} * sockets;
	struct pollfd *polls;
	uint64_t serial, got, lost, wrong;
	struct failures failures;
} run;

static char out[DATAGRAM], in[BATCH][DATAGRAM];

/* N.X.Y.1, X from 1 on: a /24 of its own for each number. */
static struct in_addr source_of(uint64_t serial)
{
	uint32_t network = (uint32_t)(serial % run.options->sources);

	return gen_source(run.options, 0x010001U + (network << 8));
}

/* Control data that sets the source address of a datagram (ip(7), IP_PKTINFO). */
static void source_control(struct msghdr *msg, void *room, size_t size, uint64_t serial)
{
	struct in_pktinfo info = {.ipi_spec_dst = source_of(serial)};
	struct cmsghdr *cmsg;

	if (!run.options->sources)
		return;
	memset(room, 0, size);
	msg->msg_control = room;
	msg->msg_controllen = size;
	cmsg = CMSG_FIRSTHDR(msg);
	cmsg->cmsg_level = IPPROTO_IP;
	cmsg->cmsg_type = IP_PKTINFO;
	cmsg->cmsg_len = CMSG_LEN(sizeof(info));
	memcpy(CMSG_DATA(cmsg), &info, sizeof(info));
}

/* Fills the window, as far as the socket takes it. */
static void socket_send(uint32_t place)
{
	struct udp_socket *socket = &run.sockets[place];
	uint32_t room = run.options->window - socket->under_way;
	struct iovec iov = {.iov_base = out, .iov_len = run.options->request_bytes};
	char control[BATCH][CMSG_SPACE(sizeof(struct in_pktinfo))]
		__attribute__((aligned(__alignof__(struct cmsghdr))));
	struct mmsghdr messages[BATCH] = {0};
	int n;

	if (room < BATCH)
		return;
	for (unsigned i = 0; i < BATCH; i++) {
		struct msghdr *msg = &messages[i].msg_hdr;

		msg->msg_name = (void *)&run.options->server;
		msg->msg_namelen = sizeof(run.options->server);
		msg->msg_iov = &iov;
		msg->msg_iovlen = 1;
		source_control(msg, control[i], sizeof(control[i]), run.serial++);
	}
	n = sendmmsg(run.polls[place].fd, messages, BATCH, MSG_DONTWAIT);
	if (n > 0)
		socket->under_way += (uint32_t)n;
	else if (errno != EAGAIN)
		failures_add(&run.failures, errno);
}

static void socket_receive(uint32_t place)
{
	struct udp_socket *socket = &run.sockets[place];
	struct iovec iov[BATCH];
	struct mmsghdr messages[BATCH] = {0};
	int n;

	for (unsigned i = 0; i < BATCH; i++) {
		iov[i] = (struct iovec){.iov_base = in[i], .iov_len = sizeof(in[i])};
		messages[i].msg_hdr.msg_iov = &iov[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	n = recvmmsg(run.polls[place].fd, messages, BATCH, MSG_DONTWAIT, NULL);
	if (n < 0) {
		if (errno != EAGAIN)
			failures_add(&run.failures, errno);
		return;
	}
	for (int i = 0; i < n; i++)
		run.wrong += messages[i].msg_len != run.options->request_bytes;
	run.got += (uint32_t)n;
	socket->under_way -= MIN(socket->under_way, (uint32_t)n);
}

static void run_until(uint64_t until_ns)
{
	while (gen_now_ns() < until_ns) {
		int n;

		for (uint32_t place = 0; place < run.options->concurrency; place++)
			socket_send(place);
		n = poll(run.polls, run.options->concurrency, LOST_MS);
		for (uint32_t place = 0; place < run.options->concurrency; place++) {
			if (run.polls[place].revents)
				socket_receive(place);
			if (n == 0) {
				run.lost += run.sockets[place].under_way;
				run.sockets[place].under_way = 0;
			}
		}
	}
}

static int open_sockets(void)
{
	run.sockets = calloc(run.options->concurrency, sizeof(*run.sockets));
	run.polls = calloc(run.options->concurrency, sizeof(*run.polls));
	if (!run.sockets || !run.polls)
		return -1;
	for (uint32_t place = 0; place < run.options->concurrency; place++) {
		run.polls[place].fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		run.polls[place].events = POLLIN;
		if (run.polls[place].fd < 0)
			return -1;
	}
	return 0;
}

int gen_udp(const struct gen_options *options)
{
	uint64_t began_ns, counted_from;
	double seconds;

	if (options->request_bytes < 1 || options->request_bytes > DATAGRAM ||
		options->window < BATCH || options->sources > 65000) {
		fprintf(stderr,
			"loadgen: udp: 1 to %d bytes, a window of %d or more, at most "
			"65000 sources\n",
			DATAGRAM, BATCH);
		return 1;
	}
	memset(out, 'u', sizeof(out));
	run.options = options;
	if (open_sockets() < 0) {
		perror("loadgen");
		return 1;
	}
	run_until(gen_now_ns() + options->warm_ms * 1000000);
	counted_from = run.got;
	began_ns = gen_now_ns();
	run_until(began_ns + options->run_ms * 1000000);
	seconds = (double)(gen_now_ns() - began_ns) / 1e9;
	printf("mode=udp sockets=%u per_second=%.1f lost=%llu wrong=%llu", options->concurrency,
		(double)(run.got - counted_from) / seconds, (unsigned long long)run.lost,
		(unsigned long long)run.wrong);
	failures_print(&run.failures);
	putchar('\n');
	return run.got == 0;
}
