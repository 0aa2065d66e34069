/* companion: a forked copy of the daemon that stays beside it, for what may have to wait or goes on
 * when the daemon has gone. It has its end of a link and nothing else open, a name, a title and a
 * session of its own, and takes no signal that was meant for the daemon: the end of the link is
 * what counts. */
#ifndef RUN_COMPANION_H
#define RUN_COMPANION_H

#define COMPANION_LINK (STDERR_FILENO + 1) /* its end; 0 to 2 are /dev/null */

struct companion {
	const char *name;              /* of the process */
	const char *title;             /* what it does */
	void (*work)(const void *arg); /* it ends when this returns */
};

/* Starts it. Returns our end of the link (SOCK_SEQPACKET, with room for 1 MiB on its way), the
 * caller's, or -1 with errno: socketpair(2), open(2), fork(2). `arg` is copied with the process. */
int companion_start(const struct companion *companion, const void *arg);

#endif
