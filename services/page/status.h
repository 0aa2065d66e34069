/* status: what the daemon reports of itself, as structs: the records of `stats`, `status` and
 * `events` (base/record.h) taken apart, services that need attention first. Pure. */
#ifndef SERVICES_PAGE_STATUS_H
#define SERVICES_PAGE_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STATUS_SECONDS 60 /* of history */
#define STATUS_REASONS 12 /* why something was refused */
#define STATUS_FIELDS  12 /* of an event, besides its text */

/* How much attention it needs. */
enum concern {
	CONCERN_NONE,
	CONCERN_OFF,     /* not served, as an administrator wants */
	CONCERN_WAITING, /* at a limit: it ends without help */
	CONCERN_BROKEN,  /* does not work until something is repaired */
	CONCERNS
};

/* All texts are in the answers that the daemon gave. */
struct status_endpoint {
	const char *address, *state;
	bool has_queue;
	uint64_t queue, queue_limit; /* connections that wait for accept; 0 = unknown */
};

struct status_reason {
	const char *name; /* the key that refused */
	uint64_t count;
};

struct status_service {
	const char *label, *program, *where, *protocol, *type, *user;
	const char *state, *reason; /* reason is NULL when it is ready */
	const char *on_demand; /* of a daemon on demand: stopped, starting, running; else NULL */
	uint64_t restarts;     /* of it */
	enum concern concern;
	bool kept;                               /* the file has an error, this is from before */
	uint64_t since;                          /* seconds in that state */
	uint64_t running, peak, limit;           /* limit 0: none */
	uint64_t started, failed, lost, refused; /* since the service exists */
	uint16_t history[STATUS_SECONDS];        /* starts a second, the running one last */
	struct status_reason reasons[STATUS_REASONS];
	size_t reason_count;
	size_t first_endpoint, endpoint_count;
};

struct status_event {
	int64_t time; /* seconds since 1970 */
	const char *level, *text;
	struct {
		const char *name, *value;
	} fields[STATUS_FIELDS];
	size_t field_count;
};

struct status_daemon {
	const char *version;
	uint64_t pid, uptime, generation, reloads, reload_errors, services, programs, sessions,
		started, refused, failed, descriptors, memory_kib, log_lost, worker_restarts,
		config_errors;
};

struct status {
	struct status_daemon daemon;
	uint64_t listen_overflows, listen_drops, somaxconn;
	const char *advice;              /* NULL: none is needed */
	const char *first_error;         /* in the configuration; NULL: there is none */
	struct status_service *services; /* owned; in order */
	size_t service_count;
	struct status_endpoint *endpoints; /* owned; of all services */
	size_t endpoint_count;
	struct status_event *events; /* owned; the oldest first */
	size_t event_count;
	size_t concerns[CONCERNS]; /* how many services there are of each */
};

/* Takes an answer apart, in place; it must stay as long as the status. To be called for each answer
 * with the same status, zeroed at first. Records it does not know are left out. Returns 0, or -1
 * with errno: EPROTO for what is no record, ENOMEM. */
int status_add(struct status *status, char *answer);

/* Puts the services into order: the more concern the earlier, then by name. Once, after all
 * answers.
 */
void status_sort(struct status *status);

void status_free(struct status *status);

#endif
