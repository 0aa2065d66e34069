/* plan: see plan.h. */
#include "run/program/plan.h"

#include <errno.h>
#include <unistd.h>

#include "base/sockaddr.h"
#include "run/program/environment.h"

static struct {
	struct rlimit nofile;
	bool set_nofile;
	const char *directory; /* for programs; NULL: the daemon is there already */
	const char *wrap;      /* path of inetd-wrap */
	const char *on_demand; /* path of services/ondemand */
	bool resolve, tcp_wrappers;
} start;

void plan_init(const struct rlimit *nofile, bool nofile_was_changed, const char *directory)
{
	start.nofile = *nofile;
	start.set_nofile = nofile_was_changed;
	start.directory = directory;
}

uint64_t plan_nofile(void)
{
	return start.nofile.rlim_cur;
}

void plan_wrap(const char *path, bool resolve, bool tcp_wrappers)
{
	start.wrap = path;
	start.resolve = resolve;
	start.tcp_wrappers = tcp_wrappers;
}

void plan_on_demand(const char *path)
{
	start.on_demand = path;
}

static size_t count_words(char *const *words)
{
	size_t count = 0;

	while (words && words[count])
		count++;
	return count;
}

/* inetd-wrap in front, which needs the path too: -p -r -w name path. */
#define OWN_WORDS 9

/* What inetd-wrap is to do for this program. A socket that is lent for accepting has no peer yet;
 * tcp wrappers look at waiting datagrams themselves. */
static bool is_resolved(const struct conn *conn)
{
	return start.resolve && sockaddr_is_inet(&conn->local.addr.sa) && !conn->lent;
}

static bool is_checked(const struct service *service, const struct conn *conn)
{
	return start.tcp_wrappers && sockaddr_is_inet(&conn->local.addr.sa) &&
	       (!conn->lent || service->socktype == SOCK_DGRAM);
}

/* A command in front starts the program by its path. Where the program has another name, inetd-wrap
 * stands between and gives it. Returns the number of words; argv[0] is to follow. */
static size_t keep_name(const struct service *service, char **argv)
{
	if (!strcmp(service->argv[0], service->server))
		return 0;
	argv[0] = (char *)start.wrap;
	argv[1] = (char *)service->server;
	return 2;
}

/* argv of: inetd-wrap and its options, the words of wrapper, the program and its arguments. Where
 * nothing stands in front it is the service's own. Returns NULL, or what failed with errno. */
static const char *build_argv(
	const struct service *service, const struct conn *conn, struct spawn_room *room)
{
	bool resolve = is_resolved(conn), check = is_checked(service, conn);
	char *const *options = service->policy->on_demand.words;
	size_t words = count_words(service->policy->wrapper), args = count_words(service->argv),
	       more = count_words(options), at = 0;

	if (!resolve && !check && !words && !more)
		return NULL;
	room->argv = calloc(OWN_WORDS + words + more + args + 1, sizeof(*room->argv));
	if (!room->argv)
		return "arguments";
	if (words)
		room->plan.path = service->policy->wrapper[0];
	if (resolve || check) {
		/* What inetd-wrap cannot run is a failure to start, which it has no way to say. */
		room->plan.check_path = room->plan.path;
		room->argv[at++] = (char *)"inetd-wrap";
		if (conn->named)
			room->argv[at++] = (char *)"-p";
		if (resolve)
			room->argv[at++] = (char *)"-r";
		if (check) {
			room->argv[at++] = (char *)"-w";
			room->argv[at++] = service->argv[0];
		}
		room->argv[at++] = (char *)room->plan.path;
		room->plan.path = start.wrap;
	}
	if (more) {
		room->plan.path = start.on_demand;
		room->argv[at++] = (char *)start.on_demand;
		memcpy(room->argv + at, options, more * sizeof(*room->argv));
		at += more;
	}
	if (words) {
		memcpy(room->argv + at, service->policy->wrapper, words * sizeof(*room->argv));
		at += words;
	}
	if (words || more)
		at += keep_name(service, room->argv + at);
	memcpy(room->argv + at, service->argv, args * sizeof(*room->argv));
	room->plan.argv = room->argv;
	return NULL;
}

static int linger_s(const struct service *service, const struct conn *conn)
{
	const struct socket_extras *extras = service->policy->extras;

	return extras && !conn->lent && sockaddr_is_inet(&conn->local.addr.sa)
		       ? (int)(extras->linger_ms / 1000)
		       : 0;
}

const char *plan_build(
	const struct service *service, const struct conn *conn, int errors, struct spawn_room *room)
{
	bool listens = conn->lent && service->policy->context.activation != ACTIVATION_INETD;

	room->plan = (struct spawn_plan){
		.path = service->server,
		.argv = service->argv,
		.identity = service->policy->identity.as_caller ? NULL : &service->policy->identity,
		.fds = {conn->fd, conn->fd, errors < 0 ? conn->fd : errors,
			listens ? conn->fd : -1},
		.close_fd = -1,
		.close_errors = -1,
		.close_first = !conn->lent && conn->unix_socket,
		.config = service->config,
		.directory = start.directory,
		.linger_s = linger_s(service, conn),
		.nice = service->policy->context.nice,
		.umask = service->policy->context.umask,
		.nofile = raw_limit(start.nofile.rlim_cur, start.nofile.rlim_max),
		.set_nofile = start.set_nofile,
	};
	environment_build(service, conn, room);
	if (room->overflow) {
		errno = E2BIG;
		return "environment";
	}
	room->plan.envp = room->envp;
	return build_argv(service, conn, room);
}
