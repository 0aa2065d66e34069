/* json: see json.h. */
#include "page/json.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/record.h"

/* A record as an object, if it is of that type: 1, 0 if it is not, -1 with errno. It is taken apart
 * in a copy. */
static int put_record(FILE *out, const char *line, size_t len, const char *type, const char *before)
{
	static struct record record;
	size_t type_len = strlen(type);
	int result = 1;
	char *copy;

	if (len < type_len || strncmp(line, type, type_len) != 0 || line[type_len] != '\t')
		return 0;
	copy = strndup(line, len);
	if (!copy)
		return -1;
	if (record_parse(copy, &record)) {
		fputs(before, out);
		record_json(&record, out);
	} else {
		errno = EPROTO;
		result = -1;
	}
	free(copy);
	return result;
}

/* All records of a type, with commas between; of a type of which there is one, an object in any
 * case: the first, where several answers have it. */
static int put_type(FILE *out, char *const answers[], size_t count, const char *type, bool is_one)
{
	bool first = true;

	for (size_t i = 0; i < count; i++)
		for (const char *line = answers[i]; *line;) {
			size_t len = strcspn(line, "\n");
			int found = put_record(out, line, len, type, first ? "\n" : ",\n");

			if (found < 0)
				return -1;
			first = first && !found;
			if (!first && is_one)
				return 0;
			line += len + (line[len] != '\0');
		}
	if (first && is_one)
		fputs("{}", out);
	return 0;
}

int json_write(FILE *out, char *const answers[], size_t count, int64_t now)
{
	static const struct {
		const char *type, *before, *after;
	} parts[] = {{"daemon", "\"daemon\": ", ""}, {"machine", "\"machine\": ", ""},
		{"service", "\"services\": [", "]"}, {"endpoint", "\"endpoints\": [", "]"},
		{"event", "\"events\": [", "]"}};

	fprintf(out, "{\"time\": %" PRId64, now);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		fprintf(out, ",\n%s", parts[i].before);
		if (put_type(out, answers, count, parts[i].type, !*parts[i].after) < 0)
			return -1;
		fputs(parts[i].after, out);
	}
	fputs("}\n", out);
	return 0;
}
