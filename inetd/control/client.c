/* client: see client.h. */
#include "control/client.h"

#include <errno.h>
#include <stdio_ext.h>
#include <sys/epoll.h>
#include <sys/param.h>
#include <sys/socket.h>

#include "base/fdutil.h"
#include "base/log.h"
#include "base/patience.h"
#include "control/peer.h"
#include "run/process/closer.h"

#define CLIENT_MS 10000 /* for its request; and again for the answer */
#define STALL_MS  3000  /* without taking any of its answer */
#define LATER_MS  60000 /* for an answer that takes its time */

enum { STATUS_FAILED = 1, STATUS_WRONG = 2 };

static control_fn *const *functions;
static gid_t reading_group = (gid_t)-1;
static bool trusted; /* the client that is being answered */

void client_verbs(control_fn *const verbs[VERBS])
{
	functions = verbs;
}

void client_group(gid_t group)
{
	reading_group = group;
}

struct client *client_new(int fd, void (*ready)(struct watch *watch, uint32_t events),
	void (*late)(struct timer *timer))
{
	struct client *client;

	do
		client = calloc(1, sizeof(*client));
	while (!client && patience_lasts());
	if (client) {
		client->watch = (struct watch){.fd = fd, .ready = ready};
		client->limit.fired = late;
		client->since_ms = loop_now_ms();
		client->takes_rights = closer_takes_rights(fd);
		client->guest = peer_right(fd, (gid_t)-1, &client->uid) != PEER_CHANGE;
	}
	if (!client || loop_watch(&client->watch, EPOLLIN) < 0) {
		free(client);
		closer_hang_up(&fd);
		return NULL;
	}
	loop_timer(&client->limit, CLIENT_MS);
	return client;
}

void client_free(struct client *client)
{
	loop_untimer(&client->limit);
	loop_unwatch(&client->watch);
	closer_hang_up(&client->watch.fd);
	free(client->answer);
	free(client);
}

/* How much can be read without receiving descriptors, which would be closed here, by us. A peek
 * tells of them and leaves them where they are; what it has seen is read next, and nothing else. 0:
 * they are there. -1 with errno. */
static ssize_t read_safely(int fd, char *data, size_t size)
{
	struct iovec iov = {data, size};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
	ssize_t len = recvmsg(fd, &msg, MSG_PEEK | MSG_DONTWAIT);

	if (len <= 0)
		return len;
	return msg.msg_flags & MSG_CTRUNC ? 0 : recv(fd, data, (size_t)len, MSG_DONTWAIT);
}

static void parse(struct client *client)
{
	client->state = request_parse(client->request, client->request_len, &client->parsed);
	client->asked = client->state != REQUEST_PART;
}

bool client_read(struct client *client)
{
	char *data = client->request + client->request_len;
	size_t room = sizeof(client->request) - client->request_len;
	ssize_t len = client->takes_rights ? read_safely(client->watch.fd, data, room)
					   : recv(client->watch.fd, data, room, MSG_DONTWAIT);

	if (len <= 0)
		return len < 0 && (errno == EAGAIN || errno == EINTR);
	client->request_len += (size_t)len;
	parse(client);
	return true;
}

void client_resume(struct client *client, const void *request, size_t len)
{
	memcpy(client->request, request, len);
	client->request_len = len;
	parse(client);
}

/* Writes why the request is refused and returns the status; 0 when it is not. */
static int refuse(const struct client *client, const struct verb *verb, FILE *out)
{
	enum peer_right right = peer_right(client->watch.fd, reading_group, NULL);
	const char *arg = client->parsed.arg;

	trusted = right == PEER_CHANGE;
	if (right == PEER_NONE) {
		fprintf(out, "%s: only root and the members of control_group may ask\n",
			verb->name);
		return STATUS_FAILED;
	}
	if ((verb->flags & VERB_ROOT) && right != PEER_CHANGE) {
		fprintf(out, "%s: only root may do that\n", verb->name);
		return STATUS_FAILED;
	}
	if (!verb_takes(verb, arg != NULL)) {
		fprintf(out, "%s takes %s argument\n", verb->name, arg ? "no" : "an");
		return STATUS_WRONG;
	}
	return 0;
}

/* Writes the text of the answer; returns the status. */
static int write_text(struct client *client, FILE *out)
{
	const struct verb *verb;
	char name[64];
	int status;

	if (client->state == REQUEST_FOREIGN) {
		fprintf(out, "this daemon speaks " REQUEST_PROTOCOL "only\n");
		return STATUS_WRONG;
	}
	if (client->state != REQUEST_WHOLE) {
		fprintf(out, "a request is one line of text, shorter than %d bytes\n",
			REQUEST_BYTES);
		return STATUS_WRONG;
	}
	verb = verb_find(client->parsed.verb);
	if (!verb || !functions[verb - verb_table]) {
		strlcpy(name, client->parsed.verb, sizeof(name));
		fprintf(out, "unknown request '%s'\n", log_mask(name));
		return STATUS_WRONG;
	}
	status = refuse(client, verb, out);
	return status ? status : functions[verb - verb_table](out, client->parsed.arg);
}

/* The head, which needs the status and the length, is written into room that was left before the
 * text. `said`: the text, or NULL for what the verb that was asked for says, unless that is to come
 * later. */
static void compose(struct client *client, int status, const char *said)
{
	char head[REQUEST_HEAD], *text = NULL;
	size_t len = 0, head_len;
	FILE *out = open_memstream(&text, &len);
	bool failed;

	if (!out)
		return;
	__fsetlocking(out, FSETLOCKING_BYCALLER); /* one thread: locks are time for nothing */
	fprintf(out, "%*s", REQUEST_HEAD, "");
	if (said)
		fputs(said, out);
	else
		status = write_text(client, out);
	failed = ferror(out); /* there was no memory for a part */
	client->later = status == CONTROL_LATER;
	if (fclose(out) != 0 || failed || len < REQUEST_HEAD || client->later) {
		free(text);
		return;
	}
	head_len = request_head(head, status, len - REQUEST_HEAD);
	client->answer = text;
	client->answer_len = len;
	client->sent = REQUEST_HEAD - head_len;
	memcpy(text + client->sent, head, head_len);
}

/* What can be said without memory for an answer. */
static void send_no_memory(const struct client *client)
{
	static const char text[] = "the daemon is out of memory\n";
	char answer[REQUEST_HEAD + sizeof(text)];
	size_t len = request_head(answer, STATUS_FAILED, sizeof(text) - 1);

	memcpy(answer + len, text, sizeof(text));
	send(client->watch.fd, answer, len + sizeof(text) - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
}

void client_compose(struct client *client)
{
	compose(client, 0, NULL);
}

bool client_answer(struct client *client)
{
	if (client->later) {
		loop_timer(&client->limit, LATER_MS);
		return true;
	}
	if (!client->answer) {
		send_no_memory(client);
		return false;
	}
	client->end_ms = loop_now_ms() + CLIENT_MS;
	loop_timer(&client->limit, STALL_MS);
	return client_send(client) && loop_watch(&client->watch, EPOLLOUT) == 0;
}

bool client_answer_text(struct client *client, int status, const char *text)
{
	compose(client, status, text);
	return client_answer(client);
}

bool client_trusted(void)
{
	return trusted;
}

bool client_send(struct client *client)
{
	ssize_t len = send(client->watch.fd, client->answer + client->sent,
		client->answer_len - client->sent, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (len < 0)
		return errno == EAGAIN || errno == EINTR;
	client->sent += (size_t)len;
	loop_timer(
		&client->limit, MIN(STALL_MS, client->end_ms - MIN(client->end_ms, loop_now_ms())));
	return client->sent < client->answer_len;
}
