/* spare_process: see spare_process.h. */
#include "run/program/spare_process.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "base/container_of.h"
#include "base/fdutil.h"
#include "base/large.h"
#include "run/process/closer.h"
#include "run/process/time_slice.h"
#include "run/program/environment.h"
#include "run/program/spare_message.h"
#include "run/program/spare_turn.h"
#include "run/service/service_cage.h"

#define TURN_MS    100   /* how long it may keep others from being started */
#define READY_MS   60000 /* from then to ready */
#define WHY_BYTES  160
#define LONG_SLICE 4 /* times ours, while it starts: with more others of the machine delay it */

void (*spare_process_event)(struct spare *spare, enum spare_event event, const char *why);

static bool no_slices; /* we may not give theirs back to processes of others */

/* Those who answer take the processor from one that starts. */
static uint64_t slice_at_start(struct spare *spare)
{
	uint64_t own_ns = no_slices ? 0 : time_slice_own();

	spare->slice_ns = own_ns <= TIME_SLICE_MOST_NS / LONG_SLICE ? own_ns : 0;
	return spare->slice_ns * LONG_SLICE;
}

/* That of a program which was started for its connection. False: it stays as it is. */
static bool has_own_slice(const struct spare *spare)
{
	if (!spare->slice_ns ||
		time_slice_change(spare->child.pid, spare->slice_ns * LONG_SLICE, spare->slice_ns))
		return true;
	no_slices = true;
	return false;
}

static void end_turn(struct spare *spare)
{
	if (spare->has_turn)
		spare_turn_over();
	spare->has_turn = false;
}

static void forget(struct spare *spare)
{
	end_turn(spare);
	spare->pool = NULL;
	loop_untimer(&spare->limit);
	loop_unwatch(&spare->link);
	closer_close(&spare->link.fd);
}

static void spare_free(struct spare *spare)
{
	if (spare->cage)
		prepared_cage_unref(spare->cage);
	free(spare);
}

/* Tells the pool, unless it has told the spare to end. */
static void gone(struct spare *spare, const char *why)
{
	if (!spare->pool)
		return;
	spare_process_event(spare, SPARE_GONE, why);
	forget(spare);
}

static void gone_by_error(struct spare *spare)
{
	char why[WHY_BYTES];

	snprintf(why, sizeof(why), "%s: %s", spare->error.step, strerror(spare->error.err));
	gone(spare, why);
}

static void ended(struct child *child, int status, const struct rusage *usage)
{
	struct spare *spare = container_of(child, struct spare, child);
	char why[WHY_BYTES];

	(void)usage;
	if (spare->error.step)
		gone_by_error(spare);
	else
		gone(spare, child_status_text(status, why, sizeof(why)));
	spare_free(spare);
}

void spare_process_end(struct spare *spare)
{
	forget(spare);
	kill(spare->child.pid, SIGKILL); /* it may not have come to setsid(2) yet */
	kill(-spare->child.pid, SIGKILL);
}

static void is_late(struct timer *timer)
{
	struct spare *spare = container_of(timer, struct spare, limit);

	if (spare->has_turn) {
		end_turn(spare);
		loop_timer(timer, READY_MS);
		return;
	}
	gone(spare, spare->state->service->policy->spares.ready
			    ? "it has not called inetd_ready()"
			    : "it does not wait for a connection");
	spare_process_end(spare);
}

/* Descriptors that came with it would be closed by whoever reads it, and stay for the closer. */
static bool says_ready(int fd)
{
	char byte;
	struct iovec iov = {.iov_base = &byte, .iov_len = 1};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};

	return recvmsg(fd, &msg, MSG_PEEK | MSG_DONTWAIT) > 0 && !(msg.msg_flags & MSG_CTRUNC) &&
	       recv(fd, &byte, 1, MSG_DONTWAIT) > 0;
}

static void link_ready(struct watch *watch, uint32_t events)
{
	struct spare *spare = container_of(watch, struct spare, link);

	(void)events;
	loop_unwatch(watch); /* of its end we hear when it is reaped */
	if (!says_ready(watch->fd))
		return;
	spawn_collect(); /* it is in our memory no more, and spare->error is ours */
	end_turn(spare);
	loop_untimer(&spare->limit);
	spare->ready = has_own_slice(spare);
	spare_process_event(spare, spare->ready ? SPARE_READY : SPARE_UNFIT, NULL);
}

static void left(struct spawn_error *error)
{
	struct spare *spare = container_of(error, struct spare, error);

	spare->on_way = false;
	if (!spare->pool)
		return;
	if (error->errors_err)
		child_stderr_unopened(spare->state, error->errors_err);
	spare_process_event(spare, SPARE_LEFT, NULL);
}

static int start(struct spare *spare)
{
	struct spare_calls calls = {
		.owner = spare->pool, .left = left, .slice_ns = slice_at_start(spare)};

	spare->cage = service_cage_prepared(spare->state);
	if (spare->cage) {
		prepared_cage_ref(spare->cage);
		calls.calls = prepared_cage_calls(spare->cage);
	}
	if (spare->cage && !calls.calls) { /* nothing runs outside of its cage */
		spare->error = (struct spawn_error){.step = "isolation", .err = EAGAIN};
		return -1;
	}
	spare->child.pid = spare_start(spare->state, &calls, &spare->error, &spare->link.fd);
	return spare->child.pid < 0 ? -1 : 0;
}

struct spare *spare_process_start(struct spare_pool *pool, struct service_state *state)
{
	struct spare *spare = calloc(1, sizeof(*spare));

	if (!spare) {
		spare_turn_over();
		return NULL;
	}
	spare->has_turn = true;
	spare->pool = pool;
	spare->state = state;
	spare->child.ended = ended;
	spare->link = (struct watch){.ready = link_ready, .fd = -1};
	spare->limit.fired = is_late;
	spare->on_way = true;
	if (start(spare) < 0) {
		spare->on_way = false;
		gone_by_error(spare);
		spare_free(spare);
		return NULL;
	}
	child_add(&spare->child);
	if (loop_watch(&spare->link, EPOLLIN) < 0)
		end_turn(spare);
	loop_timer(&spare->limit, spare->has_turn ? TURN_MS : 0);
	return spare;
}

/* The environment of a cold start. NULL: it does not fit. */
static const struct spawn_room *environment_of(
	const struct service *service, const struct conn *conn)
{
	static struct spawn_room room LARGE;

	room.env_count = room.bytes_used = 0;
	room.overflow = false;
	environment_build(service, conn, &room);
	return room.overflow ? NULL : &room;
}

int spare_process_give(struct spare *spare, const struct conn *conn, const struct errors *errors)
{
	const struct spawn_room *room = environment_of(spare->state->service, conn);
	const int fds[] = {conn->fd, errors->fd < 0 ? conn->fd : errors->fd};

	/* A file for errors is open already. */
	if (!room || spare_message_send(spare->link.fd, room->envp, room->env_count, fds,
			     errors->path ? 1 : 2) < 0)
		return -1;
	kill(spare->child.pid,
		SIGCONT); /* whoever runs as its user may have stopped it meanwhile */
	forget(spare);
	child_remove(&spare->child);
	spare_free(spare);
	return 0;
}
