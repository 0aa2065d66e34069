/* prefork: serves a listening socket with processes made in advance, so that a connection does not
 * wait for one to start. Takes the socket from inetd (`stream wait`), keeps between N and M
 * processes that each accept a connection, serve it and wait for the next, and ends when nobody has
 * called for a while: then inetd listens again. Each connection gets the program that is named, or
 * the handler built in, which is that of rot13.
 *
 * Shown here: a `wait` service for streams; how to end one without losing a connection (nobody is
 * ended who may have accepted: they are asked to leave, and what they leave is still in the
 * socket's queue); a handler of one's own in place of rot13_serve(). Parts: common/pool.h,
 * the pool; common/pool_manager.h, its size. */
#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/given.h"
#include "common/given_env.h"
#include "common/io.h"
#include "common/options.h"
#include "common/pool.h"
#include "common/pool_manager.h"
#include "common/rot13.h"

static const struct option longs[] = {{"pass", no_argument, NULL, 'p'}, {0}};
static const struct options_known known = {
	.usage = "prefork [-n min] [-m max] [-t idle-seconds] [-g grace-seconds] [-i seconds]\n"
		 "               [--pass] [program [argument...]]",
	.letters = "n:m:t:g:i:",
	.longs = longs,
	.most = OPTIONS_PROGRAM};

static struct {
	char **program; /* NULL: the handler built in */
	bool errors_to_peer;
} serving;

/* The worker becomes the program, and finds the connection where inetd would have put it. */
static int become_program(int connection)
{
	sigset_t none;

	sigemptyset(&none);
	dup2(connection, STDIN_FILENO);
	dup2(connection, STDOUT_FILENO);
	if (serving.errors_to_peer)
		dup2(connection, STDERR_FILENO);
	given_set_environment(connection);
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execv(serving.program[0], serving.program);
	signal(SIGPIPE, SIG_IGN);
	if (!serving.errors_to_peer)
		warn("cannot run %s", serving.program[0]);
	return -1;
}

static int serve_rot13(int connection)
{
	rot13_serve(connection, connection);
	return 0;
}

/* Moves the listening socket away from 0 and 1 (and from 2, where that is it as well), which are
 * the connection's in a program. Returns the new descriptor. */
static int take_listener(void)
{
	int listener = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	struct stat socket, errors;

	if (given_kind(listener) != GIVEN_LISTENER)
		errx(1, "standard input is not a listening socket: say `stream wait`");
	if (null < 0 || fstat(listener, &socket) < 0 ||
		fcntl(listener, F_SETFL, O_RDWR | O_NONBLOCK) < 0)
		err(1, "standard input");
	serving.errors_to_peer = fstat(STDERR_FILENO, &errors) < 0 ||
				 (errors.st_dev == socket.st_dev && errors.st_ino == socket.st_ino);
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	if (serving.errors_to_peer)
		dup2(null, STDERR_FILENO);
	close(null);
	return listener;
}

static void parse_options(int argc, char *argv[], struct pool *pool, struct pool_limits *limits)
{
	int opt;

	while ((opt = options_next(&known, argc, argv)) != -1) {
		if (opt == 'n')
			limits->min = (unsigned)options_number(&known, 1, 1024);
		else if (opt == 'm')
			pool->max = (unsigned)options_number(&known, 1, 1024);
		else if (opt == 't')
			limits->idle_ms = options_number(&known, 1, 86400) * 1000;
		else if (opt == 'g')
			limits->grace_ms = options_number(&known, 0, 86400) * 1000;
		else if (opt == 'i')
			io_limit_ms = options_number(&known, 1, 86400) * 1000;
		else
			pool->pass = true;
	}
	if (limits->min > pool->max)
		options_wrong(&known, "-n %u is more than -m %u", limits->min, pool->max);
	if (optind < argc)
		serving.program = argv + optind;
}

int main(int argc, char *argv[])
{
	struct pool pool = {.max = 32, .serve = serve_rot13};
	struct pool_limits limits = {.min = 2, .idle_ms = 60000, .grace_ms = 5000};

	io_limit_ms = 60000;
	parse_options(argc, argv, &pool, &limits);
	signal(SIGPIPE, SIG_IGN); /* also for complaints that would go to the listening socket */
	if (serving.program) {
		pool.serve = become_program;
		if (access(serving.program[0], X_OK) < 0)
			err(1, "%s", serving.program[0]);
	}
	pool.listener = take_listener();
	if (pool_open(&pool) < 0 || pool_manage(&pool, &limits) < 0)
		err(1, "pool");
	pool_close(&pool);
	return 0;
}
