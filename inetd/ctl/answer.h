/* answer: what the daemon says, record by record. */
#ifndef CTL_ANSWER_H
#define CTL_ANSWER_H

#include "base/record.h"
#include "ctl/ctl.h"

/* Asks, and calls `each` for every record of the answer, which is good until the next. Returns the
 * exit code; what is no record ends the reading with CTL_FAILED and a message. */
int answer_each(
	const struct ctl *ctl, void (*each)(const struct record *record, void *arg), void *arg);

/* With --json: the whole answer as an array of objects; each has its type as "type". */
int answer_json(const struct ctl *ctl, FILE *out);

#endif
