/* environment: see environment.h. */
#include "run/program/environment.h"

#include <sys/param.h>

#include "base/decimal.h"
#include "base/sockaddr.h"

#define ENV_FIRST 64U /* pointers at first; doubled when they are used up */

static struct {
	char *const *environment;
	unsigned count;
	const char *tz, *lang; /* whole "TZ=..." strings or NULL */
} daemon_env;

/* Length of the name in "NAME=VALUE". */
static size_t name_length(const char *text)
{
	return strcspn(text, "=");
}

/* The entry "NAME=..." among the first `count` of a list, or NULL. */
static const char *find(char *const *list, unsigned count, const char *name, size_t len)
{
	for (unsigned i = 0; i < count; i++)
		if (!strncmp(list[i], name, len) && list[i][len] == '=')
			return list[i];
	return NULL;
}

void environment_init(char *const *environment)
{
	daemon_env.environment = environment;
	while (environment && environment[daemon_env.count])
		daemon_env.count++;
	daemon_env.tz = find(environment, daemon_env.count, "TZ", 2);
	daemon_env.lang = find(environment, daemon_env.count, "LANG", 4);
}

/* Makes room for one more and the NULL that ends them. */
static bool has_room(struct spawn_room *room)
{
	unsigned wanted = MAX(ENV_FIRST, 2 * room->env_room);
	char **envp;

	if (room->env_count + 1 < room->env_room)
		return true;
	envp = reallocarray(room->envp, wanted, sizeof(*envp));
	if (!envp)
		return false;
	room->envp = envp;
	room->env_room = wanted;
	return true;
}

static void add_whole(struct spawn_room *room, const char *text)
{
	if (!has_room(room)) {
		room->overflow = true;
		return;
	}
	room->envp[room->env_count++] = (char *)text;
	room->envp[room->env_count] = NULL;
}

/* Unless the name is there already. */
static void add_new(struct spawn_room *room, const char *text)
{
	if (!find(room->envp, room->env_count, text, name_length(text)))
		add_whole(room, text);
}

/* Room for "NAME=" and `size` bytes after it: returns where those begin, or NULL. */
static char *reserve(struct spawn_room *room, const char *name, size_t size)
{
	size_t len = strlen(name);
	char *text = room->bytes + room->bytes_used;

	if (len + 1 + size > sizeof(room->bytes) - room->bytes_used) {
		room->overflow = true;
		return NULL;
	}
	memcpy(text, name, len);
	text[len] = '=';
	text[len + 1] = 0;
	room->bytes_used += (unsigned)(len + 1 + size);
	add_whole(room, text);
	return text + len + 1;
}

void environment_add(struct spawn_room *room, const char *name, const char *value)
{
	size_t size = strlen(value) + 1;
	char *text = reserve(room, name, size);

	if (text)
		memcpy(text, value, size);
}

static void add_number(struct spawn_room *room, const char *name, uint32_t value)
{
	char text[DECIMAL_BYTES];

	environment_add(room, name, decimal_text(value, text));
}

/* --- what every program has --- */

static const char path[] = "PATH=" SERVICE_PATH;

static void add_base(struct spawn_room *room, const struct identity *identity)
{
	add_whole(room, path);
	environment_add(room, "USER", identity->user);
	environment_add(room, "LOGNAME", identity->user);
	environment_add(room, "HOME", identity->home);
	environment_add(room, "SHELL", identity->shell);
	if (daemon_env.tz)
		add_whole(room, daemon_env.tz);
	if (daemon_env.lang)
		add_whole(room, daemon_env.lang);
}

/* The same, but a variable that is set already stays. */
static void add_base_new(struct spawn_room *room, const struct identity *identity)
{
	const struct {
		const char *name, *value;
	} own[] = {{"USER", identity->user}, {"LOGNAME", identity->user}, {"HOME", identity->home},
		{"SHELL", identity->shell}};

	add_new(room, path);
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (!find(room->envp, room->env_count, own[i].name, strlen(own[i].name)))
			environment_add(room, own[i].name, own[i].value);
	if (daemon_env.tz)
		add_new(room, daemon_env.tz);
	if (daemon_env.lang)
		add_new(room, daemon_env.lang);
}

/* The service manager's messages to the daemon are not for its children. */
static bool is_for_us(const char *text)
{
	return !strncmp(text, "NOTIFY_SOCKET=", 14) || !strncmp(text, "LISTEN_", 7);
}

/* All of the daemon's variables, of which there may be thousands: a name is looked for among those
 * that were there before, not among these. */
static void add_own(struct spawn_room *room)
{
	unsigned before = room->env_count;

	for (unsigned i = 0; i < daemon_env.count; i++) {
		const char *text = daemon_env.environment[i];

		if (!is_for_us(text) && !find(room->envp, before, text, name_length(text)))
			add_whole(room, text);
	}
}

static void add_asked_for(struct spawn_room *room, const struct service *service)
{
	const struct exec_context *context = &service->policy->context;
	size_t count = 0, files = 0;
	const char *text;

	/* From the end, so that of two in one list the later wins. */
	while (context->env && context->env[count])
		count++;
	while (count)
		add_new(room, context->env[--count]);
	while (context->file_env && context->file_env[files])
		files++;
	while (files)
		add_new(room, context->file_env[--files]);
	for (char *const *name = context->passenv; name && *name; name++) {
		text = find(daemon_env.environment, daemon_env.count, *name, strlen(*name));
		if (text)
			add_new(room, text);
	}
	if (context->clean_env)
		add_base_new(room, &service->policy->identity);
	else
		add_own(room);
}

/* --- the connection --- */

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
	environment_add(room, names->ip[udp], host);
	add_number(room, names->port[udp], port);
	for (int i = 0; i < 2 && names->more_ip[i]; i++)
		environment_add(room, names->more_ip[i], host);
	add_number(room, names->more_port, port);
}

static void add_inet(
	struct spawn_room *room, const struct service *service, const struct conn *conn)
{
	bool udp = service->socktype != SOCK_STREAM;
	struct sockaddr_len local = conn->local;

	if (!conn->lent && !conn->named && sockaddr_is_wildcard(&local.addr)) {
		local.len = sizeof(local.addr);
		if (getsockname(conn->fd, &local.addr.sa, &local.len) < 0)
			local = conn->local;
	}
	add_whole(room, service->ip_protocol == IPPROTO_SCTP ? "PROTO=SCTP"
			: udp                                ? "PROTO=UDP"
							     : "PROTO=TCP");
	add_end(room, &local_names, udp, local);
	if (!conn->peer.len)
		return;
	add_end(room, &remote_names, udp, conn->peer);
	if (!conn->lent && !udp)
		add_number(room, "TCPCONNNUM", conn->count);
}

static void add_vsock(struct spawn_room *room, const struct conn *conn)
{
	struct sockaddr_len local = conn->local;

	if (!conn->lent && !conn->named && sockaddr_is_wildcard(&local.addr)) {
		local.len = sizeof(local.addr);
		if (getsockname(conn->fd, &local.addr.sa, &local.len) < 0)
			local = conn->local;
	}
	add_whole(room, "PROTO=VSOCK");
	add_number(room, "VSOCKLOCALCID", local.addr.vm.svm_cid);
	add_number(room, "VSOCKLOCALPORT", local.addr.vm.svm_port);
	if (!conn->peer.len)
		return;
	add_number(room, "VSOCKREMOTECID", conn->peer.addr.vm.svm_cid);
	add_number(room, "VSOCKREMOTEPORT", conn->peer.addr.vm.svm_port);
	if (!conn->lent)
		add_number(room, "VSOCKCONNNUM", conn->count);
}

/* "" for one without a name. */
static void add_path(struct spawn_room *room, const char *name, const struct sockaddr_len *addr)
{
	char host[SOCKADDR_TEXT];

	sockaddr_host(addr, host, sizeof(host));
	environment_add(room, name, !strcmp(host, "-") ? "" : host);
}

static void add_unix(struct spawn_room *room, const struct conn *conn)
{
	add_whole(room, "PROTO=IPC");
	add_path(room, "IPCLOCALPATH", &conn->local);
	if (conn->lent)
		return;
	add_path(room, "IPCREMOTEPATH", &conn->peer);
	if (conn->peer_uid == (uid_t)-1)
		return;
	add_number(room, "IPCREMOTEEUID", conn->peer_uid);
	add_number(room, "IPCREMOTEEGID", conn->peer_gid);
	add_number(room, "IPCCONNNUM", conn->count);
}

/* sd_listen_fds_with_names(3): a name has at most 255 bytes, no controls and no colon, which stands
 * between two. Each socket has that of the service. */
static void add_activation(struct spawn_room *room, const char *name)
{
	size_t len = MIN(strlen(name), 255), count = room->more_count + 1;
	char *text;

	add_number(room, "LISTEN_FDS", (uint32_t)count);
	text = reserve(room, "LISTEN_FDNAMES", count * (len + 1));
	for (size_t i = 0; text && i < count * (len + 1); i++) {
		unsigned char c = (unsigned char)name[i % (len + 1)];

		text[i] = (char)(i % (len + 1) == len                ? ':'
				 : c == ':' || c < 0x20 || c == 0x7f ? '_'
								     : c);
	}
	if (text)
		text[count * (len + 1) - 1] = 0;
	room->plan.pid_text = reserve(room, "LISTEN_PID", SPAWN_PID_BYTES);
}

void environment_build(
	const struct service *service, const struct conn *conn, struct spawn_room *room)
{
	const struct exec_context *context = &service->policy->context;

	if (conn->local.addr.sa.sa_family == AF_UNIX)
		add_unix(room, conn);
	else if (conn->local.addr.sa.sa_family == AF_VSOCK)
		add_vsock(room, conn);
	else
		add_inet(room, service, conn);
	if (context->activation != ACTIVATION_INETD && conn->lent)
		add_activation(room, service->name);
	if (context->env || context->file_env || context->passenv || !context->clean_env)
		add_asked_for(room, service);
	else
		add_base(room, &service->policy->identity);
}
