/* slice: long work, done in slices between the events of the loop: on a stack of its own, which is
 * left when a slice is over and gone on with when all events have had their turn. One work at a
 * time; others wait in a queue, so that what they change is still while another one looks at it.
 * Without a loop, and under valgrind, which knows one stack only, all is one slice. */
#ifndef BASE_SLICE_H
#define BASE_SLICE_H

#include <stdbool.h>
#include <sys/queue.h>

/* Embed it; both are called with it. Zeroed besides = not asked for. */
struct slice {
	void (*work)(struct slice *slice); /* on a stack of its own; may call slice_breathe() */
	void (*done)(struct slice *slice); /* afterwards, on the stack of the loop; NULL: nothing */
	bool asked;                        /* set from slice_start() until it begins */
	STAILQ_ENTRY(slice) in_queue;
};

/* Starts the work, if no other one goes on, or puts it in the queue. Short work is over when this
 * returns. Nothing if it is in the queue already. */
void slice_start(struct slice *slice);

/* In the work, often: ends the slice if it has lasted long enough. True if others have had a turn
 * since the last call. Outside of slices nothing happens. */
bool slice_breathe(void);

/* True in the work, where slice_breathe() and slice_sleep() leave the stack. */
bool slice_is_inside(void);

/* In the work: leaves its stack until slice_wake() or slice_finish(), for whatever comes first of
 * several things that it may wait for. Nothing outside of slices. */
void slice_sleep(void);

/* From the loop: the work goes on. Nothing if none sleeps. */
void slice_wake(void);

/* True if slice_breathe() would end the slice now. */
bool slice_is_due(void);

/* True when the work is to come to its end soon: slice_finish(). */
bool slice_is_hurried(void);

/* Does to the end what goes on, and drops what waits. Before the loop or what the work is about is
 * taken apart. */
void slice_finish(void);

#endif
