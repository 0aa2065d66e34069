/* wrapcheck: tcp wrappers for built-in services (-W): a helper process asks hosts.allow about each
 * connection, with no rights of its own, and only those it lets in go on to the worker. */
#ifndef RUN_WRAPCHECK_H
#define RUN_WRAPCHECK_H

#include "run/program/plan.h"
#include "run/service/listener.h"

/* Switches it on. `path` is that of inetd-wrap, borrowed. */
void wrapcheck_init(const char *path);

/* worker_serve(), after the check where it is on and the connection is of inet: conn->fd and the
 * ticket are consumed. A connection is refused too when the helper cannot be started, fails or does
 * not answer in 30 s, or when it has to give way to others: the connections that wait are among the
 * descriptors that are kept (service/kept.h), and the helpers, 256 of them, are shared likewise
 * (admit/share.h). Who has his share of them waits for one. */
void wrapcheck_serve(struct service_state *state, struct conn *conn, struct admit_ticket *ticket);

/* Calls `each` for every connection that is checked, or waits for that: `helper` is the process
 * that does it, 0: there is none yet. */
void wrapcheck_each(void (*each)(const struct service_state *state, const struct conn *conn,
			    pid_t helper, void *arg),
	void *arg);

/* The daemon ends: nobody needs the answers any more, and the helpers are ended, with the commands
 * of hosts.allow that they wait for. Who has been let in is not touched. */
void wrapcheck_close(void);

/* A socket was opened: warns where the check is on and this one is not covered, as the worker reads
 * datagrams itself. */
void wrapcheck_opened(const struct listener *listener);

#endif
