/* userid: see userid.h. */
#include "run/accept/userid.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fdutil.h"
#include "base/log.h"
#include "base/log_sink.h"
#include "run/process/helper.h"
#include "run/process/log_writer.h"

#define HELPERS_MOST 32
#define LIMIT_S      10
#define IDENT_PORT   113
#define ANSWER_MOST  1000 /* RFC 1413, 4: the longest line */

struct question {
	const char *service;
	const char *log_file;            /* of the service; NULL: the daemon's log */
	struct sockaddr_len peer, local; /* the ends of the connection */
};

static unsigned helpers;

/* --- in the helper process --- */

/* Connects from the address that the client has connected to. Returns a descriptor, or -1. */
static int reach(const struct question *question)
{
	struct sockaddr_len from = question->local, to = question->peer;
	int fd;

	sockaddr_set_port(&from.addr, 0);
	sockaddr_set_port(&to.addr, IDENT_PORT);
	fd = socket(to.addr.sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 &&
		(bind(fd, &from.addr.sa, from.len) < 0 || connect(fd, &to.addr.sa, to.len) < 0))
		fd_close(&fd);
	return fd;
}

/* Reads up to the end of a line. False if there is none. */
static bool read_line(int fd, char *line, size_t size)
{
	size_t used = 0;

	while (used < size - 1) {
		ssize_t len = read(fd, line + used, size - 1 - used);

		if (len <= 0)
			return false;
		used += (size_t)len;
		line[used] = 0;
		if (strpbrk(line, "\r\n")) {
			line[strcspn(line, "\r\n")] = 0;
			return true;
		}
	}
	return false;
}

/* The user in "6193, 23 : USERID : UNIX : name", or NULL with what is told instead in *why. */
static const char *user_in(char *line, const char **why)
{
	char *rest = line, *kind;

	strsep(&rest, ":");
	kind = strsep(&rest, ":");
	*why = "an answer that is none";
	if (!kind || !rest)
		return NULL;
	kind += strspn(kind, " \t");
	if (strncmp(kind, "USERID", 6) != 0) {
		*why = rest + strspn(rest, " \t");
		return NULL;
	}
	strsep(&rest, ":"); /* the system */
	if (!rest)
		return NULL;
	rest += strspn(rest, " \t");
	return *rest ? rest : NULL;
}

/* Returns the user, or NULL with the reason in *why. */
static const char *ask(const struct question *question, char *line, size_t size, const char **why)
{
	int fd = reach(question), len;
	bool answered;

	*why = strerror(errno);
	if (fd < 0)
		return NULL;
	len = snprintf(line, size, "%u , %u\r\n", sockaddr_port(&question->peer.addr),
		sockaddr_port(&question->local.addr));
	answered = send(fd, line, (size_t)len, MSG_NOSIGNAL) == len && read_line(fd, line, size);
	fd_close(&fd);
	*why = "no answer";
	return answered ? user_in(line, why) : NULL;
}

static void work(const void *arg, int out)
{
	const struct question *question = arg;
	char line[ANSWER_MOST + 2], peer[SOCKADDR_TEXT];
	const char *why, *user = ask(question, line, sizeof(line), &why);

	(void)out;
	sockaddr_text(&question->peer, peer, sizeof(peer));
	log_file = log_writer_append;
	log_event_to(question->log_file, LOG_INFO,
		LOG_FIELDS({"service", question->service, false}, {"peer", peer, false},
			{user ? "userid" : NULL, user, false}),
		"%s: its client is %s: %s", question->service,
		user ? "the user" : "no user that is told", user ? user : why);
}

/* --- in the daemon --- */

static void helper_ended(void)
{
	helpers--;
}

void userid_ask(const struct service_state *state, const struct conn *conn)
{
	struct question question = {.service = state->service->name,
		.log_file = service_state_log_file(state),
		.peer = conn->peer};

	question.local.len = sizeof(question.local.addr);
	if (helpers == HELPERS_MOST || conn->named || !service_state_shows(state, LOG_INFO) ||
		(conn->peer.addr.sa.sa_family != AF_INET &&
			conn->peer.addr.sa.sa_family != AF_INET6) ||
		getsockname(conn->fd, &question.local.addr.sa, &question.local.len) < 0 ||
		sockaddr_port(&question.local.addr) == IDENT_PORT)
		return;
	if (helper_run(&(struct helper_job){work, &question, helper_ended, LIMIT_S, false}) >= 0)
		helpers++;
}
