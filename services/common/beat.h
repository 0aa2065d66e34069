/* beat: what heartbeat does with what it hears, apart from reading and writing: bytes come into one
 * buffer and answers go out of another, frame by frame (frame.h), and a peer who is silent is
 * probed and in the end given up. Of a fixed size: when answers have no room, nothing more is taken
 * in. Reads no clock: its caller passes the time. */
#ifndef SERVICES_COMMON_BEAT_H
#define SERVICES_COMMON_BEAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/frame.h"

#define BEAT_PROBES 3 /* without an answer, until the peer is given up */
#define BEAT_ROOM   (FRAME_HEAD + FRAME_MOST)

/* To begin with: the interval, beat_restart(), and zeros. */
struct beat {
	unsigned char in[BEAT_ROOM], out[2 * BEAT_ROOM];
	size_t in_len, out_len; /* bytes that wait in them */
	int interval_ms;        /* of silence until a probe, and between probes */
	uint64_t due_ms;        /* when the next one is sent */
	unsigned probes;        /* without an answer, so far */
	bool heard_all;         /* the peer has shut down its writing side */
	bool ending;            /* what is in `out` is the last */
};

/* From now on the peer may be silent for an interval. */
void beat_restart(struct beat *beat, uint64_t now_ms);

/* True if there is room for more input and something to gain by it. */
bool beat_wants_input(const struct beat *beat);

/* `len` bytes have been appended to those in `in`; 0: the peer has sent everything. Handles every
 * whole frame for whose answer there is room. */
void beat_received(struct beat *beat, size_t len, uint64_t now_ms);

/* The first `len` bytes of `out` have gone: handles what has waited for their room. */
void beat_sent(struct beat *beat, size_t len, uint64_t now_ms);

/* The time is over: due_ms. Queues a probe; returns false when there is nothing more to wait for.
 */
bool beat_probe(struct beat *beat, uint64_t now_ms);

#endif
