/* snapshot: the figures of all services at one moment, and how fast they have grown since the one
 * before. */
#ifndef INETCTL_SNAPSHOT_H
#define INETCTL_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "inetctl/ctl.h"

struct snapshot_row {
	char *key;   /* owned: what the service is known by, however the others change */
	char *label; /* owned */
	char state[16];
	uint64_t started, refused, failed, running, limit, queue;
	bool has_queue;
	uint64_t started_rate, refused_rate; /* tenths a second */
};

struct snapshot {
	uint64_t now_ms; /* of CLOCK_MONOTONIC */
	char version[32], pid[16];
	uint64_t uptime, services, programs, sessions, memory_kib;
	uint64_t started, refused, failed;   /* of all */
	uint64_t started_rate, refused_rate; /* tenths a second, of all */
	struct snapshot_row *rows;           /* owned */
	size_t count, room;
};

/* Asks the daemon behind ctl->socket and fills a snapshot, which is zero. Rates are those since
 * `before`, whose rows are sorted for it; where that is NULL, those of the last ten seconds.
 * Returns the exit code, after a message to ctl->err; free it in either case. */
int snapshot_take(const struct ctl *ctl, struct snapshot *snapshot, struct snapshot *before);
void snapshot_free(struct snapshot *snapshot);

/* Sorts: 'c' by connections a second, 'r' by those that run, 'f' by those refused a second, the
 * most first; 'n' by name. */
void snapshot_sort(struct snapshot *snapshot, int order);

/* Writes it, in its order, as one line of JSON: an array of a record `daemon` and records `service`
 * with what is known of them here, and started_rate and refused_rate, a second, with a tenth. */
void snapshot_json(const struct snapshot *snapshot, FILE *out);

#endif
