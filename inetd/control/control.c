/* control: see control.h. */
#include "control/control.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fdutil.h"
#include "base/log.h"
#include "base/loop.h"
#include "run/socket.h"

#define CLIENTS_MOST  16
#define REQUEST_BYTES 1024
#define CLIENT_MS     10000 /* from accept to the last byte of the answer */
#define PAUSE_MS      1000  /* when there is no descriptor or memory for a client */
#define BACKLOG       16
#define PROTOCOL      "inetd/1 "

struct client {
	struct watch watch; /* .fd owned */
	struct timer limit;
	LIST_ENTRY(client) in_clients;
	char request[REQUEST_BYTES];
	size_t request_len;
	char *answer; /* owned; NULL while the request is read */
	size_t answer_len, sent;
};

static void accept_clients(struct watch *watch, uint32_t events);
static void pause_over(struct timer *timer);

static struct {
	struct watch watch;
	struct timer pause;
	struct endpoint endpoint;
	struct socket_made made;
	const struct control_verb *verbs;
	LIST_HEAD(client_list, client) clients;
	unsigned count;
} control = {.watch = {.fd = -1, .ready = accept_clients}, .pause = {.fired = pause_over}};

/* Watches for clients, unless there are enough of them or it is no use now. */
static void update(void)
{
	if (control.count < CLIENTS_MOST && !loop_timer_running(&control.pause))
		loop_watch(&control.watch, EPOLLIN);
	else
		loop_unwatch(&control.watch);
}

static void pause_over(struct timer *timer)
{
	(void)timer;
	update();
}

static void client_free(struct client *client)
{
	loop_untimer(&client->limit);
	loop_unwatch(&client->watch);
	fd_close(&client->watch.fd);
	LIST_REMOVE(client, in_clients);
	free(client->answer);
	free(client);
	control.count--;
	update();
}

static void client_late(struct timer *timer)
{
	client_free((struct client *)(void *)((char *)timer - offsetof(struct client, limit)));
}

static bool may_change(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	return !getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) &&
	       (peer.uid == 0 || peer.uid == geteuid());
}

static const struct control_verb *find_verb(const char *name)
{
	for (const struct control_verb *verb = control.verbs; verb->name; verb++)
		if (!strcmp(verb->name, name))
			return verb;
	return NULL;
}

/* The body of the answer to a request line, into out; returns the status. */
static int answer_body(struct client *client, FILE *out)
{
	char *name = client->request + strlen(PROTOCOL), *arg = name;
	const struct control_verb *verb;

	if (strncmp(client->request, PROTOCOL, strlen(PROTOCOL)) != 0) {
		fprintf(out, "this daemon speaks " PROTOCOL "only\n");
		return 2;
	}
	strsep(&arg, " ");
	if (arg && !*arg)
		arg = NULL;
	verb = find_verb(name);
	if (!verb) {
		fprintf(out, "unknown request '%s'\n", log_mask(name));
		return 2;
	}
	if (arg ? verb->arg == CONTROL_NO_ARG : verb->arg == CONTROL_ARG) {
		fprintf(out, "%s takes %s argument\n", verb->name, arg ? "no" : "an");
		return 2;
	}
	if (verb->changes && !may_change(client->watch.fd)) {
		fprintf(out, "%s: only root may do that\n", verb->name);
		return 1;
	}
	return verb->run(out, arg);
}

static bool answer(struct client *client)
{
	char *body = NULL;
	size_t body_len = 0;
	FILE *out = open_memstream(&body, &body_len);
	int status, head;

	if (!out)
		return false;
	status = answer_body(client, out);
	loop_tick(); /* a reload may take longer than a client may */
	loop_timer(&client->limit, CLIENT_MS);
	if (fclose(out) == 0)
		client->answer = malloc(body_len + 32);
	if (client->answer) {
		head = snprintf(client->answer, 32, PROTOCOL "%d\n", status);
		memcpy(client->answer + head, body, body_len);
		client->answer_len = (size_t)head + body_len;
	}
	free(body);
	return client->answer && loop_watch(&client->watch, EPOLLOUT) == 0;
}

/* Returns false when the client is to be dropped. */
static bool read_request(struct client *client)
{
	char *end;
	ssize_t len = recv(client->watch.fd, client->request + client->request_len,
		sizeof(client->request) - 1 - client->request_len, MSG_DONTWAIT);

	if (len <= 0)
		return len < 0 && (errno == EAGAIN || errno == EINTR);
	client->request_len += (size_t)len;
	client->request[client->request_len] = 0;
	end = strchr(client->request, '\n');
	if (!end)
		return client->request_len < sizeof(client->request) - 1;
	*end = 0;
	return answer(client);
}

static bool send_answer(struct client *client)
{
	ssize_t len = send(client->watch.fd, client->answer + client->sent,
		client->answer_len - client->sent, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (len < 0)
		return errno == EAGAIN || errno == EINTR;
	client->sent += (size_t)len;
	return client->sent < client->answer_len;
}

static void client_ready(struct watch *watch, uint32_t events)
{
	struct client *client = (struct client *)(void *)watch;

	(void)events;
	if (!(client->answer ? send_answer(client) : read_request(client)))
		client_free(client);
}

static void accept_clients(struct watch *watch, uint32_t events)
{
	struct client *client;
	int fd = fd_raise(accept4(watch->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK));

	(void)events;
	if (fd < 0) {
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
			loop_timer(&control.pause, PAUSE_MS);
		update();
		return;
	}
	client = calloc(1, sizeof(*client));
	if (!client) {
		fd_close(&fd);
		return;
	}
	client->watch = (struct watch){.fd = fd, .ready = client_ready};
	client->limit.fired = client_late;
	LIST_INSERT_HEAD(&control.clients, client, in_clients);
	control.count++;
	update();
	if (loop_watch(&client->watch, EPOLLIN) < 0)
		client_free(client);
	else
		loop_timer(&client->limit, CLIENT_MS);
}

int control_open(const char *path, const struct control_verb *verbs)
{
	static const struct service as_service = {
		.socktype = SOCK_STREAM,
		.socket = {.backlog = BACKLOG,
			.mode = 0600,
			.owner = (uid_t)-1,
			.group = (gid_t)-1},
	};
	struct sockaddr_un *un = &control.endpoint.addr.addr.un;

	control.verbs = verbs;
	control.endpoint = (struct endpoint){.socktype = SOCK_STREAM};
	control.endpoint.addr.len = sizeof(*un);
	un->sun_family = AF_UNIX;
	if (strlcpy(un->sun_path, path, sizeof(un->sun_path)) >= sizeof(un->sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	if (socket_open(&as_service, &control.endpoint, false, &control.made) < 0)
		return -1;
	control.watch.fd = control.made.fd;
	return loop_watch(&control.watch, EPOLLIN);
}

void control_close(void)
{
	if (control.watch.fd < 0)
		return;
	while (!LIST_EMPTY(&control.clients))
		client_free(LIST_FIRST(&control.clients));
	loop_untimer(&control.pause);
	loop_unwatch(&control.watch);
	fd_close(&control.watch.fd);
	socket_unlink(&control.endpoint, control.made.dev, control.made.ino);
}
