/* hostile-others: what hostile tries against other processes of its user, which it knows by their
 * numbers, and what of its making outlives it. */
#ifndef TESTS_HOSTILE_OTHERS_H
#define TESTS_HOSTILE_OTHERS_H

#include <fcntl.h>
#include <linux/ioprio.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static const char *argument; /* what follows its name; "" where nothing does */

static int number(void)
{
	return (int)strtol(argument, NULL, 10);
}

static int trace(void)
{
	return (int)ptrace(PTRACE_ATTACH, number(), NULL, NULL);
}

static int peek(void)
{
	char byte;
	struct iovec here = {&byte, 1}, there = {&byte, 1};

	return (int)process_vm_readv(number(), &here, 1, &there, 1, 0);
}

static int kill_process(void)
{
	return kill(number(), SIGTERM);
}

static int limit_process(void)
{
	const struct rlimit limit = {100000, 100000};

	return prlimit(number(), RLIMIT_CPU, &limit, NULL);
}

static int slow_process(void)
{
	return setpriority(PRIO_PROCESS, (id_t)number(), 19);
}

/* The priority of all its user's processes. */
static int slow_user(void)
{
	return setpriority(PRIO_USER, 0, 19);
}

static int slow_disk(void)
{
	return (int)syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, number(),
		IOPRIO_PRIO_VALUE(IOPRIO_CLASS_IDLE, 0));
}

static int starve_process(void)
{
	const struct sched_param none = {0};

	return (int)syscall(SYS_sched_setscheduler, number(), SCHED_IDLE, &none); /* musl: ENOSYS */
}

static int pin_process(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	return sched_setaffinity(number(), sizeof(set), &set);
}

/* What outlives who made it, and whoever knows its number may use; not made for long here. */
static int share_memory(void)
{
	int id = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);

	return id < 0 ? -1 : shmctl(id, IPC_RMID, NULL);
}

static int share_semaphore(void)
{
	int id = semget(IPC_PRIVATE, 1, IPC_CREAT | 0600);

	return id < 0 ? -1 : semctl(id, 0, IPC_RMID);
}

static int share_messages(void)
{
	int id = msgget(IPC_PRIVATE, IPC_CREAT | 0600);

	return id < 0 ? -1 : msgctl(id, IPC_RMID, NULL);
}

static int share_queue(void)
{
	int fd = (int)syscall(SYS_mq_open, "hostile", O_RDWR | O_CREAT | O_CLOEXEC, 0600, NULL);

	if (fd < 0)
		return -1;
	close(fd);
	return (int)syscall(SYS_mq_unlink, "hostile");
}

/* On a file of its own, so that nobody waits. */
static int lease(void)
{
	int fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600), result;

	if (fd < 0)
		return -1;
	result = fcntl(fd, F_SETLEASE, F_WRLCK);
	close(fd);
	return result;
}

#endif
