/* fuzz_record: any bytes as a line of the daemon's answer. What is taken apart is written again by
 * the daemon's own functions and taken apart to the same; any bytes as the text of a field come
 * back as they were shown, and as JSON without a byte that JSON forbids. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *copy_of(const void *data, size_t size)
{
	char *copy = malloc(size + 1);

	assert(copy);
	memcpy(copy, data, size);
	copy[size] = 0;
	return copy;
}

static void look_at_json(const struct record *record)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert(out);
	record_json(record, out);
	assert(fclose(out) == 0 && len > 2 && text[0] == '{' && text[len - 1] == '}');
	for (size_t i = 0; i < len; i++)
		assert((unsigned char)text[i] >= 0x20 && text[i] != '<');
	free(text);
}

/* The record as a line again. */
static char *write_again(const struct record *record)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert(out);
	record_begin(out, record->type);
	for (size_t i = 0; i < record->count; i++)
		if (record->fields[i].number)
			record_numbers(out, record->fields[i].name, record->fields[i].text);
		else
			record_text(out, record->fields[i].name, record->fields[i].text);
	record_end(out);
	assert(fclose(out) == 0);
	return text;
}

static void look_at_line(const uint8_t *data, size_t size)
{
	static struct record first, again;
	char *line = copy_of(data, size), *other;

	if (record_parse(line, &first)) {
		other = write_again(&first);
		assert(record_parse(other, &again));
		assert(again.count == first.count && !strcmp(again.type, first.type));
		for (size_t i = 0; i < first.count; i++) {
			char *shown = copy_of(first.fields[i].text, strlen(first.fields[i].text));

			assert(first.fields[i].number == again.fields[i].number);
			assert(first.fields[i].number ||
				!strcmp(log_mask_lines(shown), again.fields[i].text));
			free(shown);
		}
		look_at_json(&again);
		free(other);
	}
	free(line);
}

static void look_at_text(const uint8_t *data, size_t size)
{
	static struct record record;
	char *text = copy_of(data, size), *line;

	record = (struct record){.type = "t", .fields = {{"name", text, false}}, .count = 1};
	line = write_again(&record);
	assert(record_parse(line, &record) && record.count == 1);
	assert(!strcmp(record_get(&record, "name"), log_mask_lines(text)));
	free(line);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	look_at_line(data, size);
	look_at_text(data, size);
	return 0;
}
