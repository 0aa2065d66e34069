/* saved_bucket: token buckets and their rates, as fields of a record. */
#ifndef RUN_SAVED_BUCKET_H
#define RUN_SAVED_BUCKET_H

#include <stdio.h>

#include "base/bucket.h"
#include "base/record.h"

void saved_rate_put(FILE *out, const char *name, const struct rate *rate);
struct rate saved_rate_get(const struct record *record, const char *name);

void saved_bucket_put(FILE *out, const struct bucket *bucket);
void saved_bucket_get(const struct record *record, struct bucket *bucket);

#endif
