/* spawn: starts one program from a plan. Everything is decided before; between clone and exec the
 * child makes system calls only. The daemon does not wait for the exec: it goes on while the child
 * gets there, and learns of a failure when the child is reaped. Nothing else in the daemon knows
 * how a child is made. */
#ifndef RUN_SPAWN_H
#define RUN_SPAWN_H

#include <stdbool.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "config/service.h"

#define SPAWN_FDS       4
#define SPAWN_ENV_BYTES 6144
#define SPAWN_PID_BYTES 11

/* When the child makes a system call of its plan. */
enum spawn_stage {
	SPAWN_FIRST,  /* with the descriptors of the daemon, all of them, and its rights */
	SPAWN_BEFORE, /* with the daemon's rights still */
	SPAWN_AFTER,  /* as the user of the service */
	SPAWN_LAST,   /* nothing but the exec follows */
};

/* One system call of the child, prepared by the daemon, with what it points to. Two are none of the
 * kernel's: SPAWN_WRITE writes the text args[1], of args[2] bytes, to the file args[0]; SPAWN_JOIN
 * enters the control group whose directory is descriptor args[0]. */
struct spawn_call {
	const char *step; /* for the message when it fails; NULL ends a list */
	enum spawn_stage stage;
	long number; /* SYS_... */
	long args[5];
};
#define SPAWN_WRITE (-1L)
#define SPAWN_JOIN  (-2L)

struct spawn_plan {
	const char *path;
	char *const *argv;
	char *const *envp;
	const struct identity *identity; /* NULL: stay who we are */
	int fds[SPAWN_FDS];    /* what becomes 0, 1, 2, 3; 0 to 2 that are their own place already
				  stay; -1 = not open there (3 only) */
	int close_fd;          /* the daemon's copy is closed when the child has its own;
				  consumed by spawn_run(); -1 = none */
	int close_errors;      /* another one, treated the same way: the standard error */
	char *pid_text;        /* where the child writes its own pid in decimals, with a NUL:
				  SPAWN_PID_BYTES of room; NULL: nowhere */
	const char *directory; /* NULL: where the daemon is */
	const struct spawn_call *calls; /* besides what is said here; NULL: none. In place until the
					   child has exec'd */
	int nice;                       /* added to the daemon's, as by nice(2) */
	mode_t umask;
	struct rlimit nofile; /* RLIMIT_NOFILE of the program */
	bool set_nofile;
	bool alone; /* nothing else is being served: wait for the exec (CLONE_VFORK), which is
		       soonest, as the child then goes on where we were instead of waking another
		       processor; when connections come in numbers the daemon goes on */
};

/* Why a program did not start, or when it did; written by the child. */
struct spawn_error {
	const char *step; /* "setgroups", "exec"...; static; NULL: nothing went wrong */
	int err;          /* errno */
	uint64_t exec_us; /* monotonic time right before exec; 0: it did not get there */
};

/* What has to stay in place until the child has exec'd: memory for the plan and what it points to
 * besides the configuration. */
struct spawn_room {
	struct spawn_plan plan;
	char **envp; /* owned; kept for the next one; NULL before the first variable */
	unsigned env_count, env_room;
	char bytes[SPAWN_ENV_BYTES];
	unsigned bytes_used;
	bool overflow; /* of bytes, or of memory for envp */
	char **argv;   /* owned; freed when the room is used again; NULL if not needed */
	int *more_fds; /* the same; what becomes 4 and so on; the daemon's, FD_LOW or above */
	unsigned more_count;
};

/* Finds out once what the kernel can do and who we are. */
void spawn_init(void);

/* A room that no child uses; waits for one of the children on their way if there is none. Valid
 * until spawn_run() is called with it or spawn_room() again. */
struct spawn_room *spawn_room(void);

/* Starts room->plan. All signals must be blocked. Returns the pid of the child, or -1 with *error
 * (nothing to reap then). If the child fails on its way to exec it writes *error, which must stay
 * in place until it has been reaped, and exits with 127. clone(2), close_range(2), execve(2). */
pid_t spawn_run(struct spawn_room *room, struct spawn_error *error);

/* Waits until each child has its own descriptors, which takes it microseconds, and closes the
 * daemon's copies. Before the daemon sleeps. */
void spawn_settle(void);

/* Waits until every child has exec'd or failed: before memory that a plan points to goes. */
void spawn_wait(void);

#endif
