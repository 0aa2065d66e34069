/* test_config_show_words: words of any bytes, and lists of any length, come back from what show
 * prints. */
#include "config_shown.h"

/* A word of a block, of bytes that mean something to one reader or another. */
static void put_random(FILE *out, uint64_t *random, const char *before)
{
	static const char bytes[] = "ab  \t;#'\"\\$=,/[]:@\n\r\001\033\177\xc3\xa9\xff";

	fprintf(out, "%s\"", before);
	for (unsigned left = unit_random(random) % 9; left; left--)
		fprintf(out, "\\x%02x",
			(unsigned char)bytes[unit_random(random) % (sizeof(bytes) - 1)]);
	fprintf(out, "\"");
}

/* Every text and list of words, of any bytes. */
static void test_random_words(void **state)
{
	static const char *const words[] = {", exec = /", ", args = ", " ", " ", ", wrapper = /",
		" ", ", env = A\"=\"", " B\"=\"", ", stderr = /"};
	struct conf_options options = unit_options();
	const unsigned rounds = unit_rounds(2000);
	uint64_t random = 1;

	(void)state;
	services_seen = 0;
	for (unsigned round = 0; round < rounds; round++) {
		size_t len = 0;
		char *source = NULL;
		FILE *out = open_memstream(&source, &len);

		assert_non_null(out);
		fprintf(out, "%s on protocol = unix, user = root", round % 3 ? "x" : "/x");
		put_random(out, &random, round % 2 ? ", port = /p" : ", port = @p");
		for (size_t i = 0; i < COUNT(words); i++)
			put_random(out, &random, words[i]);
		fprintf(out, ";\n");
		assert_int_equal(fclose(out), 0);
		check_text("x.conf", source, &options);
		free(source);
	}
	assert_int_equal(services_seen, rounds);
}

/* Long lists go on, and every list of every length comes back. */
static void test_long_lists(void **state)
{
	struct conf_options options = unit_options();
	struct config *config;
	size_t len = 0;
	char *source = NULL, *text;
	FILE *out = open_memstream(&source, &len);

	(void)state;
	assert_non_null(out);
	fprintf(out, "[long]\nport = 1\nuser = root\nserver = /bin/sh\nserver_args =");
	for (unsigned i = 0; i < 300; i++)
		fprintf(out, " 'word '';%u'", i);
	fprintf(out, " %0500d\nbanner = ", 0);
	for (unsigned i = 0; i < MESSAGE_MAX; i++)
		fprintf(out, "\\x01");
	for (unsigned i = 0; i < 200; i++)
		fprintf(out, "\n%s 10.0.%u.0/24", i ? "only_from +=" : "only_from =", i);
	fprintf(out, "\n");
	assert_int_equal(fclose(out), 0);
	check_with_options("x.ini", source);
	config = load_both("x.ini", source, NULL, &options);
	assert_string_equal(unit_first(config), "");
	assert_int_equal(config->service_count, 1);
	text = shown(config->services[0]);
	assert_non_null(strstr(text, "\nonly_from += "));
	assert_non_null(strstr(text, "\nserver_args += "));
	free(text);
	free(source);
	config_unref(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_words),
		cmocka_unit_test(test_long_lists),
	};

	return cmocka_run_group_tests_name("show words", tests, NULL, NULL);
}
