/* service_state: the runtime state of one service: its admission counts and why it is held back.
 * Shared by the service's listeners, carried over a reload by any endpoint that is kept, and alive
 * as long as a listener, a child or a session refers to it. Holds change only through
 * service_state_hold() and service_state_release(); interest in a socket only in listener_update().
 */
#ifndef RUN_SERVICE_STATE_H
#define RUN_SERVICE_STATE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "admit/admit.h"
#include "base/backoff.h"
#include "config/conf.h"
#include "run/program/stderr_log.h"

/* Why nothing is accepted. The first group belongs to service_states, the second to listeners. */
enum hold {
	HOLD_FULL = 1 << 0,    /* instances reached */
	HOLD_RATE = 1 << 1,    /* waiting for a token */
	HOLD_NEVER = 1 << 2,   /* a limit of 0 */
	HOLD_BACKOFF = 1 << 3, /* programs cannot be started, or leave their input untouched */
	HOLD_FDS = 1 << 4,     /* the system has no descriptors or buffers */
	HOLD_WORKER = 1 << 5,  /* the worker is down or does not keep up */
	HOLD_LOAD = 1 << 6,    /* max_load reached */
	HOLD_TOTAL = 1 << 7,   /* children of [inetd] reached: waits for its turn */

	HOLD_LENT = 1 << 8,         /* a wait program has the socket */
	HOLD_SOCKET = 1 << 9,       /* there is no socket: bind is retried */
	HOLD_WITH_WORKER = 1 << 10, /* the worker has the datagram socket */

	/* Of service_states again, by order of an administrator (shut.h): there are no sockets. */
	HOLD_DISABLED = 1 << 11, /* disabled */
	HOLD_DRAIN = 1 << 12,    /* the daemon ends when the last program has */
	HOLD_CLOSED = HOLD_DISABLED | HOLD_DRAIN,
};

/* At most one line each period; what was left out is counted and said with the next line. */
struct log_limit {
	uint64_t next_ms;
	uint32_t left_out;
};

struct listener;
struct service_history;

struct service_state {
	unsigned refs;
	uint32_t number;               /* names it to the worker; never given twice */
	const struct service *service; /* of config; the newest definition */
	struct config *config;         /* counted */
	struct admit admit;
	unsigned holds;          /* HOLD_... bits */
	uint64_t since_ms;       /* when they were last others */
	bool active;             /* in the list of service_states */
	bool in_line;            /* waits for its turn (overload.h), linked by in_waiting */
	unsigned turns;          /* it has had so far */
	bool claimed;            /* scratch of reconcile */
	struct backoff backoff;  /* HOLD_BACKOFF */
	struct backoff pause;    /* HOLD_FDS */
	struct timer rate_timer; /* HOLD_RATE */
	struct log_limit refused, ignored, reached, shut, unopened, overdue;
	struct stderr_log_rate stderr_log; /* lines of its programs' standard errors */
	uint64_t failed_ms;                /* the last time one failed */
	uint64_t failed;                   /* programs that could not be started */
	uint64_t worker_lost;              /* sessions that ended with a worker */
	struct service_history *observed;  /* owned; NULL before the first connection */
	TAILQ_HEAD(state_listeners, listener) listeners;
	TAILQ_ENTRY(service_state) in_states;
	TAILQ_ENTRY(service_state) in_waiting;
};

TAILQ_HEAD(service_state_list, service_state);

/* The services that are served, in the order of the configuration. Written by reconcile only. */
extern struct service_state_list service_states;

/* A state for a service, with one reference; not in the list yet. NULL with errno ENOMEM. */
struct service_state *service_state_new(const struct service *service);
struct service_state *service_state_ref(struct service_state *state);
void service_state_unref(struct service_state *state);

/* Gives the state its newest definition (and its limits). */
void service_state_assign(struct service_state *state, const struct service *service);

/* Sets or clears a reason; listeners are watched again when the last one goes. Idempotent. */
void service_state_hold(struct service_state *state, enum hold reason);
void service_state_release(struct service_state *state, enum hold reason);

/* Holds the state for FULL, RATE, NEVER, LOAD or TOTAL; logs, limited, that a limit was reached,
 * with the key that raises it. */
void service_state_hold_verdict(
	struct service_state *state, enum verdict verdict, uint64_t wait_ms);

/* A slot was given back: FULL is over, and somebody's wait for TOTAL. */
void service_state_slot_free(struct service_state *state);

/* Called, if set, when a slot of any state was given back. */
extern void (*service_state_slot_freed)(void);

/* A start failed (true: this is the first failure in a row, worth a log line), or one at
 * `started_ms` went well, which says nothing if others have failed since. */
bool service_state_failed(struct service_state *state);
void service_state_works(struct service_state *state, uint64_t started_ms);

/* The system is out of descriptors or buffers (true: worth a log line), or is not. */
bool service_state_pause(struct service_state *state);
void service_state_resume(struct service_state *state);

/* True if lines of that urgency (LOG_...) about the service are shown: its log_level and the
 * daemon's. */
bool service_state_shows(const struct service_state *state, int level);

/* True if a line may be logged now; *left_out is how many were not since the last. */
bool log_limit_allows(struct log_limit *limit, uint32_t *left_out);

/* " (and 7 more not logged)", for the end of that line, or nothing for 0; into buf, of
 * LOG_LIMIT_TEXT bytes. Returns buf. */
#define LOG_LIMIT_TEXT 48
char *log_limit_text(uint32_t left_out, char *buf, size_t size);

/* Its holds, for people, and HOLD_FULL as soon as nobody else would be served: it is held for that
 * only when somebody comes. */
unsigned service_state_shown(const struct service_state *state);

/* Short words for hold bits, most telling first: "full", "rate", "bind"...; "ready" for 0. */
const char *hold_name(unsigned holds);

#endif
