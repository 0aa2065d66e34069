/* worker-escape: what a worker that a client has taken over would try. Loaded into inetd-worker
 * (LD_PRELOAD), it acts on the text of a WORKER_SAY: "escape:WHAT" is tried, and the client is told
 * "WHAT: ok" or the name of the error instead of the text. */
#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define ESCAPE "escape:"

/* strerrorname_np(3) of what is expected; not every libc has it. */
static const char *error_name(int error)
{
	switch (error) {
	case EACCES:
		return "EACCES";
	case EAGAIN:
		return "EAGAIN";
	case ENOENT:
		return "ENOENT";
	case EPERM:
		return "EPERM";
	default:
		return strerror(error);
	}
}

static long try_none(void)
{
	return 0;
}

static long try_open(void)
{
	return open("/etc/passwd", O_RDONLY | O_CLOEXEC);
}

static long try_create(void)
{
	return open("/file", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
}

static long try_socket(void)
{
	return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static long try_fork(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	if (pid > 0)
		waitpid(pid, NULL, 0);
	return pid;
}

static long try_exec(void)
{
	char *argv[] = {NULL};

	return execve("/nothing", argv, argv);
}

static long try_root(void)
{
	return setuid(0);
}

static long try_code(void)
{
	void *page = mmap(
		NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return page == MAP_FAILED ? -1 : 0;
}

static long try_ioctl(void)
{
	int bytes;

	return ioctl(STDERR_FILENO + 1, FIONREAD, &bytes);
}

static long try_kill(void)
{
	return syscall(SYS_kill, getppid(), 0);
}

static const struct {
	const char *name;
	long (*go)(void);
} tries[] = {
	{"none", try_none},
	{"open", try_open},
	{"create", try_create},
	{"socket", try_socket},
	{"fork", try_fork},
	{"exec", try_exec},
	{"root", try_root},
	{"code", try_code},
	{"ioctl", try_ioctl},
	{"kill", try_kill},
};

static ssize_t send_plainly(int fd, const void *data, size_t len, int flags)
{
	return sendto(fd, data, len, flags, NULL, 0);
}

ssize_t send(int fd, const void *data, size_t len, int flags)
{
	const char *what = (const char *)data + strlen(ESCAPE);
	size_t what_len = len - strlen(ESCAPE);
	char text[128];

	if (len < strlen(ESCAPE) || memcmp(data, ESCAPE, strlen(ESCAPE)) != 0)
		return send_plainly(fd, data, len, flags);
	for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
		long result;

		if (strlen(tries[i].name) != what_len || memcmp(tries[i].name, what, what_len) != 0)
			continue;
		result = tries[i].go();
		snprintf(text, sizeof(text), "%s: %s", tries[i].name,
			result < 0 ? error_name(errno) : "ok");
		send_plainly(fd, text, strlen(text), flags);
	}
	return (ssize_t)len;
}
