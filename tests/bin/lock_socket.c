/* lock_socket: a program of a service that keeps a socket it was given locked in the kernel: a call
 * that locks it reads memory for which nobody answers (userfaultfd(2)), as a file of a file system
 * of its own (fuse(4)) would be for an ordinary user. Who makes a call then that locks the same
 * socket sleeps, and no signal ends him.
 *
 *	lock_socket		locks standard input until it is killed; 1 if it cannot
 *	lock_socket errors	locks the pipe that is its standard error, which who reads it locks
 *too */
#include <err.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/userfaultfd.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MEMORY_BYTES 65536

/* Memory that is filled by nobody. */
static struct sock_filter *empty_memory(void)
{
	struct uffdio_api api = {.api = UFFD_API};
	struct uffdio_register range = {
		.range.len = MEMORY_BYTES, .mode = UFFDIO_REGISTER_MODE_MISSING};
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
	void *memory = mmap(
		NULL, MEMORY_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	range.range.start = (uintptr_t)memory;
	if (fd < 0 || memory == MAP_FAILED || ioctl(fd, UFFDIO_API, &api) < 0 ||
		ioctl(fd, UFFDIO_REGISTER, &range) < 0)
		err(1, "userfaultfd");
	return memory;
}

/* What is in a pipe can be read as long as it is locked: whoever hears of it comes, and sleeps. So
 * does who closes last what we were given. */
static int lock_errors(void *memory)
{
	int fd = open("/proc/self/fd/2", O_RDWR | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		err(1, "/proc/self/fd/2");
	close(STDERR_FILENO);
	while (write(fd, "x", 1) == 1)
		(void)!read(fd, memory, 1); /* another may have read it */
	return 1;
}

int main(int argc, char **argv)
{
	struct sock_fprog program = {.len = 10, .filter = empty_memory()};

	if (argc > 1 && !strcmp(argv[1], "errors"))
		return lock_errors(program.filter);
	setsockopt(STDIN_FILENO, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
	return 1;
}
