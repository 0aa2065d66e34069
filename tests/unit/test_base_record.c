/* Records: what is written is read again, whatever the texts hold; what is no record is refused;
 * JSON. */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/record.h"

static char *written(const char *text)
{
	char *buf = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&buf, &len);

	record_begin(out, "service");
	record_text(out, "name", text);
	record_text(out, "nothing", NULL);
	record_number(out, "running", UINT64_MAX);
	record_end(out);
	fclose(out);
	return buf;
}

static void test_round_trip(void **state)
{
	static const struct {
		const char *text, *read;
	} cases[] = {
		{"echo", "echo"},
		{"", ""},
		{"tab\there, line\nhere, back\\slash \\t",
			"tab\there, line\nhere, back\\slash \\t"},
		{"a=b#c", "a=b#c"},
		{"b\xc3\xbcro", "b\xc3\xbcro"},
		{"bad \xff\xc3 and \x1b[2J", "bad ?? and ?[2J"},
	};
	struct record record;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char *line = written(cases[i].text);

		assert_int_equal(strcspn(line, "\n"), strlen(line) - 1);
		assert_true(record_parse(line, &record));
		assert_string_equal(record.type, "service");
		assert_int_equal(record.count, 2);
		assert_string_equal(record_get(&record, "name"), cases[i].read);
		assert_false(record.fields[0].number);
		assert_true(record.fields[1].number);
		assert_true(record_get_number(&record, "running") == UINT64_MAX);
		assert_null(record_get(&record, "nothing"));
		free(line);
	}
}

static void test_no_record(void **state)
{
	static const char *const lines[] = {"", "\n", "\tname=x", "t\tname", "t\t=x", "t\tn#",
		"t\tn#1x", "t\tn#-1", "t\tn#01", "t\tn#1.", "t\tn#.5", "t\tn#1,", "t\tn#,1",
		"t\tn#1,,2", "t\t"};
	char line[RECORD_FIELDS * 8 + 16];
	struct record record;

	(void)state;
	strlcpy(line, "t\tname=x\tn#1", sizeof(line));
	assert_true(record_parse(line, &record));
	for (size_t i = 0; i < COUNT(lines); i++) {
		strlcpy(line, lines[i], sizeof(line));
		assert_false(record_parse(line, &record));
	}
	strlcpy(line, "t", sizeof(line));
	for (int i = 0; i < RECORD_FIELDS; i++)
		strlcat(line, "\tn#1", sizeof(line));
	assert_true(record_parse(line, &record));
	strlcpy(line, "t", sizeof(line));
	for (int i = 0; i <= RECORD_FIELDS; i++)
		strlcat(line, "\tn#1", sizeof(line));
	assert_false(record_parse(line, &record));
}

static void test_json(void **state)
{
	char line[] = "t\tname=a\"b\\\\c\\n</script>\tcount#7\ttime#0.25\thistory#0,12",
	     *buf = NULL, cut[8];
	struct record record;
	size_t len = 0;
	FILE *out = open_memstream(&buf, &len);

	(void)state;
	assert_true(record_parse(line, &record));
	record_json(&record, out);
	fclose(out);
	assert_string_equal(buf, "{\"record\": \"t\", \"name\": "
				 "\"a\\\"b\\\\c\\n\\u003c/script\\u003e\", \"count\": 7, "
				 "\"time\": 0.25, \"history\": [0,12]}");
	free(buf);
	assert_int_equal(json_escape("abc", cut, sizeof(cut)), 3);
	assert_int_equal(json_escape("abcdef\xc3\xbc", cut, sizeof(cut)), 6);
	assert_string_equal(cut, "abcdef");
	assert_int_equal(json_escape("abcdef\n", cut, sizeof(cut)), 6);
	assert_int_equal(json_escape("abcde\xc3\xbc", cut, sizeof(cut)), 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_no_record),
		cmocka_unit_test(test_json),
	};

	return cmocka_run_group_tests_name("record", tests, NULL, NULL);
}
