/* saved_list: see saved_list.h. */
#include "run/upgrade/saved_list.h"

#include <inttypes.h>
#include <stdlib.h>

void saved_list_put(FILE *out, const char *name, const uint64_t *list, size_t count)
{
	fprintf(out, "\t%s#", name);
	for (size_t i = 0; i < count; i++)
		fprintf(out, "%s%" PRIu64, i ? "," : "", list[i]);
}

void saved_list_put_small(FILE *out, const char *name, const uint16_t *list, size_t count)
{
	fprintf(out, "\t%s#", name);
	for (size_t i = 0; i < count; i++)
		fprintf(out, "%s%u", i ? "," : "", list[i]);
}

void saved_list_get(const struct record *record, const char *name, uint64_t *list, size_t most)
{
	const char *text = record_get(record, name);

	for (size_t i = 0; text && *text && i < most; i++) {
		char *end;

		list[i] = strtoull(text, &end, 10);
		text = *end == ',' ? end + 1 : end;
	}
}
