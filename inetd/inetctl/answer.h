/* answer: what the daemon says, record by record. */
#ifndef CTL_ANSWER_H
#define CTL_ANSWER_H

#include "base/record.h"
#include "inetctl/ctl.h"

/* What a caller does with a record, which is good until the next. */
typedef void answer_fn(const struct record *record, void *arg);

/* Asks, and calls `each` for every record of the answer. Returns the exit code; what is no record
 * ends the reading with CTL_FAILED and a message. */
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
