/* helper: a short-lived forked copy of the daemon for work that may block (name look-ups, a search
 * through /proc), without the daemon's descriptors, signals or name. */
#ifndef RUN_HELPER_H
#define RUN_HELPER_H

#include "run/process/child.h"

/* Forks a process named "inetd-helper" that runs work(arg, out) with standard descriptors and, if
 * `out` is wanted, one end of a pair of connected unix sockets, then exits. It is ended by SIGALRM
 * after limit_s seconds. child->ended must be set; the child is added to the map. Returns the other
 * end (non-blocking, the caller's), or 0 when none was wanted; -1 with errno (fork(2),
 * socketpair(2)). */
int helper_start(struct child *child, void (*work)(const void *arg, int out), const void *arg,
	bool want_pipe, unsigned limit_s);

/* The same, for who wants to know of the end no more than that it has come. */
struct helper_job {
	void (*work)(const void *arg, int out);
	const void *arg;
	void (*ended)(void); /* when it has been reaped; NULL: nothing */
	unsigned limit_s;
	bool want_pipe;
};
int helper_run(const struct helper_job *job);

/* In a helper: the daemon that has started it, which may have ended meanwhile: then getppid(2) is
 * somebody else, perhaps another daemon. */
pid_t helper_daemon(void);

/* Runs work(arg, fd, result) in a helper that has `fd` too (-1: none) and waits for its end, a
 * tenth of a second at most; longer, up to half a second, only while it has had no processor.
 * Returns 0 with the `size` bytes of the result, or -1 with errno: ETIMEDOUT (the helper may still
 * do it), EAGAIN where several have not come back. */
int helper_call(void (*work)(const void *arg, int fd, void *result), const void *arg, int fd,
	void *result, size_t size);

/* Waits so, limit_ms at most, for `size` bytes from a helper at the other end of the link. Returns
 * 0 or -1 likewise, ECHILD where it has ended or has sent less. */
int helper_await(pid_t pid, int link, int limit_ms, void *result, size_t size);
#define HELPER_CALL_MS 100

#endif
