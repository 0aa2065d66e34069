/* portowner: see portowner.h. */
#include "run/service/portowner.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/container_of.h"
#include "base/fdutil.h"
#include "base/log.h"
#include "base/loop.h"
#include "run/process/helper.h"
#include "run/service/socket_holder.h"

#define HELPERS_MOST 4
#define LIMIT_S      5
#define TCP_LISTEN   0x0a

/* What the helper answers. */
struct found {
	pid_t pid; /* 0: nobody was found */
	char comm[32];
};

struct portowner {
	struct watch answer;  /* of the helper; .fd -1: it has come; owned */
	struct watch process; /* a pidfd; .fd -1: none; owned */
	char *name;           /* of the service; owned */
	struct endpoint endpoint;
	void (*gone)(void *arg);
	void *arg;
};

static unsigned running;

static void helper_ended(void)
{
	running--;
}

/* --- in the helper process --- */

/* The inode of an inet socket on that port, from /proc/net/tcp and its like (proc(5)); 0 = none. */
static uint64_t find_inet(const char *table, const struct endpoint *endpoint)
{
	bool stream = endpoint->socktype == SOCK_STREAM;
	unsigned port, state;
	uint64_t inode, found = 0;
	char line[512];
	FILE *file = fopen(table, "re");

	while (file && !found && fgets(line, sizeof(line), file))
		if (sscanf(line, "%*d: %*[0-9A-F]:%x %*s %x %*s %*s %*s %*s %*s %" SCNu64, &port,
			    &state, &inode) == 3 &&
			port == sockaddr_kept_port(&endpoint->addr) &&
			(!stream || state == TCP_LISTEN))
			found = inode;
	if (file)
		fclose(file);
	return found;
}

static uint64_t find_unix(const struct endpoint *endpoint)
{
	char line[512], path[SOCKADDR_TEXT], host[SOCKADDR_TEXT];
	uint64_t inode, found = 0;
	FILE *file = fopen("/proc/net/unix", "re");

	sockaddr_host(endpoint->addr.local, host, sizeof(host));
	while (file && !found && fgets(line, sizeof(line), file))
		if (sscanf(line, "%*s %*s %*s %*s %*s %*s %" SCNu64 " %159s", &inode, path) == 2 &&
			!strcmp(path, host))
			found = inode;
	if (file)
		fclose(file);
	return found;
}

static uint64_t find_socket(const struct endpoint *endpoint)
{
	static const struct {
		int ports;
		const char *tables[2];
	} kinds[] = {
		{IPPROTO_TCP, {"/proc/net/tcp", "/proc/net/tcp6"}},
		{IPPROTO_UDP, {"/proc/net/udp", "/proc/net/udp6"}},
		{IPPROTO_UDPLITE, {"/proc/net/udplite", "/proc/net/udplite6"}},
	};
	uint64_t inode = 0;

	if (endpoint->addr.addr.sa.sa_family == AF_UNIX)
		return find_unix(endpoint);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		for (size_t j = 0; j < 2 && !inode; j++)
			if (kinds[i].ports == endpoint_ports(endpoint))
				inode = find_inet(kinds[i].tables[j], endpoint);
	return inode;
}

static bool first(pid_t pid, void *arg)
{
	*(pid_t *)arg = pid;
	return false;
}

static void search(const void *arg, int out)
{
	uint64_t inode = find_socket(arg);
	struct found found = {0};

	if (inode)
		socket_holder_each(&inode, 1, first, &found.pid);
	if (found.pid)
		socket_holder_name(found.pid, found.comm, sizeof(found.comm));
	if (write(out, &found, sizeof(found)) < 0)
		_exit(1);
}

/* --- in the daemon --- */

static void log_owner(const struct portowner *owner, const struct found *found)
{
	char where[SOCKADDR_TEXT], pid[16], comm[sizeof(found->comm) + 1];
	struct sockaddr_len room;

	sockaddr_text(sockaddr_whole(&owner->endpoint.addr, &room), where, sizeof(where));
	strlcpy(comm, found->comm, sizeof(found->comm));
	snprintf(pid, sizeof(pid), "%d", (int)found->pid);
	if (!found->pid)
		log_event(LOG_ERR, LOG_FIELDS({"service", owner->name, false}),
			"%s: bind %s (will retry): %s", owner->name, where, strerror(EADDRINUSE));
	else
		log_event(LOG_ERR,
			LOG_FIELDS({"service", owner->name, false}, {"owner", comm, false},
				{"owner_pid", pid, true}),
			"%s: bind %s: address already in use by %s (pid %s) (will retry)",
			owner->name, where, comm, pid);
}

/* The holder has ended, and its descriptors are closed. */
static void process_ended(struct watch *watch, uint32_t events)
{
	struct portowner *owner = container_of(watch, struct portowner, process);

	(void)events;
	loop_unwatch(watch);
	fd_close(&watch->fd);
	owner->gone(owner->arg);
}

/* Where the kernel has no pidfd_open(2) the address is tried again after a delay only. */
static void watch_process(struct portowner *owner, pid_t pid)
{
	owner->process.fd = fd_raise((int)syscall(SYS_pidfd_open, pid, 0));
	if (owner->process.fd >= 0 && loop_watch(&owner->process, EPOLLIN) < 0)
		fd_close(&owner->process.fd);
}

static void answer_ready(struct watch *watch, uint32_t events)
{
	struct portowner *owner = container_of(watch, struct portowner, answer);
	struct found found = {0};
	/* It is written as a whole. */
	ssize_t len = read(watch->fd, &found, sizeof(found));

	(void)events;
	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (len != sizeof(found))
		found.pid = 0;
	loop_unwatch(watch);
	fd_close(&watch->fd);
	log_owner(owner, &found);
	if (found.pid > 0)
		watch_process(owner, found.pid);
}

static int start(struct portowner *owner)
{
	owner->answer.fd = helper_run(&(struct helper_job){.work = search,
		.arg = &owner->endpoint,
		.ended = helper_ended,
		.limit_s = LIMIT_S,
		.want_pipe = true});
	if (owner->answer.fd < 0)
		return -1;
	running++;
	return loop_watch(&owner->answer, EPOLLIN);
}

struct portowner *portowner_new(
	const char *name, const struct endpoint *endpoint, void (*gone)(void *arg), void *arg)
{
	struct portowner *owner = running < HELPERS_MOST ? calloc(1, sizeof(*owner)) : NULL;

	if (!owner)
		return NULL;
	owner->answer = (struct watch){.fd = -1, .ready = answer_ready};
	owner->process = (struct watch){.fd = -1, .ready = process_ended};
	owner->name = strdup(name);
	owner->endpoint = *endpoint;
	owner->gone = gone;
	owner->arg = arg;
	if (!owner->name || start(owner) < 0) {
		portowner_free(owner);
		return NULL;
	}
	return owner;
}

void portowner_free(struct portowner *owner)
{
	if (!owner)
		return;
	loop_unwatch(&owner->answer);
	loop_unwatch(&owner->process);
	fd_close(&owner->answer.fd);
	fd_close(&owner->process.fd);
	free(owner->name);
	free(owner);
}
