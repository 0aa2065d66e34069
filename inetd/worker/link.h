/* link: the worker's end of the pair to the supervisor (message.h is what travels on it). Owns the
 * queue of answers that are still to be sent. */
#ifndef WORKER_LINK_H
#define WORKER_LINK_H

#include "worker/message.h"

/* Starts to watch descriptor `fd`. `take` is called for each message that came, text terminated;
 * it owns `given`, the descriptor (-1 if there was none or there was no room for it). `held`
 * returns how many ids may still end: their answers must find room. The loop is stopped when the
 * supervisor is gone. Returns 0, or -1 with errno. */
int link_open(int fd, void (*take)(const struct worker_down *msg, int given), size_t (*held)(void));

/* Frees the queue. */
void link_close(void);

/* Queues the end of `id`; sent after this batch of events, many in one message. */
void link_done(uint32_t id);

/* Queues another answer than this, WANTS or CLIENT. Returns 0, or -1 without memory for it: nothing
 * is queued then. */
int link_answer(const struct worker_up *up);

/* Stops the loop when nothing is held any more and every answer is sent. */
void link_finish(void);

/* Answers a ping, if there is room; what else is on its way is as good. */
void link_pong(void);

/* Sends a note at once. Returns 0, or -1 with errno: the link is full, try at a later occasion. */
int link_note(const struct worker_up *note);

#endif
