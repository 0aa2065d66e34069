/* inetd-worker: serves the built-in services for inetd, which hands it connections and datagram
 * sockets over a pair of sockets (message.h). One thread, no privileges, no files. */
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fdutil.h"
#include "base/heap.h"
#include "base/loop.h"
#include "worker/dgram.h"
#include "worker/link.h"
#include "worker/protocol.h"
#include "worker/rate.h"
#include "worker/rules.h"
#include "worker/sandbox.h"
#include "worker/session.h"

enum { EXIT_LINK_CLOSED = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

static void tell(enum worker_note what, const char *step, int err)
{
	struct worker_up note = {.verb = WORKER_NOTE, .count = 1};

	note.note = what;
	note.err = err;
	strlcpy(note.text, step, sizeof(note.text));
	fd_send(WORKER_LINK_FD, &note, sizeof(note), -1);
}

static int failed(const char *step)
{
	int err = errno;

	tell(NOTE_FAILED, step, err);
	errno = err;
	warn("%s", step);
	return EXIT_FAILED;
}

static void take(const struct worker_down *msg, int fd)
{
	switch (msg->verb) {
	case WORKER_STREAM:
	case WORKER_SAY:
	case WORKER_HEADER:
		session_start(msg, fd);
		return;
	case WORKER_ACCESS:
		rules_add(msg);
		break;
	case WORKER_DGRAM:
		dgram_add(msg, fd);
		return;
	case WORKER_DROP:
		dgram_drop(msg->id);
		session_drop(msg->id);
		break;
	case WORKER_END:
		session_end_all(msg->group);
		break;
	case WORKER_PING:
		link_pong();
		break;
	case WORKER_FINISH:
		dgram_drop_all();
		link_finish();
		break;
	case WORKER_MUX:
		if (tcpmux_names(msg->text, msg->count) < 0)
			exit(failed("the names of tcpmux")); /* another is told all of them again */
		break;
	default:
		break;
	}
	fd_close(&fd);
}

static id_t parse_id(const char *text)
{
	const char *error = NULL;
	long long id = strtonum(text, 0, UINT32_MAX - 1, &error);

	if (error)
		errx(EXIT_USAGE, "%s is %s", text, error);
	return (id_t)id;
}

/* Reads the arguments (message.h); does not return on wrong ones. */
static struct sandbox parse_arguments(int argc, char **argv)
{
	static const struct option options[] = {
		{"uid", required_argument, NULL, 'u'},
		{"gid", required_argument, NULL, 'g'},
		{"no-seccomp", no_argument, NULL, 'n'},
		{NULL, 0, NULL, 0},
	};
	struct sandbox sandbox = {.filter = true};
	bool gid = false;
	char version[16];
	int opt;

	while ((opt = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		if (opt == 'u') {
			sandbox.chroot = true;
			sandbox.uid = parse_id(optarg);
		} else if (opt == 'g') {
			gid = true;
			sandbox.gid = parse_id(optarg);
		} else if (opt == 'n') {
			sandbox.filter = false;
		} else {
			exit(EXIT_USAGE);
		}
	}
	snprintf(version, sizeof(version), "%d", WORKER_VERSION);
	if (argc - optind != 1 || strcmp(argv[optind], version) != 0)
		errx(EXIT_USAGE, "version %s: to be started by an inetd of the same build",
			version);
	if (gid != sandbox.chroot)
		errx(EXIT_USAGE, "--uid and --gid go together");
	return sandbox;
}

static void check_link(void)
{
	int type = 0;
	socklen_t len = sizeof(type);

	if (getsockopt(WORKER_LINK_FD, SOL_SOCKET, SO_TYPE, &type, &len) < 0 ||
		type != SOCK_SEQPACKET)
		errx(EXIT_USAGE, "descriptor %d is no link to inetd", WORKER_LINK_FD);
}

/* What may touch files comes before the sandbox. Returns NULL or the step that failed. */
static const char *prepare(void)
{
	const void *random = (const void *)getauxval(AT_RANDOM); /* 16 bytes, getauxval(3) */
	uint64_t seed[2];
	sigset_t none;

	sigemptyset(&none);
	fd_close_range(STDIN_FILENO, STDOUT_FILENO);
	fd_close_range(WORKER_LINK_FD + 1, ~0U);
	/* A huge page for the first byte of the scratch area would be two megabytes. */
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	signal(SIGHUP, SIG_IGN); /* `pkill -HUP inetd` takes names by their beginning */
	memcpy(seed, random, sizeof(seed));
	rate_seed(seed);
	daytime_open();
	chargen_open();
	if (echo_open() < 0)
		return "pipe";
	if (loop_open(&none, NULL) < 0)
		return "epoll";
	if (link_open(WORKER_LINK_FD, take, session_count) < 0)
		return "link";
	return NULL;
}

int main(int argc, char **argv)
{
	struct sandbox sandbox = parse_arguments(argc, argv);
	struct worker_up ready = {.verb = WORKER_READY};
	struct sandbox_without without = {0};
	const char *step;

	check_link();
	step = prepare();
	if (!step)
		step = sandbox_enter(&sandbox, &without);
	if (step)
		return failed(step);
	if (without.step)
		tell(NOTE_ROOT, without.step, without.err);
	heap_trim(); /* what making the filter has left */
	if (fd_send(WORKER_LINK_FD, &ready, offsetof(struct worker_up, ids), -1) < 0)
		return failed("link");
	if (loop_run() < 0)
		return failed("epoll");
	link_close();
	loop_close();
	return EXIT_LINK_CLOSED;
}
