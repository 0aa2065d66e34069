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

static void add_whole(struct plan_room *room, const char *text)
{
	if (room->env_count == PLAN_ENV_MOST) {
		room->overflow = true;
		return;
	}
	room->envp[room->env_count++] = (char *)text;
	room->envp[room->env_count] = NULL;
}

static void add(struct plan_room *room, const char *name, const char *value)
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

static void add_number(struct plan_room *room, const char *name, uint32_t value)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", value);
	add(room, name, text);
}

/* -E: everything the daemon was started with, but for what is set anew. */
static void add_daemons(struct plan_room *room)
{
	for (char *const *env = start.environment; *env; env++)
		if (strncmp(*env, "NOTIFY_SOCKET=", 14) != 0 && strncmp(*env, "LISTEN_", 7) != 0)
			add_whole(room, *env);
}

static void add_base(struct plan_room *room, const struct service *service)
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

/* "tcp" and "ip" in, TCPREMOTEIP out; the UCSPI names of ucspi-tcp(1) and ucspi-unix(1). */
static void add_ucspi(struct plan_room *room, const char *proto, const char *what, const char *value)
{
	char name[32];

	strlcpy(name, proto, sizeof(name));
	strlcat(name, what, sizeof(name));
	add(room, name, value);
}

static void add_address(struct plan_room *room, const char *proto, const struct sockaddr_len *addr,
	const char *ip_name, const char *port_name)
{
	char host[SOCKADDR_TEXT], port[8];

	snprintf(port, sizeof(port), "%u", sockaddr_port(&addr->addr));
	add_ucspi(room, proto, ip_name, sockaddr_host(addr, host, sizeof(host)));
	add_ucspi(room, proto, port_name, port);
}

static void add_inet(struct plan_room *room, const struct service *service, const struct conn *conn)
{
	const char *proto = service->socktype == SOCK_STREAM ? "TCP" : "UDP";
	struct sockaddr_len peer = conn->peer, local = conn->local;
	char host[SOCKADDR_TEXT];

	if (!conn->lent && sockaddr_is_wildcard(&local.addr)) {
		local.len = sizeof(local.addr);
		if (getsockname(conn->fd, &local.addr.sa, &local.len) < 0)
			local = conn->local;
	}
	sockaddr_unmap(&peer);
	sockaddr_unmap(&local);
	add(room, "PROTO", proto);
	add_address(room, proto, &local, "LOCALIP", "LOCALPORT");
	add(room, "SERVER_ADDR", sockaddr_host(&local, host, sizeof(host)));
	add_number(room, "SERVER_PORT", sockaddr_port(&local.addr));
	if (!peer.len)
		return;
	add_address(room, proto, &peer, "REMOTEIP", "REMOTEPORT");
	sockaddr_host(&peer, host, sizeof(host));
	add(room, "REMOTE_HOST", host);
	add(room, "REMOTE_ADDR", host);
	add_number(room, "REMOTE_PORT", sockaddr_port(&peer.addr));
	if (!conn->lent)
		add_number(room, "TCPCONNNUM", conn->count);
}

static void add_unix(struct plan_room *room, const struct conn *conn)
{
	char host[SOCKADDR_TEXT];

	add(room, "PROTO", "IPC");
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
static int wrap_argv(const struct service *service, struct plan_room *room)
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

void plan_release(struct plan_room *room)
{
	free(room->argv);
}

int plan_build(const struct service *service, const struct conn *conn, struct plan_room *room,
	struct spawn_plan *plan)
{
	int family = conn->local.addr.sa.sa_family;

	room->env_count = room->bytes_used = 0;
	room->overflow = false;
	room->envp[0] = NULL;
	room->argv = NULL;
	add_base(room, service);
	if (family == AF_UNIX)
		add_unix(room, conn);
	else
		add_inet(room, service, conn);
	*plan = (struct spawn_plan){
		.path = service->server,
		.argv = service->argv,
		.envp = room->envp,
		.identity = &service->identity,
		.fds = {conn->fd, conn->fd, conn->fd, -1},
		.directory = start.directory,
		.nofile = start.nofile,
		.set_nofile = start.set_nofile,
	};
	if (room->overflow) {
		errno = E2BIG;
		return -1;
	}
	if (!start.wrap || family == AF_UNIX || conn->lent)
		return 0;
	plan->path = start.wrap;
	if (wrap_argv(service, room) < 0)
		return -1;
	plan->argv = room->argv;
	return 0;
}
