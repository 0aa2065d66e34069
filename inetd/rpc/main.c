/* inetd-rpc: tells rpcbind(8) the ports of RPC services, for the daemon, which sends a list of them
 * over descriptor 3 and hears what came of it (message.h). Apart from the daemon because the
 * library waits for answers. It has no rights: the daemon connects to rpcbind for it, so that
 * rpcbind takes it for the daemon's user. When the daemon closes the link it takes away what it has
 * registered, and ends. Usage: inetd-rpc VERSION [UID GID] */
#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "base/fdutil.h"
#include "rpc/message.h"
#include "rpc/registration.h"
#include "rpc/rpcbind.h"

#define LINK_FD        3
#define RETRY_FIRST_MS 1000
#define RETRY_MOST_MS  60000
#define CHECK_MS       30000 /* root may have taken something away */
#define CONNECT_MS     1000  /* from one question for a connection to the next */

static struct {
	bool ended; /* the daemon has closed the link */
	bool asked; /* for a connection */
	uint64_t asked_ms;
	uint64_t due_ms; /* when to look again; 0: when something happens */
	uint32_t delay_ms;
} state;

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* What the daemon does not read is lost with it. */
static void tell(const struct rpc_message *message)
{
	struct pollfd link = {.fd = LINK_FD, .events = POLLOUT};

	while (fd_send(LINK_FD, message, sizeof(*message), -1) < 0 && errno == EAGAIN)
		poll(&link, 1, -1);
}

static void tell_result(unsigned number, const char *problem)
{
	struct rpc_message message = {.verb = RPC_RESULT, .number = number};

	strlcpy(message.text, problem, sizeof(message.text));
	tell(&message);
}

static void try_later(void)
{
	state.delay_ms = state.delay_ms ? 2 * state.delay_ms : RETRY_FIRST_MS;
	if (state.delay_ms > RETRY_MOST_MS)
		state.delay_ms = RETRY_MOST_MS;
	state.due_ms = now_ms() + state.delay_ms;
}

static void fail(const char *why)
{
	rpcbind_close();
	registration_fail(why);
	try_later();
}

static void ask_for_connection(void)
{
	const struct rpc_message message = {.verb = RPC_CONNECT};
	uint64_t now = now_ms();

	if (state.asked)
		return;
	if (state.asked_ms && now < state.asked_ms + CONNECT_MS) {
		state.due_ms = state.asked_ms + CONNECT_MS;
		return;
	}
	state.asked = true;
	state.asked_ms = now;
	tell(&message);
}

/* Makes rpcbind and the list agree, or sees to it that this is done later. */
static void look(void)
{
	state.due_ms = 0;
	if (!registration_any())
		return;
	if (rpcbind_fd() < 0) {
		ask_for_connection();
		return;
	}
	if (registration_settle() < 0)
		fail("rpcbind does not answer");
	else if (registration_has_problem())
		try_later();
	else
		state.delay_ms = 0;
	if (!state.due_ms)
		state.due_ms = now_ms() + CHECK_MS;
	registration_report(tell_result);
}

static void take_connection(int fd, int error)
{
	char why[RPC_TEXT];

	state.asked = false;
	if (fd >= 0 && rpcbind_use(fd) == 0) {
		look();
		return;
	}
	snprintf(why, sizeof(why), "cannot connect to rpcbind: %s",
		strerror(error ? error : ENOMEM));
	fail(why);
	registration_report(tell_result);
}

/* Without memory the daemon's next list, or the next program, does better. */
static void take_list(int fd)
{
	if (registration_read_list(fd) < 0)
		exit(EXIT_FAILURE);
	look();
}

static void take_message(void)
{
	struct rpc_message message = {0};
	int fd;
	ssize_t len = fd_recv(LINK_FD, &message, sizeof(message), &fd);

	state.ended = !len || (len < 0 && errno != EAGAIN && errno != EINTR);
	if (len != sizeof(message))
		fd_close(&fd);
	else if (message.verb == RPC_LIST && fd >= 0)
		take_list(fd);
	else if (message.verb == RPC_CONNECTION)
		take_connection(fd, message.error);
	else
		fd_close(&fd);
}

/* -1: nothing is due. */
static int wait_ms(void)
{
	uint64_t now = now_ms();

	if (!state.due_ms)
		return -1;
	return state.due_ms <= now ? 0 : (int)(state.due_ms - now);
}

static void serve(void)
{
	while (!state.ended) {
		struct pollfd fds[] = {
			{.fd = LINK_FD, .events = POLLIN}, {.fd = rpcbind_fd(), .events = POLLIN}};
		int count = poll(fds, 2, wait_ms());

		if (count < 0 && errno != EINTR)
			return;
		/* rpcbind says nothing unasked: it has ended. The next one may have forgotten all,
		 * so a new connection begins with a look. */
		if (count > 0 && fds[1].revents) {
			rpcbind_close();
			look();
		}
		if (count > 0 && fds[0].revents)
			take_message();
		else if (!wait_ms())
			look();
	}
}

static bool is_number(const char *text, unsigned *number)
{
	const char *err = NULL;

	*number = (unsigned)strtonum(text, 0, UINT32_MAX - 1, &err);
	return !err;
}

static int give_up_rights(uid_t uid, gid_t gid)
{
	if (uid && (setgroups(0, NULL) < 0 || setresgid(gid, gid, gid) < 0 ||
			   setresuid(uid, uid, uid) < 0))
		return -1;
	/* Others of that uid have no business here. */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return -1;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

int main(int argc, char **argv)
{
	unsigned version, uid = 0, gid = 0;

	if (argc < 2 || !is_number(argv[1], &version) || version != RPC_VERSION ||
		(argc == 4 && (!is_number(argv[2], &uid) || !is_number(argv[3], &gid))) ||
		(argc != 2 && argc != 4)) {
		fputs("usage: inetd-rpc VERSION [UID GID], with a link on descriptor 3: inetd "
		      "starts "
		      "it by itself\n",
			stderr);
		return 2;
	}
	/* What the daemon's terminal or service manager tells all of its processes: the end of the
	 * link counts. */
	for (const int *sig = (const int[]){SIGHUP, SIGINT, SIGTERM, SIGPIPE, 0}; *sig; sig++)
		signal(*sig, SIG_IGN);
	if (give_up_rights(uid, gid) < 0 || chdir("/") < 0)
		return EXIT_FAILURE;
	serve();
	registration_clear();
	return EXIT_SUCCESS;
}
