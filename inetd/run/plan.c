/* plan: see plan.h. */
#include "run/plan.h"

#include <errno.h>

#include "base/sockaddr.h"

static struct {
	char *const *environment;
	bool keep_environment;
	struct rlimit nofile;
	bool set_nofile;
	const char *directory; /* for programs; NULL: the daemon is there already */
	const char *tz, *lang; /* whole "TZ=..." strings or NULL */
	const char *wrap;      /* inetd-wrap; NULL: no names are looked up */
} start;

static const char *find_env(char *const *environment, const char *name_and_equals)
{
	size_t len = strlen(name_and_equals);

	for (; *environment; environment++)
		if (!strncmp(*environment, name_and_equals, len))
			return *environment;
	return NULL;
}

void plan_init(char *const *environment, bool keep_environment, const struct rlimit *nofile,
	bool nofile_was_changed, const char *directory)
{
	start.environment = environment;
	start.keep_environment = keep_environment;
	start.nofile = *nofile;
	start.set_nofile = nofile_was_changed;
	start.directory = directory;
	start.tz = find_env(environment, "TZ=");
	start.lang = find_env(environment, "LANG=");
}

static void add_whole(struct spawn_room *room, const char *text)
{
	if (room->env_count == SPAWN_ENV_MOST) {
		room->overflow = true;
		return;
	}
	room->envp[room->env_count++] = (char *)text;
	room->envp[room->env_count] = NULL;
}

static void add(struct spawn_room *room, const char *name, const char *value)
{
	size_t name_len = strlen(name), value_len = strlen(value);
	size_t need = name_len + value_len + 2;
	char *text = room->bytes + room->bytes_used;

	if (need > sizeof(room->bytes) - room->bytes_used) {
		room->overflow = true;
		return;
	}
	memcpy(text, name, name_len);
	text[name_len] = '=';
	memcpy(text + name_len + 1, value, value_len + 1);
	room->bytes_used += (unsigned)need;
	add_whole(room, text);
}

static void add_number(struct spawn_room *room, const char *name, uint32_t value)
{
	char text[11], *p = text + sizeof(text) - 1;

	*p = 0;
	do
		*--p = (char)('0' + value % 10);
	while (value /= 10);
	add(room, name, p);
}

/* -E: everything the daemon was started with, but for what is set anew. */
static void add_daemons(struct spawn_room *room)
{
	for (char *const *env = start.environment; *env; env++)
		if (strncmp(*env, "NOTIFY_SOCKET=", 14) != 0 && strncmp(*env, "LISTEN_", 7) != 0)
			add_whole(room, *env);
}

static void add_base(struct spawn_room *room, const struct service *service)
{
	const struct identity *identity = &service->identity;

	if (start.keep_environment) {
		add_daemons(room);
		return;
	}
	add_whole(room, "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
	add(room, "USER", identity->user);
	add(room, "LOGNAME", identity->user);
	add(room, "HOME", identity->home);
	add(room, "SHELL", identity->shell);
	if (start.tz)
		add_whole(room, start.tz);
	if (start.lang)
		add_whole(room, start.lang);
}

/* The names that UCSPI (ucspi-tcp(1)), xinetd and systemd have for one end of a connection. */
struct end_names {
	const char *ip[2], *port[2]; /* by protocol: tcp, udp */
	const char *more_ip[2];      /* NULL: none */
	const char *more_port;
};

static const struct end_names local_names = {{"TCPLOCALIP", "UDPLOCALIP"},
	{"TCPLOCALPORT", "UDPLOCALPORT"}, {"SERVER_ADDR", NULL}, "SERVER_PORT"};
static const struct end_names remote_names = {{"TCPREMOTEIP", "UDPREMOTEIP"},
	{"TCPREMOTEPORT", "UDPREMOTEPORT"}, {"REMOTE_ADDR", "REMOTE_HOST"}, "REMOTE_PORT"};

static void add_end(
	struct spawn_room *room, const struct end_names *names, bool udp, struct sockaddr_len addr)
{
	char host[SOCKADDR_TEXT];
	uint16_t port;

	sockaddr_unmap(&addr);
	sockaddr_host(&addr, host, sizeof(host));
	port = sockaddr_port(&addr.addr);
	add(room, names->ip[udp], host);
	add_number(room, names->port[udp], port);
	for (int i = 0; i < 2 && names->more_ip[i]; i++)
		add(room, names->more_ip[i], host);
	add_number(room, names->more_port, port);
}

static void add_inet(
	struct spawn_room *room, const struct service *service, const struct conn *conn)
{
	bool udp = service->socktype != SOCK_STREAM;
	struct sockaddr_len local = conn->local;

	if (!conn->lent && sockaddr_is_wildcard(&local.addr)) {
		local.len = sizeof(local.addr);
		if (getsockname(conn->fd, &local.addr.sa, &local.len) < 0)
			local = conn->local;
	}
	add_whole(room, udp ? "PROTO=UDP" : "PROTO=TCP");
	add_end(room, &local_names, udp, local);
	if (!conn->peer.len)
		return;
	add_end(room, &remote_names, udp, conn->peer);
	if (!conn->lent)
		add_number(room, "TCPCONNNUM", conn->count);
}

static void add_unix(struct spawn_room *room, const struct conn *conn)
{
	char host[SOCKADDR_TEXT];

	add_whole(room, "PROTO=IPC");
	if (conn->lent)
		return;
	sockaddr_host(&conn->peer, host, sizeof(host));
	add(room, "IPCREMOTEPATH", !strcmp(host, "-") ? "" : host);
	if (conn->peer_uid == (uid_t)-1)
		return;
	add_number(room, "IPCREMOTEEUID", conn->peer_uid);
	add_number(room, "IPCREMOTEEGID", conn->peer_gid);
}

void plan_resolve(const char *path)
{
	start.wrap = path;
}

/* The wrap program in front of the service's own. */
static int wrap_argv(const struct service *service, struct spawn_room *room)
{
	size_t count = 0;

	while (service->argv[count])
		count++;
	room->argv = calloc(count + 4, sizeof(*room->argv));
	if (!room->argv)
		return -1;
	room->argv[0] = (char *)"inetd-wrap";
	room->argv[1] = (char *)"-r";
	room->argv[2] = (char *)service->server;
	memcpy(room->argv + 3, service->argv, count * sizeof(*room->argv));
	return 0;
}

int plan_build(const struct service *service, const struct conn *conn, struct spawn_room *room)
{
	bool unix_socket = conn->local.addr.sa.sa_family == AF_UNIX;

	add_base(room, service);
	if (unix_socket)
		add_unix(room, conn);
	else
		add_inet(room, service, conn);
	room->plan = (struct spawn_plan){
		.path = service->server,
		.argv = service->argv,
		.envp = room->envp,
		.identity = service->identity.as_caller ? NULL : &service->identity,
		.fds = {conn->fd, conn->fd, conn->fd, -1},
		.close_fd = -1,
		.directory = start.directory,
		.nofile = start.nofile,
		.set_nofile = start.set_nofile,
	};
	if (room->overflow) {
		errno = E2BIG;
		return -1;
	}
	if (!start.wrap || unix_socket || conn->lent)
		return 0;
	room->plan.path = start.wrap;
	if (wrap_argv(service, room) < 0)
		return -1;
	room->plan.argv = room->argv;
	return 0;
}
