/* trial: see trial.h. */
#include "control/trial.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/container_of.h"
#include "base/fdutil.h"
#include "base/log.h"
#include "base/loop.h"
#include "control/daemon_state.h"
#include "run/process/child.h"
#include "run/process/spawn.h"

#define LIMIT_MS   10000
#define WORD_BYTES 400

struct trial {
	struct child child;
	struct spawn_error error;
	const char *path;
	void (*over)(const char *why); /* NULL: it was told */
	struct watch words;            /* .fd owned */
	struct timer limit;
	int null_fd;           /* owned; its standard input */
	char text[WORD_BYTES]; /* that it has said so far */
	size_t len;
};

static void trial_free(struct trial *trial)
{
	fd_close(&trial->null_fd);
	free(trial);
}

static void stop_listening(struct trial *trial)
{
	loop_unwatch(&trial->words);
	fd_close(&trial->words.fd);
	loop_untimer(&trial->limit);
}

static void tell(struct trial *trial, const char *why)
{
	void (*over)(const char *why) = trial->over;

	stop_listening(trial);
	trial->over = NULL;
	if (over)
		over(why);
}

/* What is more than fits is thrown away. False at the end, or when there is nothing now. */
static bool read_words(struct trial *trial)
{
	char rest[WORD_BYTES];
	size_t room = sizeof(trial->text) - 1 - trial->len;
	ssize_t len = trial->words.fd < 0
			      ? 0
			      : read(trial->words.fd, room ? trial->text + trial->len : rest,
					room ? room : sizeof(rest));

	if (len > 0 && room)
		trial->len += (size_t)len;
	return len > 0;
}

static void words_ready(struct watch *watch, uint32_t events)
{
	struct trial *trial = container_of(watch, struct trial, words);

	if (!read_words(trial) && (events & (EPOLLHUP | EPOLLERR)))
		loop_unwatch(&trial->words); /* its end is told by SIGCHLD */
}

static void too_late(struct timer *timer)
{
	struct trial *trial = container_of(timer, struct trial, limit);
	char why[200];

	kill(trial->child.pid, SIGKILL);
	snprintf(why, sizeof(why), "%s has not said within %d s that it can go on from here",
		trial->path, LIMIT_MS / 1000);
	tell(trial, why);
}

static bool is_good(const struct trial *trial, int status)
{
	return !trial->error.step && WIFEXITED(status) && !WEXITSTATUS(status) &&
	       !strcmp(trial->text, TRIAL_GOOD);
}

/* Why not: what it has said itself, in the first line; or how it has ended. */
static void explain(const struct trial *trial, int status, char *why, size_t size)
{
	char how[64];

	child_status_text(status, how, sizeof(how));
	if (trial->error.step)
		snprintf(why, size, "cannot execute %s: %s: %s", trial->path, trial->error.step,
			strerror(trial->error.err));
	else if (*trial->text && strcmp(trial->text, TRIAL_GOOD) != 0)
		snprintf(why, size, "%s cannot go on from here: %s", trial->path, trial->text);
	else
		snprintf(why, size,
			"%s has ended with %s, and has not said that it can go on from here",
			trial->path, how);
}

static void ended(struct child *child, int status, const struct rusage *usage)
{
	struct trial *trial = container_of(child, struct trial, child);
	char why[WORD_BYTES + 200];
	bool good;

	(void)usage;
	for (int i = 0; i < 16 && read_words(trial); i++)
		;
	trial->text[trial->len] = 0;
	trial->text[strcspn(trial->text, "\n")] = 0; /* the first line tells */
	good = is_good(trial, status);
	log_mask(trial->text);
	explain(trial, status, why, sizeof(why));
	tell(trial, good ? NULL : why);
	trial_free(trial);
}

/* Consumes argv, out and state. */
static pid_t execute(struct trial *trial, char **argv, const char *directory, int out, int state)
{
	struct spawn_room *room = spawn_room();

	trial->null_fd = fd_raise(open("/dev/null", O_RDWR | O_CLOEXEC));
	if (!room || trial->null_fd < 0) {
		trial->error = (struct spawn_error){.step = "/dev/null", .err = errno};
		fd_close(&out);
		fd_close(&state);
		free(argv);
		return -1;
	}
	room->argv = argv;
	room->plan = (struct spawn_plan){.path = trial->path,
		.argv = argv,
		.envp = environ,
		.fds = {trial->null_fd, out, out, state},
		.close_fd = out,
		.close_errors = state,
		.directory = directory};
	return spawn_run(room, &trial->error);
}

/* A pipe to read what it says, and the state. */
static int prepare(struct trial *trial, int *out, int *state)
{
	int ends[2];

	*state = daemon_state_write();
	if (*state < 0)
		return -1;
	if (pipe2(ends, O_CLOEXEC) < 0) {
		fd_close(state);
		return -1;
	}
	trial->words.fd = fd_raise(ends[0]);
	*out = fd_raise(ends[1]);
	if (fd_set_nonblock(trial->words.fd, true) == 0 && loop_watch(&trial->words, EPOLLIN) == 0)
		return 0;
	fd_close(state);
	fd_close(out);
	return -1;
}

int trial_start(const char *path, char **argv, const char *directory, void (*over)(const char *why))
{
	struct trial *trial = calloc(1, sizeof(*trial));
	int out = -1, state = -1;

	if (!trial) {
		free(argv);
		return -1;
	}
	*trial = (struct trial){.path = path,
		.over = over,
		.child.ended = ended,
		.null_fd = -1,
		.words = {.fd = -1, .ready = words_ready},
		.limit.fired = too_late};
	trial->child.pid = -1;
	if (prepare(trial, &out, &state) == 0)
		trial->child.pid = execute(trial, argv, directory, out, state);
	else
		free(argv);
	if (trial->child.pid < 0) {
		int err = trial->error.step ? trial->error.err : errno;

		stop_listening(trial);
		trial_free(trial);
		errno = err;
		return -1;
	}
	child_add(&trial->child);
	loop_timer(&trial->limit, LIMIT_MS);
	return 0;
}
