/* answer: the daemon's answer to a request: as text, or record by record. */
#ifndef INETCTL_ANSWER_H
#define INETCTL_ANSWER_H

#include "base/record.h"
#include "inetctl/ctl.h"

/* Asks for ctl->verb and ctl->arg. Returns the exit code and the whole answer in *text, for the
 * caller to free(3); with CTL_FAILED that is NULL, and ctl->err has been told why. Nothing is
 * printed before the daemon has finished: it must not wait for a pager. */
int answer_text(const struct ctl *ctl, char **text, size_t *len);

/* Says on ctl->err that an answer cannot be understood; returns CTL_FAILED. */
int answer_foreign(const struct ctl *ctl);

/* What a caller does with a record, which is good until the next. */
typedef void answer_fn(const struct record *record, void *arg);

/* Asks, and calls `each` for every record of the answer. Returns the exit code; what is not a
 * record ends the reading with CTL_FAILED and a message. */
int answer_each(const struct ctl *ctl, answer_fn *each, void *arg);

/* For --json: an array of objects on standard output, one for each record, with its type first, as
 * "record". Zero the struct but for `out`, put records, end it. */
struct answer_json {
	FILE *out;
	bool begun;
};
void answer_json_put(struct answer_json *json, const struct record *record);
void answer_json_end(struct answer_json *json);

/* The whole answer that way. */
int answer_json(const struct ctl *ctl);

#endif
