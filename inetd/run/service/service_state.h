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

/* At most one line each period; those that are not logged are counted for the next one. */
struct log_limit {
	uint64_t next_ms;
	uint32_t omitted;
};

/* What is logged of a service at most so often, each for itself. */
enum log_subject {
	LOG_REFUSED,
	LOG_IGNORED,
	LOG_REACHED,
	LOG_REPLACED,
	LOG_LOCKED,
	LOG_UNOPENED, /* and others of a standard error */
	LOG_OVERDUE,
	LOG_CROWDED,
	LOG_SUBJECTS
};

struct listener;
struct rpc_service;
struct service_cage;
struct service_history;
struct spare_pool;
struct stderr_rate;

/* What has happened to a state, for its owner. */
enum service_change {
	SERVICE_NEW,       /* it was made a moment ago */
	SERVICE_HOLDS,     /* it is held back now, or not any more: its sockets follow */
	SERVICE_ASSIGNED,  /* it has another definition */
	SERVICE_SLOT_FREE, /* something of it has ended */
	SERVICE_GONE,      /* it is about to be freed */
};

struct service_state {
	unsigned refs;
	uint32_t number;               /* names it to the worker; never given twice */
	const struct service *service; /* of config; the newest definition */
	struct config *config;         /* counted */
	struct admit admit;
	unsigned holds;                                          /* HOLD_... bits */
	enum { STATE_NEW, STATE_ACTIVE, STATE_DEPARTED } listed; /* in which list by in_states */
	uint64_t since_ms;                                       /* when the holds last changed */
	unsigned turns;                                          /* it has had so far */
	bool planned;            /* a plan of a reload has it (reload/reload_plan.h) */
	bool starts_well;        /* its newest program has got to its exec (program/start_pace.h) */
	bool in_line;            /* waits for its turn (accept/admission.h), linked by in_waiting */
	bool locked;             /* a program keeps a socket of it locked (suspect_socket.h) */
	bool denies;             /* others ask it (accept/deny_all.h), linked by in_denying */
	struct backoff backoff;  /* HOLD_BACKOFF */
	struct backoff pause;    /* HOLD_FDS */
	struct timer rate_timer; /* HOLD_RATE */
	struct log_limit *log_limits; /* owned; by enum log_subject; NULL before the first line */
	struct stderr_rate
		*stderr_rate; /* owned; of lines that its programs write (program/stderr_log.h) */
	uint64_t failed_ms;   /* the last time one failed */
	uint32_t failed;      /* programs that could not be started */
	uint32_t worker_lost; /* sessions that ended with a worker */
	struct service_cage *cage;        /* owned; NULL: it asks for none (service_cage.h) */
	struct spare_pool *spares;        /* owned; NULL: it has none (program/spare.h) */
	struct rpc_service *rpc;          /* owned; NULL: it is none (service/rpc_service.h) */
	struct service_history *observed; /* owned; NULL before the first connection */
	TAILQ_HEAD(state_listeners, listener) listeners;
	TAILQ_ENTRY(service_state) in_states;
	TAILQ_ENTRY(service_state) in_waiting;
	LIST_ENTRY(service_state) in_denying;
};

TAILQ_HEAD(service_state_list, service_state);

/* The services that are served, in the order of the configuration; and those that are not any more
 * but of which something still runs, so that they find it when they come back. */
extern struct service_state_list service_states, service_states_departed;

/* The one hook by which states tell that they have changed; set by main before there is one. */
extern void (*service_state_changed)(struct service_state *state, enum service_change change);

/* A state for a service, with one reference; not in the list yet. NULL with errno ENOMEM. */
struct service_state *service_state_new(const struct service *service);
/* A number that is in use: no new state gets it, or a lower one. */
void service_state_reserve(uint32_t number);

struct service_state *service_state_ref(struct service_state *state);
void service_state_unref(struct service_state *state);

/* For reconcile: moves the state to the end of service_states, which has a reference, from
 * `before`, or wherever it was. And from `before`, or service_states, to those that have departed:
 * that reference goes, and the state with the last one. */
void service_state_activate(struct service_state *state, struct service_state_list *before);
void service_state_depart(struct service_state *state, struct service_state_list *before);

/* Gives the state its newest definition (and its limits). */
void service_state_assign(struct service_state *state, const struct service *service);

/* Sets or clears reasons; the sockets are watched while there is none. Idempotent. */
void service_state_hold(struct service_state *state, enum hold reason);
void service_state_release(struct service_state *state, enum hold reason);

/* The same for RATE, for so long. */
void service_state_hold_rate(struct service_state *state, uint64_t wait_ms);

/* A slot was given back: it is not FULL any more. */
void service_state_slot_free(struct service_state *state);

/* Where what happens to its clients is logged (log_event_to()): NULL, or the file of log_to. */
static inline const char *service_state_log_file(const struct service_state *state)
{
	return state->service->policy->log_to.path;
}

/* A start failed (true: this is the first failure in a row, worth a log line), or one at
 * `started_ms` went well, which proves nothing if others have failed since. */
bool service_state_failed(struct service_state *state);
void service_state_works(struct service_state *state, uint64_t started_ms);

/* Goes on with a pause that began earlier: it is held until that time, and the next pause is longer
 * than delay_ms. */
void service_state_hold_backoff(struct service_state *state, uint32_t delay_ms, uint64_t until_ms);

/* The system is out of descriptors or buffers (true: worth a log line), or is not. */
bool service_state_pause(struct service_state *state);
void service_state_resume(struct service_state *state);

/* True if lines of that urgency (LOG_...) about the service are shown: its log_level and the
 * daemon's. */
bool service_state_shows(const struct service_state *state, int level);

/* True if a line may be logged now, `period_ms` after the one before; *omitted is how many were not
 * since then. */
bool log_limit_allows(struct log_limit *limit, uint64_t period_ms, uint32_t *omitted);

/* The same for a line about a service: ten seconds, or `period_ms`, after the one before about that
 * subject. Without memory it always may. */
bool service_state_may_log(
	struct service_state *state, enum log_subject subject, uint32_t *omitted);
bool service_state_may_log_each(struct service_state *state, enum log_subject subject,
	uint64_t period_ms, uint32_t *omitted);

/* " (and 7 more not logged)", for the end of that line, or nothing for 0; into buf, of
 * LOG_LIMIT_TEXT bytes. Returns buf. */
#define LOG_LIMIT_TEXT 48
char *log_limit_text(uint32_t omitted, char *buf, size_t size);

/* True if a service runs with this number as user or group. */
bool service_state_uses_id(uid_t id);

/* Its holds, for people: with HOLD_FULL as soon as the next connection would wait, although it is
 * held for that only when one comes. */
unsigned service_state_shown(const struct service_state *state);

#endif
