/* test_config_keeps: which services of an earlier configuration stay in spite of mistakes. */
#include "config_texts.h"

/* Who calls is root here, whoever runs the test. */
uid_t geteuid(void);
uid_t geteuid(void)
{
	return 0;
}

/* A mistake in a section takes its line's entry along, and only that. */
static void test_section_spoils_its_line_alone(void **state)
{
	static const char conf[] = "80 stream tcp4 nowait root /bin/sh\n"
				   "81 stream tcp4 nowait root /bin/sh\n";
	struct config *before, *after;

	(void)state;
	before = unit_load_two(conf, "[80]\ninstances = 3\n");
	assert_int_equal(before->service_count, 2);
	after = unit_load_two(conf, "[80]\ninstances = many\n");
	assert_int_equal(after->service_count, 1);
	assert_int_equal(after->diag.errors, 1);
	assert_true(config_keeps(after, before->services[0]));
	config_unref(after);

	/* The file of the lines has no mistake: what is taken out of it goes. */
	after = unit_load_two("80 stream tcp4 nowait root /bin/sh\n", "[80]\ninstances = many\n");
	assert_true(config_keeps(after, before->services[0]));
	assert_false(config_keeps(after, before->services[1]));
	config_unref(after);
	config_unref(before);

	/* With an address, which is a part of what an entry is told by. */
	before = unit_load_two("127.0.0.1:80 stream tcp4 nowait root /bin/sh\n"
			       "127.0.0.2:80 stream tcp4 nowait root /bin/sh\n",
		"");
	after = unit_load_two("127.0.0.1:80 stream tcp4 nowait root /bin/sh\n",
		"[127.0.0.1:80]\ninstances = many\n");
	assert_true(config_keeps(after, before->services[0]));
	assert_false(config_keeps(after, before->services[1]));
	config_unref(after);
	config_unref(before);
}

/* What was wrong already when a service was loaded does not keep it. */
static void test_old_mistakes_keep_nothing(void **state)
{
	static const struct {
		const char *before, *after;
		bool keeps;
	} cases[] = {
		{"rubbish\n", "rubbish\n", false},
		{"rubbish\n", "# comment\nrubbish\n", false},
		{"", "rubbish\n", true},
		{"rubbish\n", "rubbish\nrubbish\n", true},
		{"rubbish\n", "rubbish more\n", true},
		{"rubbish\nrubbish more\n", "rubbish more\n", false},
		{"rubbish\n", "", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char text[200];
		struct config *before, *after;

		snprintf(text, sizeof(text), "echo on protocol = tcp;\n%s", cases[i].before);
		before = unit_load(text);
		assert_int_equal(before->service_count, 1);
		after = unit_load(cases[i].after);
		if (config_keeps(after, before->services[0]) != cases[i].keeps)
			fail_msg("row %zu", i);
		assert_int_equal(config_is_worse(after, before), cases[i].keeps);
		config_unref(before);
		config_unref(after);
	}
}

static void test_off_applies_in_spite_of_mistakes(void **state)
{
	struct config *before = unit_load("echo on protocol = tcp;\ntime on protocol = tcp;\n");
	struct config *after;

	(void)state;
	assert_int_equal(before->service_count, 2);
	after = unit_load("echo off protocol = tcp;\nrubbish\n");
	assert_int_equal(after->service_count, 0);
	assert_false(config_keeps(after, before->services[0]));
	assert_true(config_keeps(after, before->services[1]));
	config_unref(after);
	after = unit_load("echo off protocol = tcp, user = nosuchuser;\ntime on protocol = tcp;\n");
	assert_int_equal(after->diag.errors, 1);
	assert_false(config_keeps(after, before->services[0]));
	config_unref(after);
	config_unref(before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_section_spoils_its_line_alone),
		cmocka_unit_test(test_old_mistakes_keep_nothing),
		cmocka_unit_test(test_off_applies_in_spite_of_mistakes),
	};

	return cmocka_run_group_tests_name("keeps", tests, NULL, NULL);
}
