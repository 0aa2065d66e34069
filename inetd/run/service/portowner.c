/* portowner: see portowner.h. */
#include "run/service/portowner.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <unistd.h>

#include "base/log.h"
#include "run/process/helper.h"

#define HELPERS_MOST 4
#define LIMIT_S      5
#define TCP_LISTEN   0x0a

static unsigned running;

struct search {
	const char *name;
	const struct endpoint *endpoint;
};

static void helper_ended(struct child *child, int status, const struct rusage *usage)
{
	(void)status;
	(void)usage;
	free(child);
	running--;
}

/* Below here: in the helper process. */

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
			port == sockaddr_port(&endpoint->addr.addr) &&
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

	sockaddr_host(&endpoint->addr, host, sizeof(host));
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
	bool tcp = endpoint->socktype == SOCK_STREAM;
	uint64_t inode;

	if (endpoint->addr.addr.sa.sa_family == AF_UNIX)
		return find_unix(endpoint);
	inode = find_inet(tcp ? "/proc/net/tcp" : "/proc/net/udp", endpoint);
	return inode ? inode : find_inet(tcp ? "/proc/net/tcp6" : "/proc/net/udp6", endpoint);
}

static bool process_has(const char *pid, const char *socket_link)
{
	char path[PATH_MAX], link[64];
	struct dirent *entry;
	bool found = false;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%s/fd", pid);
	dir = opendir(path);
	while (dir && !found && (entry = readdir(dir))) {
		ssize_t len = readlinkat(dirfd(dir), entry->d_name, link, sizeof(link) - 1);

		link[len > 0 ? len : 0] = 0;
		found = !strcmp(link, socket_link);
	}
	if (dir)
		closedir(dir);
	return found;
}

/* The pid, as text, of a process that has the socket open. */
static bool find_process(uint64_t inode, char *pid, size_t size)
{
	char socket_link[64];
	struct dirent *entry;
	bool found = false;
	DIR *proc = opendir("/proc");

	snprintf(socket_link, sizeof(socket_link), "socket:[%" PRIu64 "]", inode);
	while (proc && !found && (entry = readdir(proc)))
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' &&
			process_has(entry->d_name, socket_link)) {
			strlcpy(pid, entry->d_name, size);
			found = true;
		}
	if (proc)
		closedir(proc);
	return found;
}

static void read_comm(const char *pid, char *comm, size_t size)
{
	char path[64];
	FILE *file;

	strlcpy(comm, "?", size);
	snprintf(path, sizeof(path), "/proc/%s/comm", pid);
	file = fopen(path, "re");
	if (file && fgets(comm, (int)size, file))
		comm[strcspn(comm, "\n")] = 0;
	if (file)
		fclose(file);
}

static void search(const void *arg, int out)
{
	const struct search *what = arg;
	char where[SOCKADDR_TEXT], pid[16], comm[32];
	uint64_t inode = find_socket(what->endpoint);

	(void)out;
	sockaddr_text(&what->endpoint->addr, where, sizeof(where));
	errno = EADDRINUSE;
	if (!inode || !find_process(inode, pid, sizeof(pid))) {
		errno = EADDRINUSE;
		log_event(LOG_ERR, LOG_FIELDS({"service", what->name, false}),
			"%s: bind %s (will retry): %s", what->name, where, strerror(EADDRINUSE));
		return;
	}
	read_comm(pid, comm, sizeof(comm));
	log_event(LOG_ERR,
		LOG_FIELDS({"service", what->name, false}, {"owner", comm, false},
			{"owner_pid", pid, true}),
		"%s: bind %s: address already in use by %s (pid %s) (will retry)", what->name,
		where, comm, pid);
}

/* In the daemon again. */

bool portowner_log(const char *name, const struct endpoint *endpoint)
{
	struct search what = {name, endpoint};
	struct child *child;

	if (running >= HELPERS_MOST)
		return false;
	child = calloc(1, sizeof(*child));
	if (!child)
		return false;
	child->ended = helper_ended;
	if (helper_start(child, search, &what, false, LIMIT_S) < 0) {
		free(child);
		return false;
	}
	running++;
	return true;
}
