/* message: what the supervisor and the worker send each other, over one SOCK_SEQPACKET pair that
 * the worker finds on descriptor WORKER_LINK_FD. One struct a message, host byte order (both come
 * from one build), at most one descriptor with it.
 *
 * Each STREAM, SAY and HEADER is answered by exactly one DONE, WANTS or CLIENT, also when it could
 * not be taken. No answer is lost: while the supervisor does not read, the worker keeps them and
 * takes no new messages. Notes may be lost.
 *
 * A worker may live on beside an inetd of the next release (inetctl upgrade): the numbers of verbs,
 * a message down that is a verb and a group, and DONE and the id of WANTS and CLIENT stay as they
 * are. */
#ifndef WORKER_MESSAGE_H
#define WORKER_MESSAGE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/builtin.h"
#include "base/network.h"
#include "base/sockaddr.h"
#include "base/week.h"

/* Start: inetd-worker VERSION [--uid N --gid N] [--no-seccomp]
 *   VERSION is WORKER_VERSION in decimal. With --uid (the caller is root) an empty chroot and these
 *   ids, without supplementary groups; without it the caller's ids. --no-seccomp leaves out the
 *   filter, for valgrind. Descriptor 2 stays for a last message; all but 2 and 3 are closed.
 * Exit: 0 when the link is closed by the supervisor, at once and whatever is open, or after FINISH;
 * 1 when it cannot start or go on (NOTE_FAILED was sent if that was possible); 2 wrong arguments,
 * wrong VERSION.
 */
#define WORKER_LINK_FD  3
#define WORKER_VERSION  7 /* of this layout */
#define WORKER_TEXT     1024
#define WORKER_NAME     256
#define WORKER_IDS      60
#define WORKER_NETWORKS 24 /* in one message; a list may take any number of them */
#define WORKER_SPANS    250

enum worker_verb {
	/* Down, from the supervisor to the worker. */

	WORKER_STREAM = 1, /* fd = an accepted connection, non-blocking, to serve with `builtin` */
	WORKER_SAY,    /* fd = an accepted connection: send `text`, which may be empty, shut down,
			  drain, close */
	WORKER_HEADER, /* fd = an accepted connection, in any mode: read the header of the PROXY
			  protocol (base/proxy.h) from it, within `limit_ms` */
	WORKER_ACCESS, /* a part of a list of socket `id`, which comes next as WORKER_DGRAM: these
			  messages go before it, in a row. What was sent for another id is void */
	WORKER_DGRAM,  /* fd = a bound datagram socket, non-blocking, with IP_PKTINFO or
			  IPV6_RECVPKTINFO on */
	WORKER_DROP,   /* give back datagram socket `id`, without an answer; or end the connection
			  `id`, answered by its DONE. An unknown id is nothing */
	WORKER_END,    /* close all sessions that came with `group`; each is answered by its DONE */
	WORKER_MUX,    /* names that tcpmux offers, one a line, in their order without regard to
			  case; with a `count` of 1 a list begins, and one that was begun is void.
			  An empty text ends it: it takes the place of the former, in one go */

	WORKER_PING, /* is answered by WORKER_PONG, or any other message on its way */

	/* Up, from the worker to the supervisor. */

	WORKER_DONE,   /* these ids are over: their connections are closed here. For a datagram
			  socket: it could not be taken (descriptors, memory) */
	WORKER_WANTS,  /* tcpmux connection `id` asked for service `text`, spelled as in WORKER_MUX.
			  Its request line has been read, to the byte; it is closed here without an
			  answer, the supervisor has kept its own descriptor */
	WORKER_CLIENT, /* the header of connection `id` was read, to the byte, or is none: `err` =
			  the enum proxy_result. For PROXY_WHOLE, `peer` and `local` = whom it
			  names, both of len 0 where the proxy speaks for itself, and has more to
			  say than its header. Else the connection is closed, as for DONE, which is
			  sent for one that ends without a byte, or with a header of the proxy's own
			*/
	WORKER_NOTE,   /* something for the log, as data: the supervisor words it. May still name a
			  datagram socket that was dropped */
	WORKER_PONG,   /* sent with verb and count only, as READY; may be lost like a note */
	WORKER_READY,  /* sent once: the sandbox is entered, messages are being read */

	/* Down again. */

	WORKER_FINISH, /* another worker is there: give back every datagram socket, and exit when
			  the last session is over and its DONE is sent */
};

/* Lists of WORKER_ACCESS. */
enum worker_list {
	LIST_ONLY_FROM, /* networks: networks_let_in() decides with the next one */
	LIST_NO_ACCESS, /* networks */
	LIST_EXEMPT,    /* networks that the reply rate does not hold for */
	LIST_TIMES,     /* spans; with any, there are no answers outside all of them */
	WORKER_LISTS
};

enum worker_note {
	NOTE_LOOP = 1, /* a datagram from `peer` was not answered: it could start a loop */
	NOTE_RATE,     /* answers to the network of `peer` are over the reply rate */
	NOTE_DENIED,   /* `peer` is not let in by LIST_ONLY_FROM and LIST_NO_ACCESS */
	NOTE_TIMES,    /* it came outside LIST_TIMES */
	NOTE_UNKNOWN,  /* the tcpmux connection `id` asked for a service that there is not; `text` =
			  the name, as far as it fits, masked */
	NOTE_FAILED,   /* `text` = the step that failed, `err` its errno; the worker then exits */
	NOTE_ROOT,     /* it has no empty root directory: the same; it goes on, with its filter */
};

/* To the worker. Send and receive worker_down_size() bytes. */
struct worker_down {
	uint32_t verb;
	uint32_t id; /* chosen by the supervisor, unique among what is open */
	union {
		uint32_t builtin; /* enum builtin, for STREAM and DGRAM */
		uint32_t list;    /* enum worker_list, for ACCESS */
	};
	uint32_t idle_ms;  /* STREAM: end after this long without progress; 0 = never */
	uint32_t limit_ms; /* STREAM, HEADER: end after this long in any case; 0 = never. SAY: the
			      same; 0 = as long as the worker has patience */
	union {
		uint32_t reply_rate; /* DGRAM: answers a second to a source network, an IPv4 /24
					or an IPv6 /48; 0 = no limit */
		uint32_t group; /* STREAM, HEADER: which service it belongs to; END: whose end */
	};
	uint32_t reply_burst; /* DGRAM: bucket size */
	uint32_t count;       /* ACCESS: how many networks or spans; MUX: 1 = the first of a list */
	union {
		char text[WORKER_TEXT]; /* SAY: what to send; MUX: the names; NUL-terminated */
		struct network networks[WORKER_NETWORKS]; /* ACCESS */
		struct week_span spans[WORKER_SPANS];
	};
};

/* How much of the message travels; 0 for an ACCESS whose count is more than it can hold. */
static inline size_t worker_down_size(const struct worker_down *msg)
{
	size_t head = offsetof(struct worker_down, text);

	if (msg->verb != WORKER_ACCESS)
		return head + strnlen(msg->text, sizeof(msg->text) - 1) + 1;
	if (msg->list == LIST_TIMES)
		return msg->count > WORKER_SPANS ? 0 : head + msg->count * sizeof(msg->spans[0]);
	return msg->count > WORKER_NETWORKS ? 0 : head + msg->count * sizeof(msg->networks[0]);
}

/* To the supervisor. DONE is sent with `count` ids only, READY with verb and count only, the others
 * as a whole struct. */
struct worker_up {
	uint32_t verb;
	uint32_t count; /* DONE: how many ids; NOTE: how often since the last one */
	union {
		uint32_t ids[WORKER_IDS]; /* DONE */
		struct {
			uint32_t id; /* WANTS, CLIENT; NOTE: the datagram socket */
			uint32_t note;
			int32_t err;
			struct sockaddr_len peer;
			union {
				char text[WORKER_NAME];
				struct sockaddr_len local; /* CLIENT */
			};
		};
	};
};

#endif
