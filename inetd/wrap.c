/* inetd-wrap: stands in front of a service's program, in its process and with its rights, for what
 * takes too long for the daemon. With -r it looks up the names of both ends of the connection on
 * descriptor 0 and sets TCPREMOTEHOST and TCPLOCALHOST (ucspi-tcp), then becomes the program.
 * Usage: inetd-wrap -r path argv0 [argument ...] */
#include <errno.h>
#include <netdb.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/sockaddr.h"

#define LOOKUP_S 30 /* for both names; then the program starts without them */

/* A name is believed only if it leads back to the address (RFC 1912, 2.1), as anybody can claim
 * any name for an address of his own. */
static int leads_back(const char *name, const struct sockaddr_len *addr)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list = NULL;
	int found = 0;

	if (getaddrinfo(name, NULL, &hints, &list))
		return 0;
	for (struct addrinfo *ai = list; ai && !found; ai = ai->ai_next) {
		struct sockaddr_len other = {.len = ai->ai_addrlen};

		memcpy(&other.addr, ai->ai_addr, ai->ai_addrlen);
		sockaddr_set_port(&other.addr, sockaddr_port(&addr->addr));
		found = !sockaddr_compare(&other, addr);
	}
	freeaddrinfo(list);
	return found;
}

static void set_name(const char *variable, struct sockaddr_len *addr)
{
	char name[NI_MAXHOST];

	sockaddr_unmap(addr);
	if (!getnameinfo(&addr->addr.sa, addr->len, name, sizeof(name), NULL, 0, NI_NAMEREQD) &&
		leads_back(name, addr))
		setenv(variable, name, 1);
}

static void set_names(void)
{
	struct sockaddr_len addr = {.len = sizeof(addr.addr)};

	if (!getpeername(STDIN_FILENO, &addr.addr.sa, &addr.len))
		set_name("TCPREMOTEHOST", &addr);
	addr.len = sizeof(addr.addr);
	if (!getsockname(STDIN_FILENO, &addr.addr.sa, &addr.len))
		set_name("TCPLOCALHOST", &addr);
}

static char **program;

/* Names that take too long are done without. */
__attribute__((noreturn)) static void become(int sig)
{
	(void)sig;
	alarm(0);
	signal(SIGALRM, SIG_DFL);
	if (sig) { /* from the handler: the signal is blocked there */
		sigset_t none;

		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
	}
	execv(program[0], program + 1);
	_exit(127);
}

int main(int argc, char **argv)
{
	if (argc < 4 || strcmp(argv[1], "-r") != 0) {
		fputs("usage: inetd-wrap -r path argv0 [argument ...]\n", stderr);
		return 2;
	}
	program = argv + 2;
	signal(SIGALRM, become);
	alarm(LOOKUP_S);
	set_names();
	become(0);
}
