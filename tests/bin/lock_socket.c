/* lock_socket: a program of a service that keeps a socket it was given locked in the kernel: a call
 * that locks it reads memory for which nobody answers (userfaultfd(2)), as a file of a file system
 * of its own (fuse(4)) would be for an ordinary user. Who makes a call then that locks the same
 * socket sleeps, and no signal ends him.
 *
 *	lock_socket		locks standard input until it is killed; 1 if it cannot
 *	lock_socket errors	locks the pipe that is its standard error, as who reads that does
 *	lock_socket errors MS	for so many milliseconds, again and again */
#include <err.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MEMORY_BYTES 65536

static int fault_fd;
static struct uffdio_range empty = {.len = MEMORY_BYTES};

/* Memory that is filled by nobody. */
static struct sock_filter *empty_memory(void)
{
	struct uffdio_api api = {.api = UFFD_API};
	struct uffdio_register range = {.mode = UFFDIO_REGISTER_MODE_MISSING};
	void *memory = mmap(
		NULL, MEMORY_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	fault_fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
	empty.start = (uintptr_t)memory;
	range.range = empty;
	if (fault_fd < 0 || memory == MAP_FAILED || ioctl(fault_fd, UFFDIO_API, &api) < 0 ||
		ioctl(fault_fd, UFFDIO_REGISTER, &range) < 0)
		err(1, "userfaultfd");
	return memory;
}

/* Fills it, that long after somebody has asked for it. */
static void *fill(void *arg)
{
	const useconds_t us = (useconds_t)(uintptr_t)arg * 1000;
	struct uffdio_zeropage zeros = {.range = empty};
	struct uffd_msg fault;

	while (read(fault_fd, &fault, sizeof(fault)) > 0) {
		usleep(us);
		ioctl(fault_fd, UFFDIO_ZEROPAGE, &zeros);
	}
	return NULL;
}

/* What is in a pipe can be read as long as it is locked: whoever hears of it comes, and sleeps. So
 * does who closes last what we were given. */
static int lock_errors(void *memory)
{
	int fd = open("/proc/self/fd/2", O_RDWR | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		err(1, "/proc/self/fd/2");
	close(STDERR_FILENO);
	while (write(fd, "x", 1) == 1) {
		(void)!read(fd, memory, 1); /* another may have read it */
		madvise(memory, MEMORY_BYTES, MADV_DONTNEED);
	}
	return 1;
}

int main(int argc, char **argv)
{
	struct sock_fprog program = {.len = 10, .filter = empty_memory()};
	pthread_t thread;

	if (argc > 2)
		pthread_create(&thread, NULL, fill, (void *)strtoul(argv[2], NULL, 10));
	if (argc > 1 && !strcmp(argv[1], "errors"))
		return lock_errors(program.filter);
	setsockopt(STDIN_FILENO, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
	return 1;
}
