/* saved_list: several numbers in one field of a record, with commas between. */
#ifndef RUN_SAVED_LIST_H
#define RUN_SAVED_LIST_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/record.h"

void saved_list_put(FILE *out, const char *name, const uint64_t *list, size_t count);

/* Fills at most `most` of them; those that are missing stay as they are. */
void saved_list_get(const struct record *record, const char *name, uint64_t *list, size_t most);

#endif
