/* test_config_lexer: lines, words, quotes, comments. */
#include "unit.h"

#include <string.h>

#include "config/text/lexer.h"

struct split_case {
	const char *text;
	const char *words; /* in brackets */
	enum lex result;
};

static const struct split_case splits[] = {
	{"", "", LEX_OK},
	{" \t ", "", LEX_OK},
	{"a b\tc", "[a][b][c]", LEX_OK},
	{"  a  ", "[a]", LEX_OK},
	{"a #b c#", "[a][#b][c#]", LEX_OK},
	{"'a b' \"c d\"", "[a b][c d]", LEX_OK},
	{"x'a b'y", "[xa by]", LEX_OK},
	{"--o=\"a b\"c", "[--o=a bc]", LEX_OK},
	{"'' \"\" a", "[][][a]", LEX_OK},
	{"\"a \\\" \\\\ \\n\"", "[a \" \\ \\n]", LEX_OK},
	{"'a \\' b", "[a \\][b]", LEX_OK},
	{"'a \"b' \"c 'd\"", "[a \"b][c 'd]", LEX_OK},
	{"a\\b \\ c", "[a\\b][\\][c]", LEX_OK},
	{"a 'b", "[a]", LEX_QUOTE},
	{"a \"b", "[a]", LEX_QUOTE},
	{"a \"b\\\"", "[a]", LEX_QUOTE},
	{"\"", "", LEX_QUOTE},
	{"\xc3\xa4 \xff", "[\xc3\xa4][\xff]", LEX_OK},
};

static void test_split(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(splits); i++) {
		struct line line = {.text = splits[i].text, .len = strlen(splits[i].text)};
		struct words words = {0};
		char got[200] = "";
		struct arena arena;

		line.number = 7;
		arena_init(&arena);
		assert_int_equal(lexer_split(&line, &arena, &words), splits[i].result);
		for (size_t k = 0; k < words.count; k++) {
			strlcat(got, "[", sizeof(got));
			strlcat(got, words.word[k].text, sizeof(got));
			strlcat(got, "]", sizeof(got));
			assert_int_equal(words.word[k].line, 7);
		}
		assert_string_equal(got, splits[i].words);
		words_free(&words);
		arena_free(&arena);
	}
}

static void test_nul_is_refused(void **state)
{
	struct line line = {.text = "a b", .len = 3};
	struct words words = {0};
	struct arena arena;

	(void)state;
	arena_init(&arena);
	assert_int_equal(lexer_split(&line, &arena, &words), LEX_OK);
	line.text = "a\0b";
	assert_int_equal(lexer_split(&line, &arena, &words), LEX_NUL);
	words_free(&words);
	arena_free(&arena);
}

static void test_words_without_end(void **state)
{
	enum { WORDS = 100000 };
	char *text = malloc(2 * WORDS + 1);
	struct line line = {.text = text, .len = 2 * WORDS};
	struct words words = {0};
	struct arena arena;

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < WORDS; i++)
		memcpy(text + 2 * i, "x ", 2);
	arena_init(&arena);
	assert_int_equal(lexer_split(&line, &arena, &words), LEX_OK);
	assert_int_equal(words.count, WORDS);
	assert_string_equal(words.word[WORDS - 1].text, "x");
	words_free(&words);
	arena_free(&arena);
	free(text);
}

struct line_case {
	const char *text;
	const char *flags; /* of each line: e empty, b blank, c comment, i indented, \ goes on */
};

static const struct line_case lines[] = {
	{"", ""},
	{"a", "|"},
	{"a\n", "|"},
	{"a\n\n", "|eb|"},
	{"a\nb\nc", "|||"},
	{"a\r\n\r\nb\r\n", "|eb||"},
	{"\xef\xbb\xbf# x\n", "c|"},
	{" a\n\tb\n", "i|i|"},
	{" \t\n", "bi|"},
	{"#\n  # x\n a # x\n", "c|ci|i|"},
	{"a \\\nb\\\\\n \\\n", "\\|\\|i\\|"},
	{"# a \\\n", "c|"},
};

static void test_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		char got[100] = "";
		struct lexer lexer;
		struct line line;
		unsigned number = 0;

		lexer_init(&lexer, lines[i].text, strlen(lines[i].text));
		while (lexer_next(&lexer, &line)) {
			assert_int_equal(line.number, ++number);
			strlcat(got, line.empty ? "e" : "", sizeof(got));
			strlcat(got, line.blank ? "b" : "", sizeof(got));
			strlcat(got, line.comment ? "c" : "", sizeof(got));
			strlcat(got, line.indented ? "i" : "", sizeof(got));
			strlcat(got, line.goes_on ? "\\" : "", sizeof(got));
			strlcat(got, "|", sizeof(got));
		}
		assert_string_equal(got, lines[i].flags);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_split),
		cmocka_unit_test(test_nul_is_refused),
		cmocka_unit_test(test_words_without_end),
		cmocka_unit_test(test_lines),
	};

	return cmocka_run_group_tests_name("lexer", tests, NULL, NULL);
}
