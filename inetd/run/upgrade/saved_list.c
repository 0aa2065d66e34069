/* saved_list: see saved_list.h. */
#include "run/upgrade/saved_list.h"

#include <stdlib.h>

#include "base/writer.h"

/* The number of that index; before the first stands the name. */
static void put_number(struct writer *writer, const char *name, size_t i, uint64_t number)
{
	if (i)
		writer_char(writer, ',');
	else
		writer_format(writer, "\t%s#", name);
	writer_number(writer, number);
}

void saved_list_put(FILE *out, const char *name, const uint64_t *list, size_t count)
{
	struct writer writer;

	writer_begin(&writer, out);
	for (size_t i = 0; i < count; i++)
		put_number(&writer, name, i, list[i]);
	writer_end(&writer);
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
