/* client: one client of the control socket: its request, and the answer that it is sent. Private
 * to control.c. */
#ifndef CONTROL_CLIENT_H
#define CONTROL_CLIENT_H

#include <stdbool.h>
#include <sys/queue.h>

#include "admit/share.h"
#include "base/loop.h"
#include "control/control.h"
#include "protocol/request.h"

TAILQ_HEAD(client_list, client);

struct client {
	struct watch watch;      /* .fd owned */
	struct timer limit;      /* its time is over */
	uint64_t since_ms;       /* when it came */
	uid_t uid;               /* as whom */
	bool guest;              /* may not change anything, or not even ask */
	bool given_up;           /* while it was answered */
	struct share_hold place; /* of a guest */
	struct share_hold turn;  /* of a guest whose answer is in memory */
	struct client_list *in;  /* where it is linked */
	TAILQ_ENTRY(client) in_list;
	bool takes_rights; /* its peer can send descriptors (run/process/closer.h) */
	bool asked;        /* the request is complete, or is not one */
	enum request_state state;
	struct request parsed; /* with REQUEST_WHOLE; points into request */
	char request[REQUEST_BYTES];
	size_t request_len;
	bool later;   /* the verb has been run, and its answer is still to come */
	char *answer; /* owned; NULL before client_compose() */
	size_t answer_len, sent;
	uint64_t end_ms; /* by when all of it must have been taken */
};

/* What answers each verb (borrowed), and the group whose members may use those that change nothing.
 */
void client_verbs(control_fn *const verbs[VERBS]);
void client_group(gid_t group);

/* Takes a connection (consumed) and watches it; `late` fires when its time is over. It is in no
 * list. NULL without memory. */
struct client *client_new(int fd, void (*ready)(struct watch *watch, uint32_t events),
	void (*late)(struct timer *timer));
void client_free(struct client *client);

/* Reads what has come. False when there is nobody to answer. */
bool client_read(struct client *client);

/* What has been read of its request, all at once. */
void client_resume(struct client *client, const void *request, size_t len);

/* Runs what was asked for; the answer is in it then, or NULL without memory for it. */
void client_compose(struct client *client);

/* Sends what can be sent of it at once. Its time begins anew. False when the client is done with.
 */
bool client_answer(struct client *client);

/* The same for one whose answer was to come later: this is it. */
bool client_answer_text(struct client *client, int status, const char *text);

/* control_trusts(). */
bool client_trusted(void);

/* Sends more. False when the client is to be freed. */
bool client_send(struct client *client);

#endif
