/* redirect: passes a connection of `nowait` on to another address: the port that others know stays
 * here, the server is elsewhere. The name is looked up for each connection, so that a change of its
 * addresses needs no reload, and its addresses are tried in turn, IPv6 and IPv4 as they come.
 *
 * Shown here: how to call a name's addresses (common/dial.h); bytes go from socket to socket
 * through a pipe, by splice(2), and are never copied to this program, and each way has its own end
 * of file (common/flow.h); a reset is passed on as a reset, so that nobody takes half of an answer
 * for the whole; one limit to all silence. */
#include <err.h>
#include <errno.h>
#include <netdb.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/dial.h"
#include "common/flow.h"
#include "common/io.h"
#include "common/options.h"

static const struct options_known known = {
	.usage = "redirect [-46] [-c seconds] [-i seconds] host port",
	.letters = "46c:i:",
	.least = 2,
	.most = 2};

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

/* Of any number getaddrinfo(3) would take the lowest 16 bits: another port. */
static void check_port(const char *port)
{
	const char *wrong;

	strtonum(port, 1, UINT16_MAX, &wrong);
	if (wrong && port[strspn(port, "-+0123456789")] == '\0')
		options_wrong(&known, "port \"%s\" is %s (1 to 65535)", port, wrong);
}

int main(int argc, char *argv[])
{
	int opt, family = AF_UNSPEC, connect_s = 10, idle_s = 600, status = 0, fd;

	while ((opt = options_next(&known, argc, argv)) != -1) {
		if (opt == '4' || opt == '6')
			family = opt == '4' ? AF_INET : AF_INET6;
		else if (opt == 'c')
			connect_s = options_number(&known, 1, 86400);
		else
			idle_s = options_number(&known, 1, 86400);
	}
	check_port(argv[optind + 1]);
	signal(SIGPIPE, SIG_IGN);
	fd = connect_to(argv[optind], argv[optind + 1], family, connect_s * 1000);
	if (flow_both_ways(STDIN_FILENO, fd, idle_s * 1000) < 0) {
		status = !io_peer_gone(errno);
		reset(STDIN_FILENO);
		reset(fd);
	}
	return status;
}
