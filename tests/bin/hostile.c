/* hostile [NAME[=ARGUMENT]...]: a program of a service that tries what a cage is to prevent, one
 * NAME after the other, and without one the names that standard input has, a line each. Prints
 * "NAME: done" where it could do it, else "NAME: " and why not. What changes the machine is tried
 * in a way that does nothing where it is allowed. */
#include <errno.h>
#include <limits.h>
#include <linux/netlink.h>
#include <linux/perf_event.h>
#include <linux/vm_sockets.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "hostile-files.h"

#define EAT_BYTES  ((size_t)3 << 30)
#define FILL_BYTES ((size_t)256 << 20)
#define BOMB       1500

struct attempt {
	const char *name;
	int (*try)(void);           /* returns 0 or more if it could, else -1 with errno */
	int family, type, protocol; /* of a socket; or another number */
};

static const struct attempt *attempt; /* the one that is tried */

static int opens(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);

	if (fd >= 0)
		close(fd);
	return fd;
}

/* A file, or a directory. */
static int read_path(void)
{
	return opens(argument, O_RDONLY | attempt->protocol);
}

static int write_path(void)
{
	return opens(argument, O_WRONLY | O_CREAT);
}

/* Done if the program, or the shell's command, exits with 0. */
static int execute(void)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		if (attempt->protocol)
			execl("/bin/sh", "sh", "-c", argument, (char *)NULL);
		execl(argument, argument, (char *)NULL);
		_exit(errno == EACCES ? 126 : 127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return -1;
	errno = EACCES;
	return status ? -1 : 0;
}

static struct sockaddr_in of_port(void)
{
	return (struct sockaddr_in){.sin_family = AF_INET,
		.sin_port = htons((uint16_t)number()),
		.sin_addr = {htonl(INADDR_LOOPBACK)}};
}

/* Leaves its client, and tells another one, that listens on a port of this machine. */
static int reconnect(void)
{
	const struct sockaddr_in nobody = {.sin_family = AF_UNSPEC}, other = of_port();

	return connect(STDIN_FILENO, (const struct sockaddr *)&nobody, sizeof(nobody)) < 0
		       ? -1
		       : connect(STDIN_FILENO, (const struct sockaddr *)&other, sizeof(other));
}

static int reach(void)
{
	struct sockaddr_in four = of_port();
	struct sockaddr_in6 six = {.sin6_family = AF_INET6,
		.sin6_port = htons((uint16_t)number()),
		.sin6_addr = IN6ADDR_LOOPBACK_INIT};
	int fd = socket(attempt->family, attempt->type | SOCK_CLOEXEC, 0), result;

	if (fd < 0)
		return -1;
	result = attempt->family == AF_INET ? connect(fd, (struct sockaddr *)&four, sizeof(four))
					    : connect(fd, (struct sockaddr *)&six, sizeof(six));
	if (!result && attempt->type == SOCK_DGRAM)
		result = (int)send(fd, "", 1, 0);
	close(fd);
	return result;
}

static int reach_unix(void)
{
	bool abstract = attempt->protocol;
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	size_t len = strlen(argument);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), result;

	if (fd < 0)
		return -1;
	memcpy(addr.sun_path + abstract, argument,
		len < sizeof(addr.sun_path) - 1 ? len : sizeof(addr.sun_path) - 2);
	result = connect(fd, (struct sockaddr *)&addr,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + abstract + len));
	close(fd);
	return result;
}

static int listen_tcp(void)
{
	struct sockaddr_in addr = {.sin_family = AF_INET, .sin_port = htons((uint16_t)number())};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return fd < 0 ? -1 : bind(fd, (struct sockaddr *)&addr, sizeof(addr));
}

static int make_socket(void)
{
	return socket(attempt->family, attempt->type | SOCK_CLOEXEC, attempt->protocol);
}

static int make_device(void)
{
	return mknod("/tmp/hostile-device", S_IFCHR | 0600, (dev_t)0x101);
}

static int mount_something(void)
{
	int result = mount("hostile", "/proc/self/fdinfo", "tmpfs", 0, NULL);

	return result < 0 ? -1 : umount2("/proc/self/fdinfo", MNT_DETACH);
}

static int unshare_something(void)
{
	return unshare(attempt->protocol);
}

static int clone_user(void)
{
	uint64_t args[8] = {CLONE_NEWUSER, 0, 0, 0, SIGCHLD};
	long pid = attempt->protocol ? syscall(SYS_clone3, args, sizeof(args))
				     : syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);

	if (pid == 0)
		_exit(0);
	return (int)pid;
}

static int change_root(void)
{
	return chroot("/usr");
}

static int become_root(void)
{
	return setresuid(0, 0, 0);
}

static int name_host(void)
{
	char name[HOST_NAME_MAX + 1] = "";

	return gethostname(name, sizeof(name)) < 0 ? -1 : sethostname(name, strlen(name));
}

static int set_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return clock_settime(CLOCK_REALTIME, &now);
}

static int add_key(void)
{
	return (int)syscall(SYS_add_key, "user", "hostile", "x", 1, -4 /* the user's */);
}

static int read_keys(void)
{
	return (int)syscall(SYS_keyctl, 0 /* GET_KEYRING_ID */, -3, 1);
}

/* The key of that description in the session's keyring. */
static int find_key(void)
{
	return (int)syscall(SYS_keyctl, 10 /* SEARCH */, -3, "user", argument, 0);
}

static int load_bpf(void)
{
	char attr[128] = {1}; /* a hash map... */

	attr[4] = attr[8] = attr[12] = 4; /* ...of one word each */
	return (int)syscall(SYS_bpf, 0 /* BPF_MAP_CREATE */, attr, 20);
}

static int open_perf(void)
{
	struct perf_event_attr attr = {.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_CPU_CLOCK};

	return (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
}

static int set_up_uring(void)
{
	char params[120] = {0};

	return (int)syscall(SYS_io_uring_setup, 4, params);
}

static int catch_faults(void)
{
	return (int)syscall(SYS_userfaultfd, O_CLOEXEC | 1 /* UFFD_USER_MODE_ONLY */);
}

/* Its arguments are wrong, which is seen after the right is. */
static int call_wrongly(void)
{
	long result = syscall(attempt->protocol, NULL, 0, NULL, 0);

	return result < 0 && errno != EPERM ? 0 : (int)result;
}

static int lower_nice(void)
{
	errno = 0;
	return nice(-5) == -1 && errno ? -1 : 0;
}

/* Done if all of them are there at once. */
static int fork_bomb(void)
{
	static pid_t pids[BOMB];
	int count = 0, err = 0;

	while (count < BOMB && (pids[count] = fork()) >= 0) {
		if (pids[count] == 0) {
			pause();
			_exit(0);
		}
		count++;
	}
	err = errno;
	for (int i = 0; i < count; i++)
		kill(pids[i], SIGKILL);
	for (int i = 0; i < count; i++)
		waitpid(pids[i], NULL, 0);
	errno = err;
	return count == BOMB ? 0 : -1;
}

static int eat_memory(void)
{
	char *memory =
		mmap(NULL, EAT_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return memory == MAP_FAILED ? -1 : munmap(memory, EAT_BYTES);
}

static int fill_disk(void)
{
	static char block[1 << 20];
	int fd = open("/tmp/hostile-fill", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), err;
	size_t done = 0;
	ssize_t len = 0;

	signal(SIGXFSZ, SIG_IGN);
	while (fd >= 0 && done < FILL_BYTES && (len = write(fd, block, sizeof(block))) > 0)
		done += (size_t)len;
	err = errno;
	unlink("/tmp/hostile-fill");
	errno = err;
	return done < FILL_BYTES ? -1 : 0;
}

static const struct attempt attempts[] = {
	{"read", read_path, 0, 0, 0},
	{"write", write_path, 0, 0, 0},
	{"list", read_path, 0, 0, O_DIRECTORY},
	{"remove", remove_path, 0, 0, 0},
	{"cut", cut_path, 0, 0, 0},
	{"exec", execute, 0, 0, false},
	{"sh", execute, 0, 0, true},
	{"trace", trace, 0, 0, 0},
	{"peek", peek, 0, 0, 0},
	{"kill", kill_process, 0, 0, 0},
	{"limit", limit_process, 0, 0, 0},
	{"slow", slow_process, 0, 0, 0},
	{"slow-user", slow_user, 0, 0, 0},
	{"slow-disk", slow_disk, 0, 0, 0},
	{"starve", starve_process, 0, 0, 0},
	{"pin", pin_process, 0, 0, 0},
	{"reconnect", reconnect, 0, 0, 0},
	{"tcp", reach, AF_INET, SOCK_STREAM, 0},
	{"tcp6", reach, AF_INET6, SOCK_STREAM, 0},
	{"udp", reach, AF_INET, SOCK_DGRAM, 0},
	{"unix", reach_unix, 0, 0, false},
	{"abstract", reach_unix, 0, 0, true},
	{"listen", listen_tcp, 0, 0, 0},
	{"shared-memory", share_memory, 0, 0, 0},
	{"semaphore", share_semaphore, 0, 0, 0},
	{"messages", share_messages, 0, 0, 0},
	{"queue", share_queue, 0, 0, 0},
	{"lease", lease, 0, 0, 0},
	{"netlink", make_socket, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE},
	{"raw", make_socket, AF_INET, SOCK_RAW, IPPROTO_ICMP},
	{"packet", make_socket, AF_PACKET, SOCK_RAW, 0},
	{"vsock", make_socket, AF_VSOCK, SOCK_STREAM, 0},
	{"alg", make_socket, AF_ALG, SOCK_SEQPACKET, 0},
	{"device", make_device, 0, 0, 0},
	{"mount", mount_something, 0, 0, 0},
	{"unshare-user", unshare_something, 0, 0, CLONE_NEWUSER},
	{"unshare-mounts", unshare_something, 0, 0, CLONE_NEWNS},
	{"clone-user", clone_user, 0, 0, false},
	{"clone3-user", clone_user, 0, 0, true},
	{"chroot", change_root, 0, 0, 0},
	{"setuid", become_root, 0, 0, 0},
	{"hostname", name_host, 0, 0, 0},
	{"clock", set_clock, 0, 0, 0},
	{"add-key", add_key, 0, 0, 0},
	{"read-keys", read_keys, 0, 0, 0},
	{"find-key", find_key, 0, 0, 0},
	{"bpf", load_bpf, 0, 0, 0},
	{"perf", open_perf, 0, 0, 0},
	{"io-uring", set_up_uring, 0, 0, 0},
	{"userfault", catch_faults, 0, 0, 0},
	{"module", call_wrongly, 0, 0, SYS_init_module},
	{"kexec", call_wrongly, 0, 0, SYS_kexec_load},
	{"swapoff", call_wrongly, 0, 0, SYS_swapoff},
	{"nice", lower_nice, 0, 0, 0},
	{"fork-bomb", fork_bomb, 0, 0, 0},
	{"memory", eat_memory, 0, 0, 0},
	{"disk", fill_disk, 0, 0, 0},
};

/* As glibc says it. */
static const char *error_text(void)
{
	return errno == ENETUNREACH ? "Network is unreachable" : strerror(errno);
}

static void try_one(char *word)
{
	char *equals = strchr(word, '=');

	argument = equals ? equals + 1 : "";
	if (equals)
		*equals = 0;
	for (size_t i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++) {
		if (strcmp(attempts[i].name, word) != 0)
			continue;
		attempt = &attempts[i];
		errno = 0;
		if (attempt->try() >= 0)
			printf("%s: done\n", word);
		else
			printf("%s: %s\n", word, error_text());
		fflush(stdout);
		return;
	}
	printf("%s: no such attempt\n", word);
}

int main(int argc, char **argv)
{
	char line[512];

	for (int i = 1; i < argc; i++)
		try_one(argv[i]);
	while (argc < 2 && fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\r\n")] = 0;
		try_one(line);
	}
	return 0;
}
