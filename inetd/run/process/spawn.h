/* spawn: starts one program from a plan. Everything is decided before; between clone and exec the
 * child makes system calls only. The daemon does not wait for the exec: it goes on while the child
 * gets there, and learns of a failure when the child is reaped. Nothing else in the daemon knows
 * how a child is made. */
#ifndef RUN_SPAWN_H
#define RUN_SPAWN_H

#include <stdbool.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "base/rawcall.h"
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

/* One system call of the child, prepared by the daemon, with what it points to. Three are none of
 * the kernel's: SPAWN_WRITE writes the text args[1], of args[2] bytes, to the file args[0];
 * SPAWN_JOIN enters the control group whose directory is descriptor args[0]; SPAWN_OWN_MEMORY asks
 * that the kernel means the child alone, and not us, when it ends or rates processes for their
 * memory. */
struct spawn_call {
	const char *step; /* for the message when it fails; NULL ends a list */
	enum spawn_stage stage;
	long number; /* SYS_... */
	long args[5];
};
#define SPAWN_WRITE      (-1L)
#define SPAWN_JOIN       (-2L)
#define SPAWN_OWN_MEMORY (-3L)

struct spawn_error;

struct spawn_plan {
	const char *path;
	char *const *argv;
	char *const *envp;
	const struct identity *identity; /* NULL: stay who we are */
	int fds[SPAWN_FDS]; /* what becomes 0, 1, 2, 3; 0 to 2 that are their own place already
			       stay; -1 = not open there (3 only) */
	int close_fd;       /* the daemon's copy is closed when the child has its own;
			       consumed by spawn_run(); -1 = none */
	int close_errors;   /* another one, treated the same way: the standard error */
	bool close_first;   /* the child goes on when nobody else has it: the daemon, or another
			       child on its way; for what a unix peer may have filled
			       (run/process/closer.h) */
	const char *errors_path; /* opened by the child, as path_open() does, for 2; where that
				    fails fds[2] is taken. NULL: none */
	const char *check_path;  /* has to be executable too, besides path; NULL: nothing */
	struct config *config;   /* what the plan points into: counted as long as the child is on
				    its way; NULL: nothing */
	const void *owner;       /* for spawn_on_way() */
	/* Called when the child has left our memory, by exec or its end, with *error of
	 * spawn_run() filled, before it is reaped; and when it is late. NULL: not. */
	void (*left)(struct spawn_error *error);
	void (*late)(struct spawn_error *error);
	char *pid_text;        /* where the child writes its own pid in decimals, with a NUL:
				  SPAWN_PID_BYTES of room; NULL: nowhere */
	const char *directory; /* NULL: where the daemon is */
	const struct spawn_call *calls; /* besides what is said here; NULL: none. In place until the
					   child has exec'd */
	uint64_t slice_ns; /* of processor time (run/process/time_slice.h); 0: as the daemon's */
	int linger_s;      /* of descriptor 0, seconds: its close waits so long at most for what was
			      sent (SO_LINGER, socket(7)); 0: as it is */
	int nice;          /* added to the daemon's, as by nice(2) */
	mode_t umask;
	struct raw_limit nofile; /* RLIMIT_NOFILE of the program */
	bool set_nofile;
};

/* Why a program did not start, or when it did; written by the child. */
struct spawn_error {
	const char *step; /* "setgroups", "exec"...; static; NULL: nothing went wrong */
	int err;          /* errno; ETIME: late */
	int errors_err;   /* errno of errors_path; 0: it is open */
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

/* A child that does not get to its exec in this time is killed: its user has stopped it, or a file
 * system does not answer. */
#define SPAWN_LATE_MS 5000

/* A room that no child uses. Where many children are on their way, waits 2 ms at most for one of
 * them. Valid until spawn_run() is called with it or spawn_room() again. NULL with errno ENOMEM. */
struct spawn_room *spawn_room(void);

/* Starts room->plan. All signals must be blocked. Returns the pid of the child, or -1 with *error
 * (nothing to reap then). If the child fails on its way to exec, *error is set before it is reaped;
 * it exits with 127. clone(2), close_range(2), execve(2). */
pid_t spawn_run(struct spawn_room *room, struct spawn_error *error);

/* The children of `owner` that are on their way to their exec: how many, and since when the oldest
 * is. */
struct spawn_way {
	unsigned count;
	uint64_t oldest_us; /* how long, in microseconds */
};
struct spawn_way spawn_on_way(const void *owner);

/* Waits until no child shares the daemon's descriptors, which takes it microseconds, and closes the
 * daemon's copies of theirs; 5 ms at most. */
void spawn_settle(void);

/* The same, and no child has a copy either of what is not its own: what the daemon closes then is
 * closed. Half a second at most, where the machine is so busy. */
void spawn_settle_all(void);

/* Closes copies that can be closed now. False if the daemon must call spawn_before_sleep() before
 * it sleeps, which waits for the others, 5 ms at most. */
bool spawn_may_sleep(void);
void spawn_before_sleep(void);

/* Waits until each child has left our memory, but 2 ms at most for the first that does not. True if
 * only those are on their way that have been killed for it already. */
bool spawn_wait_all(void);

/* Does what is to be done for children that have left our memory. */
void spawn_collect(void);

#endif
