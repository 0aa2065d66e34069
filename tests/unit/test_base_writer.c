/* Writers: the same text comes out whatever pieces it goes in, in few writes; a text that is shown
 * is masked whole, wherever it is divided. */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/writer.h"

static char *text;
static size_t text_len;
static unsigned writes;

static ssize_t count_write(void *cookie, const char *bytes, size_t len)
{
	writes++;
	return (ssize_t)fwrite(bytes, 1, len, cookie);
}

/* A stream without a buffer, which counts what it is given. */
static FILE *counted(FILE *into)
{
	FILE *out = fopencookie(into, "w", (cookie_io_functions_t){.write = count_write});

	setvbuf(out, NULL, _IONBF, 0);
	return out;
}

static void test_pieces(void **state)
{
	FILE *into = open_memstream(&text, &text_len), *out = counted(into);
	char large[2000], *expected = NULL;
	size_t expected_len = 0;
	FILE *other = open_memstream(&expected, &expected_len);
	struct writer writer;

	(void)state;
	memset(large, 'x', sizeof(large) - 1);
	large[sizeof(large) - 1] = 0;
	writes = 0;
	writer_begin(&writer, out);
	for (unsigned i = 0; i < 200; i++) {
		writer_text(&writer, "one ");
		writer_char(&writer, '\n');
		writer_number(&writer, i);
		writer_format(&writer, "%s-%u", "two", i);
		fprintf(other, "one \n%utwo-%u", i, i);
	}
	assert_in_range(writes, 4, 10);
	writer_text(&writer, large);
	writer_format(&writer, "%s.", large);
	fprintf(other, "%s%s.", large, large);
	writer_end(&writer);
	writer_end(&writer);
	fclose(out);
	fclose(into);
	fclose(other);
	assert_string_equal(text, expected);
	free(text);
	free(expected);
}

static void test_masked(void **state)
{
	char said[600], expected[1200], run[300] = "";

	(void)state;
	for (size_t before = 0; before < sizeof(run) - 1; before++) {
		FILE *out = open_memstream(&text, &text_len);
		struct writer writer;

		snprintf(said, sizeof(said),
			"%s\xf0\x9f\x98\x80 b\xc3\xbc\x90\x9e\x9b\x8cro \xff\x1b \"q\" \\ \t\n.",
			run);
		snprintf(expected, sizeof(expected),
			"%s\xf0\x9f\x98\x80 b\xc3\xbc????ro ?? \"q\" \\\\ \\t\\n.|"
			"%s\xf0\x9f\x98\x80 b\xc3\xbc????ro ?? \\\"q\\\" \\\\ ??.",
			run, run);
		writer_begin(&writer, out);
		writer_masked(&writer, said, log_mask_lines, "\\\t\n");
		writer_char(&writer, '|');
		writer_masked(&writer, said, log_mask, "\"\\");
		writer_end(&writer);
		fclose(out);
		assert_string_equal(text, expected);
		free(text);
		run[before] = 'a';
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_masked),
	};

	return cmocka_run_group_tests_name("writer", tests, NULL, NULL);
}
