/* hello-unix: greets the caller of a unix stream socket by name, with the uid, gid and pid that the
 * kernel vouches for. Serves one connection (`stream unix nowait`).
 *
 * Shown here: on a unix socket nobody has to log in. The kernel knows who called connect(2) and
 * says so (SO_PEERCRED of unix(7)); a service may decide by it, without a password and without
 * trusting a word of the caller. The pid is for a log only: the process may have ended, and its
 * number be another's, by the time it is looked at. */
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/io.h"
#include "common/options.h"

#define HANG_UP_MS 1000
#define TAKE_IN_MS 5000 /* a caller that does not read is not waited for longer */

static const struct options_known known = {.usage = "hello-unix", .letters = ""};

int main(int argc, char *argv[])
{
	struct ucred caller;
	socklen_t size = sizeof(caller);
	int domain = 0, len;
	socklen_t domain_size = sizeof(domain);
	const struct passwd *user;
	char text[256];

	options_next(&known, argc, argv);
	/* Other sockets have credentials as well, of nobody. */
	if (getsockopt(STDIN_FILENO, SOL_SOCKET, SO_DOMAIN, &domain, &domain_size) < 0 ||
		domain != AF_UNIX ||
		getsockopt(STDIN_FILENO, SOL_SOCKET, SO_PEERCRED, &caller, &size) < 0) {
		fprintf(stderr, "hello-unix: standard input is not a unix socket\n");
		return 1;
	}
	user = getpwuid(caller.uid);
	len = snprintf(text, sizeof(text), "Hello, %.64s.\nuid=%u\ngid=%u\npid=%d\n",
		user ? user->pw_name : "stranger", caller.uid, caller.gid, caller.pid);
	io_limit_ms = TAKE_IN_MS;
	if (io_write_all(STDOUT_FILENO, text, (size_t)len) < 0)
		return !io_peer_gone(errno);
	io_hang_up(STDOUT_FILENO, HANG_UP_MS);
	return 0;
}
