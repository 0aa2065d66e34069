/* record: see record.h. */
#include "base/record.h"

#include <stdlib.h>
#include <string.h>

#include "base/decimal.h"
#include "base/json.h"
#include "base/log.h"
#include "base/writer.h"

void record_begin(FILE *out, const char *type)
{
	fputs(type, out);
}

static void put_name(struct writer *writer, FILE *out, const char *name, char sign)
{
	writer_begin(writer, out);
	writer_char(writer, '\t');
	writer_text(writer, name);
	writer_char(writer, sign);
}

/* True if JSON has such a number: digits without a leading zero, and maybe a fraction. */
static bool is_one_number(const char *text, size_t len)
{
	size_t digits = strspn(text, "0123456789");

	if (!digits || (*text == '0' && digits > 1))
		return false;
	if (digits < len && text[digits] == '.')
		digits += 1 + strspn(text + digits + 1, "0123456789");
	return digits == len && text[len - 1] != '.';
}

bool record_is_number(const char *text)
{
	size_t len = strcspn(text, ",");

	while (is_one_number(text, len) && text[len]) {
		text += len + 1;
		len = strcspn(text, ",");
	}
	return is_one_number(text, len);
}

void record_text(FILE *out, const char *name, const char *text)
{
	struct writer writer;

	if (!text)
		return;
	put_name(&writer, out, name, '=');
	writer_masked(&writer, text, log_mask_lines, "\\\t\n");
	writer_end(&writer);
}

void record_numbers(FILE *out, const char *name, const char *numbers)
{
	struct writer writer;

	put_name(&writer, out, name, '#');
	writer_text(&writer, numbers);
	writer_end(&writer);
}

void record_number(FILE *out, const char *name, uint64_t number)
{
	char digits[DECIMAL_BYTES];

	record_numbers(out, name, decimal_text(number, digits));
}

void record_end(FILE *out)
{
	putc('\n', out);
}

/* Takes the escapes out, in place. */
static void unescape(char *text)
{
	char *to = text;

	for (; *text; text++) {
		if (*text == '\\' && text[1]) {
			text++;
			*to++ = *text == 't' ? '\t' : *text == 'n' ? '\n' : *text;
		} else {
			*to++ = *text;
		}
	}
	*to = 0;
}

static bool parse_field(char *field, struct record_field *out)
{
	size_t len = strcspn(field, "=#");

	if (!len || !field[len])
		return false;
	*out = (struct record_field){field, field + len + 1, field[len] == '#'};
	field[len] = 0;
	if (out->number)
		return record_is_number(out->text);
	unescape(field + len + 1);
	return true;
}

bool record_parse(char *line, struct record *out)
{
	char *rest = line, *field;

	*strchrnul(line, '\n') = 0;
	*out = (struct record){.type = strsep(&rest, "\t")};
	if (!*out->type)
		return false;
	while ((field = strsep(&rest, "\t"))) {
		if (out->count == RECORD_FIELDS || !parse_field(field, &out->fields[out->count]))
			return false;
		out->count++;
	}
	return true;
}

const char *record_get(const struct record *record, const char *name)
{
	for (size_t i = 0; i < record->count; i++)
		if (*record->fields[i].name == *name && !strcmp(record->fields[i].name, name))
			return record->fields[i].text;
	return NULL;
}

uint64_t record_get_number(const struct record *record, const char *name)
{
	const char *text = record_get(record, name);

	return text ? strtoull(text, NULL, 10) : 0;
}

void record_json(const struct record *record, FILE *out)
{
	struct json json;

	json_open(&json, out);
	json_text(&json, "record", record->type);
	for (size_t i = 0; i < record->count; i++) {
		const struct record_field *field = &record->fields[i];

		if (!field->number) {
			json_text(&json, field->name, field->text);
			continue;
		}
		json_name(&json, field->name);
		fprintf(out, strchr(field->text, ',') ? "[%s]" : "%s", field->text);
	}
	json_close(&json);
}
