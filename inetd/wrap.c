/* inetd-wrap: runs before a service's program, in its process and with its rights, for what
 * takes too long for the daemon, then becomes the program:
 *	-r	looks up the names of both ends of the connection on descriptor 0 and sets
 *		TCPREMOTEHOST and TCPLOCALHOST (ucspi-tcp)
 *	-w name	asks tcp wrappers (hosts_access(5)) whether `name` may serve it; if not, ends
 * With -c name it asks only, for the daemon, and exits with WRAP_ALLOWED or something else. With -p
 *a proxy has named both ends: they are those of TCPREMOTEIP and its like. Usage: inetd-wrap [-pr]
 *[-w name] path argv0 [argument ...]; inetd-wrap [-p] -c name */
#include <errno.h>
#include <netdb.h>
#include <signal.h>
#include <sys/socket.h>
#include <syslog.h>
#ifdef HAVE_LIBWRAP
#include <tcpd.h>
#endif
#include <unistd.h>

#include "base/sockaddr.h"
#include "base/wrap.h"

#define LOOKUP_S 30 /* for both names; then the program starts without them */

static bool proxied; /* -p */

/* An address as the daemon has written it. */
static void read_end(const char *ip, const char *port, struct sockaddr_len *out)
{
	const char *host = getenv(ip), *number = getenv(port);

	if (!host || !sockaddr_parse(host, out))
		out->len = 0;
	else if (number)
		sockaddr_set_port(&out->addr, (uint16_t)strtoul(number, NULL, 10));
}

/* len 0: it is not known. */
static struct sockaddr_len remote_end(void)
{
	struct sockaddr_len addr = {.len = sizeof(addr.addr)};

	if (proxied)
		read_end("TCPREMOTEIP", "TCPREMOTEPORT", &addr);
	else if (getpeername(STDIN_FILENO, &addr.addr.sa, &addr.len) < 0)
		addr.len = 0;
	return addr;
}

static struct sockaddr_len local_end(void)
{
	struct sockaddr_len addr = {.len = sizeof(addr.addr)};

	if (proxied)
		read_end("TCPLOCALIP", "TCPLOCALPORT", &addr);
	else if (getsockname(STDIN_FILENO, &addr.addr.sa, &addr.len) < 0)
		addr.len = 0;
	return addr;
}

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
	struct sockaddr_len remote = remote_end(), local = local_end();

	/* With -E they may be there, of the daemon's own caller. */
	unsetenv("TCPREMOTEHOST");
	unsetenv("TCPLOCALHOST");
	if (remote.len)
		set_name("TCPREMOTEHOST", &remote);
	if (local.len)
		set_name("TCPLOCALHOST", &local);
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

#ifdef HAVE_LIBWRAP

/* libwrap looks for them; a rule in hosts.allow may change them (hosts_options(5)). */
int allow_severity = LOG_INFO;
int deny_severity = LOG_WARNING;

/* Addresses are logged, not names: looking those up only to log them would keep clients waiting.
 * A rule with `twist` does not come back from hosts_access(). */
static bool is_allowed(char *name)
{
	struct request_info request;
	char *base = strrchr(name, '/');
	struct sockaddr_len remote = remote_end(), local = local_end();
	bool allowed;

	openlog(base ? base + 1 : name, LOG_PID, LOG_DAEMON);
	request_init(&request, RQ_DAEMON, base ? base + 1 : name, RQ_FILE, STDIN_FILENO, 0);
	if (proxied && (!remote.len || !local.len))
		return false;
	if (proxied) {
		request_set(&request, RQ_CLIENT_SIN, &remote.addr, RQ_SERVER_SIN, &local.addr, 0);
		sock_methods(&request);
	} else {
		fromhost(&request);
	}
	allowed = hosts_access(&request);
	syslog(allowed ? allow_severity : deny_severity, "%s from %.200s",
		allowed ? "connect" : "refused connect", eval_hostaddr(request.client));
	closelog();
	if (!allowed && request.sink) /* of a datagram: nothing else will take it */
		request.sink(STDIN_FILENO);
	return allowed;
}

#else

static bool is_allowed(char *name)
{
	(void)name;
	return false;
}

#endif

static int usage(void)
{
	fputs("usage: inetd-wrap [-pr] [-w name] path argv0 [argument ...]\n"
	      "       inetd-wrap [-p] -c name\n",
		stderr);
	return 2;
}

int main(int argc, char **argv)
{
	char *name = NULL;
	bool resolve = false;
	int opt;

	while ((opt = getopt(argc, argv, "+prw:c:")) != -1) {
		if (opt == 'c')
			return is_allowed(optarg) ? WRAP_ALLOWED : EXIT_FAILURE;
		if (opt == '?')
			return usage();
		if (opt == 'w')
			name = optarg;
		resolve |= opt == 'r';
		proxied |= opt == 'p';
	}
	program = argv + optind;
	if (argc - optind < 2)
		return usage();
	if (name && !is_allowed(name))
		return EXIT_FAILURE;
	if (resolve) {
		signal(SIGALRM, become);
		alarm(LOOKUP_S);
		set_names();
	}
	become(0);
}
