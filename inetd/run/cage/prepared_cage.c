/* prepared_cage: see prepared_cage.h. The helper sends one message for each part, with its
 * descriptor, and one at the end; the connection ends with the helper. */
#include "run/cage/prepared_cage.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/backoff.h"
#include "base/container_of.h"
#include "base/fdutil.h"
#include "run/cage/cage_calls.h"
#include "run/cage/control_group.h"
#include "run/cage/landlock.h"
#include "run/cage/mounts.h"
#include "run/cage/syscall_filter.h"
#include "run/process/helper.h"

#define LIMIT_S        30
#define RETRY_FIRST_MS 1000
#define RETRY_MOST_MS  60000

enum part {
	PART_LANDLOCK,
	PART_MOUNTS,
	PART_ROOT,
	PART_TMP,
	PART_NETWORK,
	PART_GROUP,
	PART_FILTER,
	PART_END,
	PART_FAILED
};

struct cage_message {
	enum part part;
	int err;
	char step[128]; /* of PART_FAILED */
};

struct prepared_cage {
	unsigned refs;
	const struct cage *wanted; /* borrowed; NULL: the owner has left */
	const char *name;          /* of the service; borrowed likewise */
	bool renews_group;
	void (*changed)(void *owner, const char *step, int err);
	void *owner; /* NULL: it has left */
	struct cage_parts parts;
	int tmp;                  /* the private /tmp; -1: there is none; owned */
	struct spawn_call *calls; /* owned; NULL: not ready */
	struct watch answer;      /* .fd -1: no helper under way; owned */
	struct backoff retry;
};

static const struct cage_parts no_parts = {
	.landlock = -1, .mounts = -1, .root = -1, .network = -1, .group = -1};

/* --- in the helper --- */

__attribute__((noreturn)) static void give_up(int out, const char *step)
{
	struct cage_message message = {.part = PART_FAILED, .err = errno};

	strlcpy(message.step, step, sizeof(message.step));
	(void)fd_send(out, &message, sizeof(message), -1);
	_exit(1);
}

/* `step` is what fd came of, as it is after that. */
static void send_part(int out, enum part part, int fd, const char *const *step)
{
	struct cage_message message = {.part = part};

	if (fd < 0 || fd_send(out, &message, sizeof(message), fd) < 0)
		give_up(out, *step);
}

/* With nothing in it but a loopback interface that is down. */
static int make_network(const char **step)
{
	*step = "network namespace";
	return unshare(CLONE_NEWNET) < 0 ? -1 : open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
}

/* The program in a file, as what is sent has to be a descriptor. */
static int make_filter(const struct cage *cage, const char **step)
{
	struct sock_fprog program;
	size_t size;
	int fd;

	if (syscall_filter_make(cage, &program, step) < 0)
		return -1;
	size = program.len * sizeof(*program.filter);
	fd = memfd_create("inetd-filter", MFD_CLOEXEC);
	if (fd >= 0 && write(fd, program.filter, size) != (ssize_t)size)
		fd_close(&fd);
	return fd;
}

static void send_mounts(int out, const struct cage *cage)
{
	const char *step = "";
	struct mounts made;

	if (mounts_make(cage, &made, &step) < 0)
		give_up(out, step);
	if (made.tmp >= 0)
		send_part(out, PART_TMP, made.tmp, &step);
	send_part(out, PART_ROOT, made.root, &step);
	send_part(out, PART_MOUNTS, made.space, &step);
}

static int make_group(const struct prepared_cage *cage, const char **step)
{
	return control_group_make(cage->wanted, cage->name, cage->renews_group, step);
}

static void make_all(const void *arg, int out)
{
	const struct cage *cage = ((const struct prepared_cage *)arg)->wanted;
	const char *step = "";

	/* Before /sys/fs/cgroup is read-only. */
	if (control_group_is_wanted(cage))
		send_part(out, PART_GROUP, make_group(arg, &step), &step);
	if (cage->network != CAGE_NETWORK_YES)
		send_part(out, PART_NETWORK, make_network(&step), &step);
	if (syscall_filter_is_wanted(cage))
		send_part(out, PART_FILTER, make_filter(cage, &step), &step);
	if (mounts_are_wanted(cage))
		send_mounts(out, cage);
	/* With the mounts as the program will find them. */
	if (landlock_is_wanted(cage))
		send_part(out, PART_LANDLOCK, landlock_make(cage, &step), &step);
	if (fd_send(out, &(struct cage_message){.part = PART_END}, sizeof(struct cage_message),
		    -1) < 0)
		_exit(1);
}

/* --- in the daemon --- */

static void attempt(struct prepared_cage *cage);

static void parts_close(struct prepared_cage *cage)
{
	struct cage_parts *parts = &cage->parts;

	fd_close(&cage->tmp);
	fd_close(&parts->landlock);
	fd_close(&parts->mounts);
	fd_close(&parts->root);
	fd_close(&parts->network);
	fd_close(&parts->group);
	free(parts->filter.filter);
	*parts = no_parts;
}

/* The file is memory: reading it does not wait. */
static int read_filter(struct sock_fprog *program, int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -1;
	program->filter = malloc((size_t)st.st_size);
	if (!program->filter || pread(fd, program->filter, (size_t)st.st_size, 0) != st.st_size)
		return -1;
	program->len = (unsigned short)((size_t)st.st_size / sizeof(*program->filter));
	return 0;
}

static int take_part(struct prepared_cage *cage, enum part part, int fd)
{
	int *const places[] = {[PART_LANDLOCK] = &cage->parts.landlock,
		[PART_MOUNTS] = &cage->parts.mounts,
		[PART_ROOT] = &cage->parts.root,
		[PART_TMP] = &cage->tmp,
		[PART_NETWORK] = &cage->parts.network,
		[PART_GROUP] = &cage->parts.group};

	if (part == PART_FILTER) {
		int result = read_filter(&cage->parts.filter, fd);

		fd_close(&fd);
		return result;
	}
	fd_close(places[part]);
	*places[part] = fd_raise(fd);
	return fd < 0 ? -1 : 0;
}

static void failed(struct prepared_cage *cage, const char *step, int err)
{
	parts_close(cage);
	backoff_start(&cage->retry, RETRY_FIRST_MS, RETRY_MOST_MS);
	cage->changed(cage->owner, step, err);
}

static void ready(struct prepared_cage *cage)
{
	cage->calls = cage_calls(cage->wanted, &cage->parts);
	if (!cage->calls)
		failed(cage, "memory", ENOMEM);
	else
		cage->changed(cage->owner, NULL, 0);
}

static void answer_ended(struct prepared_cage *cage)
{
	loop_unwatch(&cage->answer);
	fd_close(&cage->answer.fd);
}

static void answered(struct watch *watch, uint32_t events)
{
	struct prepared_cage *cage = container_of(watch, struct prepared_cage, answer);
	struct cage_message message;
	int fd = -1;
	ssize_t len = fd_recv(watch->fd, &message, sizeof(message), &fd);

	(void)events;
	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (len == sizeof(message) && message.part < PART_END) {
		if (take_part(cage, message.part, fd) == 0)
			return;
		message = (struct cage_message){
			.part = PART_FAILED, .err = errno, .step = "descriptor"};
	} else if (len != sizeof(message)) {
		fd_close(&fd);
		message = (struct cage_message){
			.part = PART_FAILED, .err = ETIMEDOUT, .step = "helper process"};
	}
	answer_ended(cage);
	message.step[sizeof(message.step) - 1] = 0;
	if (message.part == PART_END)
		ready(cage);
	else
		failed(cage, message.step, message.err);
}

static void retry(struct timer *timer)
{
	attempt(container_of(timer, struct prepared_cage, retry.timer));
}

static void attempt(struct prepared_cage *cage)
{
	cage->answer.fd = helper_run(&(struct helper_job){
		.work = make_all, .arg = cage, .limit_s = LIMIT_S, .want_pipe = true});
	if (cage->answer.fd < 0 || loop_watch(&cage->answer, EPOLLIN) < 0) {
		int err = errno;

		fd_close(&cage->answer.fd);
		failed(cage, "helper process", err);
	}
}

struct prepared_cage *prepared_cage_new(const struct cage *wanted, const char *name,
	void (*changed)(void *owner, const char *step, int err), void *owner)
{
	struct prepared_cage *cage = calloc(1, sizeof(*cage));

	if (!cage)
		return NULL;
	*cage = (struct prepared_cage){
		.refs = 1,
		.wanted = wanted,
		.name = name,
		.changed = changed,
		.owner = owner,
		.tmp = -1,
		.parts = no_parts,
		.answer = {.fd = -1, .ready = answered},
		.retry.timer.fired = retry,
	};
	loop_timer(&cage->retry.timer, 0); /* the owner has it before it hears of it */
	return cage;
}

struct prepared_cage *prepared_cage_ref(struct prepared_cage *cage)
{
	cage->refs++;
	return cage;
}

void prepared_cage_unref(struct prepared_cage *cage)
{
	if (--cage->refs)
		return;
	parts_close(cage);
	free(cage->calls);
	free(cage);
}

void prepared_cage_renew_group(struct prepared_cage *cage)
{
	cage->renews_group = true;
}

void prepared_cage_move(struct prepared_cage *cage, const struct cage *wanted, const char *name)
{
	cage->name = name;
	cage->wanted = wanted;
}

void prepared_cage_leave(struct prepared_cage *cage)
{
	cage->owner = NULL;
	cage->wanted = NULL;
	loop_untimer(&cage->retry.timer);
	if (cage->answer.fd >= 0)
		answer_ended(cage);
	prepared_cage_unref(cage);
}

const struct spawn_call *prepared_cage_calls(const struct prepared_cage *cage)
{
	return cage->calls;
}

bool prepared_cage_is_clean(const struct prepared_cage *cage)
{
	return (cage->tmp < 0 || mounts_tmp_is_empty(cage->tmp)) &&
	       (cage->parts.group < 0 || control_group_is_there(cage->parts.group));
}

int prepared_cage_group(const struct prepared_cage *cage)
{
	return cage->parts.group;
}
