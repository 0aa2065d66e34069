/* reason: why a service does not take what comes. A verdict is about one arrival, a hold is about
 * the service; what both are called, for people and programs, is one table. */
#ifndef ADMIT_REASON_H
#define ADMIT_REASON_H

enum verdict {
	ADMIT_OK,
	ADMIT_FULL,        /* instances reached: hold until one ends */
	ADMIT_RATE,        /* no token: hold for *wait_ms */
	ADMIT_NEVER,       /* a limit of 0: nothing is allowed until a reload */
	ADMIT_SOURCE_FULL, /* this source has its share: refuse this one */
	ADMIT_SOURCE_RATE, /* this source comes too fast: refuse this one */
	ADMIT_DENIED,      /* only_from or no_access: refuse this one */
	ADMIT_TIMES,       /* not within access_times: refuse this one */
	ADMIT_IGNORED,     /* its source was refused too often: refuse this one, without a word */
	ADMIT_NO_PROXY,    /* not by a proxy: refuse this one */
	ADMIT_HEADER,      /* a proxy has not said whose it is: refuse this one */
	ADMIT_LOAD,        /* max_load reached: hold, or refuse; the caller's to find out */
	ADMIT_TOTAL,       /* children of all services reached: the same */
	ADMIT_SHARE,       /* all descriptors are in use, by others with no more: refuse this one */
	ADMIT_MEMORY,      /* no memory to count it: refuse this one */
	ADMIT_VERDICTS
};

/* Why nothing is accepted. The first group is of a service, the second of one of its sockets. */
enum hold {
	HOLD_FULL = 1 << 0,    /* instances reached */
	HOLD_RATE = 1 << 1,    /* waits for a token */
	HOLD_NEVER = 1 << 2,   /* a limit of 0 */
	HOLD_BACKOFF = 1 << 3, /* programs cannot be started, or leave their input untouched */
	HOLD_FDS = 1 << 4,     /* the system has no descriptors or buffers */
	HOLD_WORKER = 1 << 5,  /* the worker is down or does not keep up */
	HOLD_LOAD = 1 << 6,    /* max_load reached */
	HOLD_TOTAL = 1 << 7,   /* children of [inetd] reached: waits for its turn */
	HOLD_CAGE = 1 << 13,   /* what confines its programs is not prepared */
	HOLD_START = 1 << 15,  /* its last program has not got to its exec yet */
	HOLD_SPLIT = 1 << 16,  /* the socket of its next one is being made, or a datagram dropped */
	HOLD_LOCKED = 1 << 17, /* a program keeps one of its sockets locked in the kernel */

	HOLD_USER = 1 << 14, /* its user is not known any more */

	HOLD_LENT = 1 << 8,         /* a wait program has the socket */
	HOLD_SOCKET = 1 << 9,       /* there is no socket: bind is retried */
	HOLD_WITH_WORKER = 1 << 10, /* the worker has the datagram socket */

	/* Of a service again, by order of an administrator (run/reload/disable.h): it has no
	 * sockets. */
	HOLD_DISABLED = 1 << 11, /* disabled */
	HOLD_DRAIN = 1 << 12,    /* the daemon ends when the last program has */
	HOLD_CLOSED = HOLD_DISABLED | HOLD_DRAIN,
};

struct reason {
	enum hold hold;       /* 0: a verdict alone */
	enum verdict verdict; /* ADMIT_OK: a hold alone */
	const char *state;    /* what a service that is held for it is called */
	const char *held;     /* the same as a sentence */
	const char *key;      /* of a verdict: the key that it comes from, or another word for it */
	const char *refused;  /* why one arrival is refused, as a sentence */
	const char *raise;    /* what raises the limit where it is the default; NULL: not one */
};

/* The row of the most telling of these holds; NULL for none. */
const struct reason *reason_of_hold(unsigned holds);

/* The row of a verdict but ADMIT_OK. */
const struct reason *reason_of_verdict(enum verdict verdict);

/* "full", "rate", "bind"...: the state that holds make; "ready" for none. */
const char *hold_name(unsigned holds);

/* "instances", "per_source"...: the key that a verdict comes from; "-" for ADMIT_OK. */
const char *verdict_key(enum verdict verdict);

#endif
