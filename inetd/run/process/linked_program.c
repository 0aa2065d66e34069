/* linked_program: see linked_program.h. */
#include "run/process/linked_program.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fdutil.h"
#include "base/log.h"
#include "run/process/closer.h"

static int open_link(int ends[2], int queue_bytes)
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) < 0)
		return -1;
	if (queue_bytes && setsockopt(ends[0], SOL_SOCKET, SO_SNDBUFFORCE, &queue_bytes,
				   sizeof(queue_bytes)) < 0)
		setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &queue_bytes, sizeof(queue_bytes));
	/* A program that was taken over could fill them, to be closed here. */
	closer_refuse_rights(ends[0]);
	ends[0] = fd_raise(ends[0]);
	ends[1] = fd_raise(ends[1]);
	return 0;
}

/* The room stays until the child has exec'd: the words are copied there, and the environment comes
 * after them. Returns that; NULL without memory. */
static char **put_words(struct spawn_room *room, const struct linked_program *program)
{
	size_t count = 0;

	while (program->words[count])
		count++;
	room->argv = calloc(count + 3, sizeof(*room->argv));
	if (!room->argv)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		char *text = room->bytes + room->bytes_used;

		room->bytes_used += 1 + (unsigned)strlcpy(text, program->words[i],
						sizeof(room->bytes) - room->bytes_used);
		room->argv[i] = text;
	}
	room->argv[count + 1] = (char *)(uintptr_t)program->variable;
	return room->argv + count + 1;
}

/* Its end of the link is consumed. */
static pid_t spawn(const struct linked_program *program, int link_fd, struct spawn_error *error)
{
	struct spawn_room *room = spawn_room();
	char **environment = room ? put_words(room, program) : NULL;
	bool logs = program->may_log && log_is_stderr();
	int null_fd;

	if (!environment) {
		*error = (struct spawn_error){.step = "memory", .err = ENOMEM};
		fd_close(&link_fd);
		return -1;
	}
	null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	room->plan = (struct spawn_plan){.path = program->path,
		.argv = room->argv,
		.envp = environment,
		.fds = {null_fd, null_fd, logs ? STDERR_FILENO : null_fd, link_fd},
		.close_fd = null_fd,
		.close_errors = link_fd};
	return spawn_run(room, error);
}

int linked_program_start(
	const struct linked_program *program, struct child *child, struct spawn_error *error)
{
	int ends[2];

	*error = (struct spawn_error){0};
	child->pid = 0;
	if (open_link(ends, program->queue_bytes) < 0) {
		*error = (struct spawn_error){.step = "socketpair", .err = errno};
		return -1;
	}
	child->pid = spawn(program, ends[1], error);
	if (child->pid > 0 && !error->step) {
		child_add(child);
		return ends[0];
	}
	child->pid = 0;
	fd_close(&ends[0]);
	return -1;
}
