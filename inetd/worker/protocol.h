/* protocol: one row for each built-in service: what it does with a connection and with a datagram.
 * A protocol only moves bytes; waiting, timers, descriptors and their end are session.c's. */
#ifndef WORKER_PROTOCOL_H
#define WORKER_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/builtin.h"

struct session;
struct worker_down;

/* What a connection needs next. Bytes that transfer_send() could not send go out first in any case;
 * `ready` is not called before they have. */
enum step {
	STEP_INPUT,  /* call `ready` when there is something to read */
	STEP_NEWS,   /* call `ready` when something more than now is there to read */
	STEP_OUTPUT, /* call `ready` when something can be sent */
	STEP_FINISH, /* all is sent: end as soon as no reset can hurt what the client still reads */
	STEP_CLOSE,  /* end now */
	STEP_LEAVE,  /* end now, the supervisor goes on with it (link_answer() was called) */
};

struct protocol {
	enum step (*start)(struct session *session, const struct worker_down *msg);
	/* `events` are EPOLLIN... NULL where no such step is taken. */
	enum step (*ready)(struct session *session, uint32_t events);
	/* The session's time is over: CLOSE or LEAVE. NULL: there is nothing to be told. */
	enum step (*late)(struct session *session);
	/* Turns a request of `len` bytes into its answer, in place (at least DGRAM_ROOM bytes);
	 * returns the length of the answer. NULL: datagrams are thrown away. */
	size_t (*answer)(char *data, size_t len);
};

#define DGRAM_ROOM 128

extern const struct protocol echo_protocol, discard_protocol, chargen_protocol, daytime_protocol,
	time_protocol, tcpmux_protocol, send_text_protocol, header_protocol;

/* The row of a built-in, or NULL. */
const struct protocol *protocol_of(enum builtin builtin);

/* Loads the time zone; after this daytime opens no file. */
void daytime_open(void);

/* Makes the pipe that bytes go through. Returns 0, or -1 with errno. */
int echo_open(void);

/* Makes the characters. */
void chargen_open(void);

/* Adds the lines of a text to the list in the making, which with `anew` has none yet; "" puts that
 * list in the place of the one in use. Returns 0, or -1 without memory. */
int tcpmux_names(const char *text, bool anew);

#endif
