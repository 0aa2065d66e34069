/* redirect: passes a connection of `nowait` on to another address: the port that others know stays
 * here, the server is elsewhere. The name is looked up for each connection, so that a change of its
 * addresses needs no reload, and its addresses are tried in turn, IPv6 and IPv4 as they come.
 *
 * Shown here: bytes go from socket to socket through a pipe, by splice(2), and are never copied to
 * this program; each way has its own end of file, which is passed on as a half-close; a reset is
 * passed on as a reset, so that nobody takes half of an answer for the whole; one limit to all
 * silence. */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/dial.h"
#include "common/io.h"
#include "common/options.h"

#define USAGE "redirect [-46] [-c seconds] [-i seconds] host port"

#define PIPE_BYTES (1 << 20) /* as much as an ordinary user may have, pipe(7) */

/* One way: from a socket into a pipe until that is full or the socket empty, then from the pipe to
 * the other socket until the pipe is empty. */
struct flow {
	int from, to;
	int pipe[2];
	size_t held; /* bytes in the pipe; 0: reading, else writing */
	bool over;   /* its end of file has been passed on */
};

static int open_flow(struct flow *flow, int from, int to)
{
	*flow = (struct flow){.from = from, .to = to};
	if (pipe2(flow->pipe, O_CLOEXEC | O_NONBLOCK) < 0)
		return -1;
	fcntl(flow->pipe[1], F_SETPIPE_SZ, PIPE_BYTES); /* if it may not be, it is slower */
	return 0;
}

/* splice(2) stops before urgent data as if nothing or the end were there: recv(2) does not. */
static ssize_t read_urgent(const struct flow *flow)
{
	char buf[512];
	ssize_t got = recv(flow->from, buf, sizeof(buf), MSG_DONTWAIT);

	return got <= 0 ? got : write(flow->pipe[1], buf, (size_t)got);
}

/* One step of a way whose socket is ready. Returns how many bytes went on or 0 at the end; -1 with
 * errno, EAGAIN if it was not ready after all. */
static ssize_t flow_step(struct flow *flow)
{
	const unsigned flags = SPLICE_F_MOVE | SPLICE_F_NONBLOCK;
	ssize_t moved;

	if (flow->held > 0) {
		moved = splice(flow->pipe[0], NULL, flow->to, NULL, flow->held, flags);
		flow->held -= moved > 0 ? (size_t)moved : 0;
		return moved;
	}
	moved = splice(flow->from, NULL, flow->pipe[1], NULL, PIPE_BYTES, flags);
	if (moved == 0 || (moved < 0 && errno == EAGAIN))
		moved = read_urgent(flow);
	if (moved == 0) {
		flow->over = true;
		shutdown(flow->to, SHUT_WR);
	}
	flow->held = moved > 0 ? (size_t)moved : 0;
	return moved;
}

/* What a way waits for. */
static struct pollfd flow_wish(const struct flow *flow)
{
	if (flow->over)
		return (struct pollfd){.fd = -1};
	if (flow->held > 0)
		return (struct pollfd){.fd = flow->to, .events = POLLOUT};
	return (struct pollfd){.fd = flow->from, .events = POLLIN};
}

/* Both ways until both are over. -1 with errno, ETIMEDOUT when nothing has gone on for too long. */
static int pass_on(struct flow flows[2], int idle_ms)
{
	uint64_t now = io_now_ms(), end = now + (uint64_t)idle_ms;

	while (!flows[0].over || !flows[1].over) {
		struct pollfd wishes[2] = {flow_wish(&flows[0]), flow_wish(&flows[1])};
		int ready = now < end ? poll(wishes, 2, (int)(end - now)) : 0;

		if (ready < 0 && errno != EINTR)
			return -1;
		if (ready == 0) {
			errno = ETIMEDOUT;
			return -1;
		}
		now = io_now_ms();
		for (int i = 0; i < 2 && ready > 0; i++) {
			if (!wishes[i].revents)
				continue;
			if (flow_step(&flows[i]) >= 0)
				end = now + (uint64_t)idle_ms;
			else if (errno != EAGAIN && errno != EINTR)
				return -1;
		}
	}
	return 0;
}

static int connect_to(const char *host, const char *port, int family, int limit_ms)
{
	struct addrinfo hints = {.ai_family = family, .ai_socktype = SOCK_STREAM}, *list;
	int fd, wrong = getaddrinfo(host, port, &hints, &list);

	if (wrong)
		errx(1, "%s port %s: %s", host, port, gai_strerror(wrong));
	fd = dial(list, limit_ms);
	if (fd < 0)
		err(1, "%s port %s", host, port);
	freeaddrinfo(list);
	return fd;
}

/* A close of this socket resets the connection. socket(7), SO_LINGER. */
static void reset(int fd)
{
	struct linger none = {.l_onoff = 1};

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
}

int main(int argc, char *argv[])
{
	int opt, family = AF_UNSPEC, connect_s = 10, idle_s = 600, status = 0, fd;
	struct flow flows[2];
	char *end;

	while ((opt = getopt(argc, argv, "46c:i:")) != -1) {
		if (opt == '4' || opt == '6')
			family = opt == '4' ? AF_INET : AF_INET6;
		else if (opt == 'c')
			connect_s = options_number(optarg, 1, 86400, USAGE);
		else if (opt == 'i')
			idle_s = options_number(optarg, 1, 86400, USAGE);
		else
			options_usage(USAGE);
	}
	if (optind != argc - 2)
		options_usage(USAGE);
	/* Of any number getaddrinfo(3) would take the lowest 16 bits: another port. */
	strtoul(argv[optind + 1], &end, 10);
	if (!*end)
		options_number(argv[optind + 1], 1, UINT16_MAX, USAGE);
	signal(SIGPIPE, SIG_IGN);
	fd = connect_to(argv[optind], argv[optind + 1], family, connect_s * 1000);
	fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK);
	if (open_flow(&flows[0], STDIN_FILENO, fd) < 0 ||
		open_flow(&flows[1], fd, STDIN_FILENO) < 0)
		err(1, "pipe");
	if (pass_on(flows, idle_s * 1000) < 0) {
		status = !io_peer_gone(errno);
		reset(STDIN_FILENO);
		reset(fd);
	}
	return status;
}
