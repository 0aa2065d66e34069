/* control_group: see control_group.h. */
#include "run/cage/control_group.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/fdutil.h"
#include "base/large.h"
#include "run/process/helper.h"

#define OWN_NAME     "inetd-daemon"   /* of the group that the daemon moves into */
#define NAME_START   "inetd-service-" /* before the name of a service */
#define DYING_MS     10               /* between looks whether killed processes have ended */
#define DYING_ROUNDS 500
#define MOVES_MOST   1000 /* rounds of moving processes, while new ones come */

static struct {
	bool known;
	char path[PATH_MAX]; /* of the daemon's group; "": there is none */
	char controllers[256];
	bool is_root; /* of all groups: it may have processes and pass on controllers */
} own LARGE;

static ssize_t read_text(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? -1 : read(fd, buf, size - 1);

	fd_close(&fd);
	buf[len > 0 ? len : 0] = 0;
	if (len > 0 && buf[len - 1] == '\n')
		buf[len - 1] = 0;
	return len;
}

static int write_text(int dir, const char *name, const char *text)
{
	int fd = openat(dir, name, O_WRONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? -1 : write(fd, text, strlen(text));
	int err = errno;

	fd_close(&fd);
	errno = err;
	return len < 0 ? -1 : 0;
}

/* Our path in the hierarchy of version 2: the line "0::/path". */
static bool find_path(char *path, size_t size)
{
	FILE *file = fopen("/proc/self/cgroup", "re");
	char *line = NULL;
	size_t room = 0;
	bool found = false;

	while (file && !found && getline(&line, &room, file) > 0) {
		line[strcspn(line, "\n")] = 0;
		found = !strncmp(line, "0::/", 4) && strlcpy(path, line + 3, size) < size;
	}
	free(line);
	if (file)
		fclose(file);
	return found;
}

/* Where that hierarchy is mounted, from its root on: "... / /sys/fs/cgroup ... - cgroup2 ...". */
static bool find_mount(char *mount, size_t size)
{
	FILE *file = fopen("/proc/self/mountinfo", "re");
	char *line = NULL;
	size_t room = 0;
	bool found = false;

	while (file && !found && getline(&line, &room, file) > 0) {
		char *fields[5] = {NULL}, *rest = line;

		if (!strstr(line, " - cgroup2 "))
			continue;
		for (int i = 0; i < 5; i++)
			fields[i] = strsep(&rest, " ");
		found = fields[4] && !strcmp(fields[3], "/") &&
			strlcpy(mount, fields[4], size) < size;
	}
	free(line);
	if (file)
		fclose(file);
	return found;
}

static void find_own(void)
{
	char mount[PATH_MAX / 2], path[PATH_MAX / 2], file[PATH_MAX + 64], *last;

	own.known = true;
	if (!find_path(path, sizeof(path)) || !find_mount(mount, sizeof(mount)))
		return;
	/* A daemon that was executed anew is where the one before had moved. */
	last = strrchr(path, '/');
	if (!strcmp(last + 1, OWN_NAME))
		*last = 0;
	own.is_root = !path[0] || !strcmp(path, "/");
	snprintf(own.path, sizeof(own.path), "%s%s", mount, own.is_root ? "" : path);
	snprintf(file, sizeof(file), "%s/cgroup.subtree_control", own.path);
	if (access(own.path, W_OK) < 0 || access(file, W_OK) < 0) {
		own.path[0] = 0;
		return;
	}
	snprintf(file, sizeof(file), "%s/cgroup.controllers", own.path);
	read_text(file, own.controllers, sizeof(own.controllers));
}

const char *control_group_controllers(void)
{
	if (!own.known)
		find_own();
	return own.path[0] ? own.controllers : NULL;
}

static bool asks_for_share(const struct cage *cage)
{
	return cage->memory_max || cage->pids_max || cage->cpu_weight || cage->io_weight;
}

bool control_group_is_wanted(const struct cage *cage)
{
	return asks_for_share(cage) ||
	       (cage->isolation != CAGE_ISOLATION_NONE && control_group_controllers());
}

/* Every process of the group, into another one below it. */
static int move_processes(int group, int into)
{
	char pids[4096];

	for (int round = 0; round < MOVES_MOST; round++) {
		int fd = openat(group, "cgroup.procs", O_RDONLY | O_CLOEXEC);
		ssize_t len = fd < 0 ? -1 : read(fd, pids, sizeof(pids) - 1);
		char *rest = pids, *pid;

		fd_close(&fd);
		if (len <= 0)
			return len < 0 ? -1 : 0;
		pids[len] = 0;
		while ((pid = strsep(&rest, "\n")))
			/* One whose number was cut has another round; one that has ended is gone.
			 */
			if (*pid && rest && write_text(into, "cgroup.procs", pid) < 0 &&
				errno != ESRCH)
				return -1;
	}
	errno = EBUSY;
	return -1;
}

/* The processes of the daemon's group move into one below it. */
static int move_away(int base)
{
	int daemon, result;

	if (mkdirat(base, OWN_NAME, 0755) < 0 && errno != EEXIST)
		return -1;
	daemon = openat(base, OWN_NAME, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	result = daemon < 0 ? -1 : move_processes(base, daemon);
	fd_close(&daemon);
	return result;
}

/* Has the daemon's group pass on what a cage asks for. The kernel refuses some controllers to a
 * group that has processes; where it does not (cpu, pids), the groups below could have none. */
static int pass_on(int base, const char *wanted, const char **subject)
{
	*subject = OWN_NAME;
	if (!own.is_root && move_away(base) < 0)
		return -1;
	*subject = "cgroup.subtree_control";
	return write_text(base, "cgroup.subtree_control", wanted);
}

/* Sets a share, or takes it away where it was set before: `most` is what means none. */
static int set_share(int group, const char *name, uint64_t value, const char *none)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	if (write_text(group, name, value ? text : none) == 0)
		return 0;
	return !value && errno == ENOENT ? 0 : -1;
}

static int set_shares(int group, const struct cage *cage, const char **subject)
{
	*subject = "memory_max";
	if (set_share(group, "memory.max", cage->memory_max, "max") < 0)
		return -1;
	*subject = "pids_max";
	if (set_share(group, "pids.max", cage->pids_max, "max") < 0)
		return -1;
	*subject = "cpu_weight";
	if (set_share(group, "cpu.weight", cage->cpu_weight, "100") < 0)
		return -1;
	*subject = "io_weight";
	return set_share(group, "io.weight", cage->io_weight, "100");
}

/* Where process numbers mean what they mean here (pid_namespaces(7)); 0: unknown. */
static uint64_t pid_namespace(void)
{
	struct stat st;

	return stat("/proc/self/ns/pid", &st) == 0 ? st.st_ino : 0;
}

/* Labels of services have slashes, colons and more; a number keeps what is alike apart. After it
 * stand the process of the daemon and where it has that number: another one may serve the same
 * beside it, in a container of the same control group too. */
static void group_name(const char *label, char *buf, size_t size)
{
	uint32_t sum = 2166136261U; /* FNV-1a */
	size_t len = strlcpy(buf, NAME_START, size);

	for (const char *at = label; *at; at++) {
		sum = (sum ^ (unsigned char)*at) * 16777619U;
		if (len < 80)
			buf[len++] = (*at >= '0' && *at <= '9') || (*at >= 'a' && *at <= 'z') ||
						     (*at >= 'A' && *at <= 'Z')
					     ? *at
					     : '-';
	}
	snprintf(buf + len, size - len, "-%08" PRIx32 ".%" PRIu64 ".%d", sum, pid_namespace(),
		(int)helper_daemon());
}

static int open_own(const char **subject)
{
	*subject = "control group";
	if (!control_group_controllers()) {
		errno = ENOENT;
		return -1;
	}
	return open(own.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void remove_killed(int base, const char *file)
{
	for (int i = 0; i < DYING_ROUNDS; i++) {
		if (unlinkat(base, file, AT_REMOVEDIR) == 0 || errno != EBUSY)
			return;
		usleep(DYING_MS * 1000);
	}
}

int control_group_make(
	const struct cage *cage, const char *name, bool was_killed, const char **subject)
{
	char file[128], wanted[64];
	int base = open_own(subject), group = -1;

	if (base < 0)
		return -1;
	snprintf(wanted, sizeof(wanted), "%s%s%s%s", cage->memory_max ? "+memory " : "",
		cage->pids_max ? "+pids " : "", cage->cpu_weight ? "+cpu " : "",
		cage->io_weight ? "+io " : "");
	group_name(name, file, sizeof(file));
	if (wanted[0] && pass_on(base, wanted, subject) < 0)
		goto failed;
	*subject = "control group";
	if (was_killed)
		remove_killed(base, file);
	if (mkdirat(base, file, 0755) < 0 && (was_killed || errno != EEXIST))
		goto failed;
	group = openat(base, file, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (group < 0 || set_shares(group, cage, subject) < 0)
		goto failed;
	fd_close(&base);
	return group;
failed:
	fd_close(&base);
	fd_close(&group);
	return -1;
}

bool control_group_is_there(int group)
{
	return faccessat(group, "cgroup.procs", F_OK, 0) == 0 || errno != ENOENT;
}

int control_group_kill(int group)
{
	return write_text(group, "cgroup.kill", "1");
}

/* When a process was started, in clock ticks since boot; 0: it is not there. The name in the file
 * may hold anything, so fields are counted after its last parenthesis (proc_pid_stat(5)). */
static uint64_t start_ticks(pid_t pid)
{
	char path[40], text[1024], *at;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	if (read_text(path, text, sizeof(text)) <= 0 || !(at = strrchr(text, ')')))
		return 0;
	for (int field = 2; field < 22 && at; field++)
		at = strchr(at + 1, ' ');
	return at ? strtoull(at, NULL, 10) : 0;
}

static uint64_t age_ms(pid_t pid)
{
	uint64_t ticks = start_ticks(pid), now_ms, start_ms;
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	now_ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
	start_ms = ticks * 1000 / (uint64_t)sysconf(_SC_CLK_TCK);
	return ticks && now_ms > start_ms ? now_ms - start_ms : 0;
}

static bool is_among(pid_t session, const pid_t *sessions, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (sessions[i] == session)
			return true;
	return false;
}

bool control_group_sweep(const char *name, const pid_t *sessions, size_t count, uint64_t most_ms)
{
	char directory[128], path[PATH_MAX + 160], line[32];
	bool young = false;
	FILE *file;

	if (!control_group_controllers())
		return false;
	group_name(name, directory, sizeof(directory));
	snprintf(path, sizeof(path), "%s/%s/cgroup.procs", own.path, directory);
	file = fopen(path, "re");

	while (file && fgets(line, sizeof(line), file)) {
		pid_t pid = (pid_t)strtol(line, NULL, 10), session = pid > 0 ? getsid(pid) : -1;

		if (session <= 0 || is_among(session, sessions, count))
			continue;
		if (age_ms(pid) >= most_ms)
			kill(pid, SIGKILL);
		else
			young = true;
	}
	if (file)
		fclose(file);
	return young;
}

/* Of another namespace nobody here knows who is dead. */
static bool is_of_dead(const char *name)
{
	unsigned long long namespace;
	const char *number = strchr(name, '.');
	int pid;

	return !strncmp(name, NAME_START, strlen(NAME_START)) && number &&
	       sscanf(number, ".%llu.%d", &namespace, &pid) == 2 && namespace == pid_namespace() &&
	       kill(pid, 0) < 0 && errno == ESRCH;
}

void control_group_forget_dead(void)
{
	const char *subject;
	int base = open_own(&subject);
	DIR *dir = base < 0 ? NULL : fdopendir(base);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (is_of_dead(entry->d_name))
			unlinkat(dirfd(dir), entry->d_name, AT_REMOVEDIR);
	if (dir)
		closedir(dir);
	else
		fd_close(&base);
}

void control_group_remove(const char *name)
{
	const char *subject;
	char file[128];
	int base = open_own(&subject);

	group_name(name, file, sizeof(file));
	if (base >= 0)
		unlinkat(base, file, AT_REMOVEDIR);
	fd_close(&base);
}
