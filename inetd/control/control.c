/* control: see control.h. Here: whose turn it is; client.c has the request and the answer of one
 * client, control_socket.c the socket. */
#include "control/control.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/param.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/container_of.h"
#include "base/fdutil.h"
#include "base/handover.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/slice.h"
#include "control/client.h"
#include "control/control_socket.h"
#include "control/crowd.h"
#include "run/process/closer.h"
#include "run/process/spawn.h"

#define PAUSE_MS     1000 /* when there is no descriptor or memory for a client */
#define BUSY_MS      100  /* until those that were dropped are closed */
#define REST_MOST_MS 1000

static void accept_clients(struct watch *watch, uint32_t events);
static void pause_over(struct timer *timer);
static void answer_next(struct timer *timer);

static struct {
	struct watch watch;
	struct timer pause;
	struct timer rest; /* running: the next request has to wait */
	struct crowd crowd;
	struct slice slice;       /* answers `answering` */
	struct client *answering; /* one of the hearing, or NULL */
	uint64_t begun_us;
} control = {
	.watch = {.fd = -1, .ready = accept_clients},
	.pause = {.fired = pause_over},
	.rest = {.fired = answer_next},
	.crowd = {.silent = TAILQ_HEAD_INITIALIZER(control.crowd.silent),
		.waiting = TAILQ_HEAD_INITIALIZER(control.crowd.waiting),
		.hearing = TAILQ_HEAD_INITIALIZER(control.crowd.hearing),
		.later = TAILQ_HEAD_INITIALIZER(control.crowd.later)},
};

/* Watches for clients, unless there is no room for another or it is no use now. */
static void update(void)
{
	uint64_t room_ms = crowd_room_in_ms(&control.crowd);

	if (loop_timer_running(&control.pause) || room_ms)
		loop_unwatch(&control.watch);
	else
		loop_watch(&control.watch, EPOLLIN);
	if (room_ms && room_ms != ROOM_NEVER && !loop_timer_running(&control.pause))
		loop_timer(&control.pause, room_ms);
}

static void pause_over(struct timer *timer)
{
	(void)timer;
	update();
}

static bool may_answer(void)
{
	return !control.answering && !loop_timer_running(&control.rest);
}

static void remove_client(struct client *client)
{
	crowd_leave(&control.crowd, client);
	client_free(client);
}

static void drop_client(struct client *client)
{
	if (client == control.answering) {
		client->given_up = true;
		return;
	}
	remove_client(client);
	if (may_answer())
		loop_timer(&control.rest, 0);
	update();
}

static void give_place(struct share_hold *hold)
{
	drop_client(container_of(hold, struct client, place));
}

static void give_turn(struct share_hold *hold)
{
	drop_client(container_of(hold, struct client, turn));
}

/* False: it is gone. */
static bool enter(struct client *client)
{
	struct client *excess;

	client->place.give_way = give_place;
	client->turn.give_way = give_turn;
	if (!crowd_enter(&control.crowd, client)) {
		client_free(client);
		return false;
	}
	excess = crowd_find_excess(&control.crowd);
	if (excess)
		drop_client(excess);
	return true;
}

static void move_client(struct client *client, struct client_list *to)
{
	crowd_move(&control.crowd, client, to);
}

static void work_answer(struct slice *slice)
{
	(void)slice;
	control.begun_us = loop_clock_us();
	spawn_collect(); /* who asks may be a program that is known to be on its way only */
	client_compose(control.answering);
}

/* Sends the answer, and rests for as long as it took. */
static void answered(struct slice *slice)
{
	struct client *client = control.answering;
	uint64_t took_ms = (loop_clock_us() - control.begun_us) / 1000;

	(void)slice;
	control.answering = NULL;
	loop_tick(); /* a reload may take longer than a client may */
	if (client->given_up || !client_answer(client))
		drop_client(client);
	else if (client->later)
		move_client(client, &control.crowd.later);
	loop_timer(&control.rest, MIN(took_ms, REST_MOST_MS));
	update();
}

/* Answers one; what takes long, in slices. */
static void answer_client(struct client *client)
{
	move_client(client, &control.crowd.hearing);
	loop_untimer(&client->limit);
	control.answering = client;
	control.slice.work = work_answer;
	control.slice.done = answered;
	slice_start(&control.slice);
}

static void answer_next(struct timer *timer)
{
	struct client *client = may_answer() ? crowd_take_turn(&control.crowd) : NULL;

	(void)timer;
	if (client)
		answer_client(client);
}

static void client_late(struct timer *timer)
{
	drop_client(container_of(timer, struct client, limit));
}

/* Its request, or a part of it, may have come. */
static void read_client(struct client *client)
{
	if (!client_read(client)) {
		drop_client(client);
	} else if (client->asked) {
		loop_unwatch(&client->watch);
		move_client(client, &control.crowd.waiting);
		answer_next(NULL);
	}
}

static void client_ready(struct watch *watch, uint32_t events)
{
	struct client *client = container_of(watch, struct client, watch);

	(void)events;
	if (client->in == &control.crowd.silent)
		read_client(client);
	else if (!client_send(client))
		drop_client(client);
}

static void accept_clients(struct watch *watch, uint32_t events)
{
	struct client *client;
	int fd;

	(void)events;
	if (crowd_room_in_ms(&control.crowd)) { /* somebody else of this batch has it */
		update();
		return;
	}
	if (closer_is_busy()) { /* with those that were dropped */
		loop_timer(&control.pause, BUSY_MS);
		update();
		return;
	}
	fd = fd_raise(accept4(watch->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK));
	if (fd < 0) {
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
			loop_timer(&control.pause, PAUSE_MS);
		update();
		return;
	}
	client = client_new(fd, client_ready, client_late);
	if (!client) {
		log_warn("control: a client is not answered");
		loop_timer(&control.pause, PAUSE_MS);
		update();
		return;
	}
	if (!enter(client)) {
		update();
		return;
	}
	move_client(client, &control.crowd.silent);
	update();
	read_client(client); /* most have sent it by now */
}

static void begin(control_fn *const verbs[VERBS])
{
	client_verbs(verbs);
	crowd_open(&control.crowd);
}

int control_open(const char *path, control_fn *const verbs[VERBS])
{
	begin(verbs);
	control.watch.fd = control_socket_open(path);
	if (control.watch.fd < 0)
		return -1;
	if (loop_watch(&control.watch, EPOLLIN) == 0)
		return 0;
	control_close();
	return -1;
}

bool control_is_open(void)
{
	return control.watch.fd >= 0;
}

int control_allow(gid_t group)
{
	int result;

	if (control.watch.fd < 0 || group == control_socket_group())
		return 0;
	client_group((gid_t)-1);
	result = control_socket_allow(group);
	client_group(control_socket_group());
	return result;
}

bool control_trusts(void)
{
	return client_trusted();
}

static void drop_all(struct client_list *list)
{
	while (!TAILQ_EMPTY(list))
		remove_client(TAILQ_FIRST(list));
}

void control_close(void)
{
	if (control.watch.fd < 0)
		return;
	drop_all(&control.crowd.silent);
	drop_all(&control.crowd.waiting);
	drop_all(&control.crowd.hearing);
	drop_all(&control.crowd.later);
	loop_untimer(&control.pause);
	loop_untimer(&control.rest);
	loop_unwatch(&control.watch);
	control.watch.fd = -1;
	control_socket_close();
}

void control_answer(int status, const char *text)
{
	struct client *client;

	while ((client = TAILQ_FIRST(&control.crowd.later))) {
		move_client(client, &control.crowd.hearing);
		if (!client_answer_text(client, status, text))
			drop_client(client);
	}
}

bool control_is_quiet(void)
{
	return TAILQ_EMPTY(&control.crowd.hearing);
}

/* --- from one daemon to the next --- */

static void put_clients(FILE *out, const struct client_list *list)
{
	const struct client *client;

	TAILQ_FOREACH (client, list, in_list) {
		record_begin(out, "client");
		handover_put_fd(out, "fd", client->watch.fd);
		handover_put_bytes(out, "request", client->request, client->request_len);
		record_number(out, "later", client->later);
		record_end(out);
	}
}

void control_put(FILE *out)
{
	if (control.watch.fd < 0)
		return;
	control_socket_put(out);
	put_clients(out, &control.crowd.silent);
	put_clients(out, &control.crowd.waiting);
	put_clients(out, &control.crowd.later);
}

static void get_client(const struct record *record)
{
	int fd = handover_take_fd(record, "fd");
	struct client *client = fd < 0 ? NULL : client_new(fd, client_ready, client_late);
	char request[REQUEST_BYTES];
	size_t len = handover_get_bytes(record, "request", request, sizeof(request));

	if (!client)
		return;
	if (!enter(client))
		return;
	client_resume(client, request, len);
	client->later = record_get_number(record, "later");
	if (client->asked)
		loop_unwatch(&client->watch);
	if (client->asked && !client->later)
		loop_timer(&control.rest, 0);
	move_client(client, client->later   ? &control.crowd.later
			    : client->asked ? &control.crowd.waiting
					    : &control.crowd.silent);
}

int control_resume(const char *path, control_fn *const verbs[VERBS])
{
	control.watch.fd = control_socket_resume(path);
	client_group(control_socket_group());
	if (control.watch.fd < 0 || loop_watch(&control.watch, EPOLLIN) < 0)
		return -1;
	begin(verbs);
	handover_each("client", get_client);
	update();
	return 0;
}
