/* saved_conn: an accepted connection that nobody serves yet, as fields of a record. */
#ifndef RUN_SAVED_CONN_H
#define RUN_SAVED_CONN_H

#include <stdio.h>

#include "base/record.h"
#include "run/program/plan.h"

void saved_conn_put(FILE *out, const struct conn *conn);

/* conn->fd is the caller's; false where it is not there. */
bool saved_conn_get(const struct record *record, struct conn *conn);

#endif
