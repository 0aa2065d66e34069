/* test_config_ini: how lines of INI files become values: long ones, those that add to a list. */
#include "config_texts.h"

#include "config/syntax/ini.h"

/* Who calls is root here, whoever runs the test. */
uid_t geteuid(void);
uid_t geteuid(void)
{
	return 0;
}

/* A section with one more line. */
static struct config *load_line(const char *line)
{
	static char text[INI_LINE_MOST + 1000];
	struct conf_options options = unit_options();

	snprintf(text, sizeof(text), "[x]\nport = 80\nserver = /bin/sh\nuser = root\n%s\n", line);
	return unit_load_as("x.ini", text, &options);
}

/* What a reader takes for the value, as inih documents it: no blanks around it, and a ';' behind a
 * blank begins a comment. */
static void reference(const char *written, char *value)
{
	size_t len = 0;

	while (written[len] && !(written[len] == ';' && len && strchr(" \t", written[len - 1])))
		len++;
	while (len && strchr(" \t", written[len - 1]))
		len--;
	while (len && strchr(" \t", *written)) {
		written++;
		len--;
	}
	memcpy(value, written, len);
	value[len] = 0;
}

/* Any length, and bytes that mean something to inih wherever a piece may end. */
static void test_values_of_any_length(void **state)
{
	static const char bytes[] = "ab  \t\t;#=:[]'\"\001";
	char written[700], value[700], line[720];

	(void)state;
	srand(1);
	for (unsigned round = 0; round < 4000; round++) {
		size_t len = 1 + (size_t)rand() % 650;
		struct config *config;

		for (size_t i = 0; i < len; i++)
			written[i] = rand() % 4 ? 'x' : bytes[(size_t)rand() % (sizeof(bytes) - 1)];
		written[len] = 0;
		reference(written, value);
		snprintf(line, sizeof(line), "banner =%s", written);
		config = load_line(line);
		if (!*value) {
			assert_int_equal(config->diag.errors, 1);
		} else {
			/* Quotes around all of it are warned of. */
			assert_int_equal(config->diag.errors, 0);
			assert_string_equal(
				config->services[0]->policy->messages.banner.text, value);
		}
		config_unref(config);
	}
}

/* Nothing but what inih throws away at the end of a line, or takes for a comment. */
static void test_long_runs(void **state)
{
	static const char runs[] = " \t;#";
	char line[600];

	(void)state;
	for (const char *run = runs; *run; run++) {
		struct config *config;

		memset(line, *run, sizeof(line));
		memcpy(line, "banner=ab", 9);
		memcpy(line + sizeof(line) - 2, "c", 2);
		config = load_line(line);
		assert_string_equal(unit_first(config), "");
		assert_string_equal(config->services[0]->policy->messages.banner.text, line + 7);
		config_unref(config);
	}
}

static void test_longest_line(void **state)
{
	static char line[INI_LINE_MOST + 2];
	struct config *config;

	(void)state;
	memset(line, 'x', INI_LINE_MOST);
	memcpy(line, "server_args = a ", 16);
	config = load_line(line);
	assert_string_equal(unit_first(config), "");
	assert_int_equal(strlen(config->services[0]->argv[2]), INI_LINE_MOST - 16);
	config_unref(config);
	line[INI_LINE_MOST] = 'x';
	config = load_line(line);
	assert_string_equal(
		unit_first(config), "x.ini:5: error: the line has 65537 bytes: 65536 at most");
	assert_int_equal(config->service_count, 0);
	config_unref(config);
}

/* A line behind a long one is not taken for more of it. */
static void test_line_behind_a_long_one(void **state)
{
	char line[600];
	struct config *config;

	(void)state;
	snprintf(line, sizeof(line), "banner = %0300d\n  # no comment\n  what\n", 1);
	config = load_line(line);
	assert_string_equal(unit_first(config),
		"x.ini:7: error: neither 'key = value' nor [section]: a line that begins with a "
		"blank does not continue a value; 'key += value' does");
	assert_int_equal(config->diag.errors, 1);
	config_unref(config);
	snprintf(line, sizeof(line), "%0300d = 5", 1);
	config = load_line(line);
	assert_int_equal(config->diag.errors, 1);
	config_unref(config);
	snprintf(line, sizeof(line), "= %0300d", 1);
	config = load_line(line);
	assert_int_equal(config->diag.errors, 1);
	config_unref(config);
}

static void test_long_header(void **state)
{
	struct conf_options options = unit_options();
	char text[600], name[300];
	struct config *config;

	(void)state;
	snprintf(name, sizeof(name), "%0290d", 1);
	snprintf(text, sizeof(text), "[%s/tcp4]\nport = 80\ninternal = echo\n", name);
	config = unit_load_as("x.ini", text, &options);
	assert_int_equal(config->diag.errors, 0);
	assert_string_equal(config->services[0]->name, name);
	config_unref(config);
}

/* --- lists that are continued --- */

struct add_case {
	const char *text;
	const char *networks; /* of only_from, one behind the other */
};

static const struct add_case adds[] = {
	{"[x]\nonly_from = 10.0.0.1", "10.0.0.1"},
	{"[x]\nonly_from = 10.0.0.1\nonly_from += 10.0.0.2\nonly_from+=10.0.0.3",
		"10.0.0.1 10.0.0.2 10.0.0.3"},
	{"[x]\nonly_from += 10.0.0.2", "10.0.0.2"},
	{"[x]\nonly_from += 10.0.0.2\n[defaults]\nonly_from = 10.0.0.1", "10.0.0.1 10.0.0.2"},
	{"[x]\nonly_from += 10.0.0.2\nonly_from += 10.0.0.3\n[defaults]\nonly_from += 10.0.0.1",
		"10.0.0.1 10.0.0.2 10.0.0.3"},
	{"[x]\nonly_from = 10.0.0.2\nonly_from += 10.0.0.3\n[defaults]\nonly_from = 10.0.0.1",
		"10.0.0.2 10.0.0.3"},
	{"[x]\nonly_from = 10.0.0.1\n[x]\nonly_from += 10.0.0.2", "10.0.0.1 10.0.0.2"},
	{"[x]\nonly_from = 10.0.0.1\n[x]\nonly_from = 10.0.0.2", "10.0.0.2"},
	{"[x]\nonly_from += 10.0.0.2\n[x]\nonly_from += 10.0.0.3\n[defaults]\nonly_from = 10.0.0.1",
		"10.0.0.1 10.0.0.2 10.0.0.3"},
	{"[x]\nonly_from += 10.0.0.2\n[x]\nonly_from = 10.0.0.3\n[defaults]\nonly_from = 10.0.0.1",
		"10.0.0.3"},
};

static void test_added_networks(void **state)
{
	struct conf_options options = unit_options();
	char text[400], list[200], one[NETWORK_TEXT];

	(void)state;
	for (size_t i = 0; i < COUNT(adds); i++) {
		struct config *config;
		const struct networks *got;

		snprintf(text, sizeof(text), "[x]\nport = 80\ninternal = echo\n%s\n", adds[i].text);
		config = unit_load_as("x.ini", text, &options);
		assert_string_equal(unit_first(config), "");
		got = &config->services[0]->policy->access.only_from;
		list[0] = 0;
		for (size_t k = 0; k < got->count; k++) {
			strlcat(list, k ? " " : "", sizeof(list));
			strlcat(list, network_text(&got->list[k], one, sizeof(one)), sizeof(list));
		}
		assert_string_equal(list, adds[i].networks);
		config_unref(config);
	}
}

/* Every kind of list. */
static void test_added_lists(void **state)
{
	struct config *config =
		load_line("access_times = Mon-Tue 08:00-18:00\naccess_times += Sat\n"
			  "env = 'A=b c'\nenv += D=\"e f\"\npassenv = A\npassenv += B,C\n"
			  "wrapper = /usr/bin/env\nwrapper += 'G=h i'\n"
			  "server_args = '-c x'\nserver_args += \"y z\"\n");
	const struct service *service;

	(void)state;
	assert_string_equal(unit_first(config), "");
	service = config->services[0];
	assert_int_equal(service->policy->access.times.count, 3);
	assert_string_equal(service->policy->context.env[1], "D=e f");
	assert_null(service->policy->context.env[2]);
	assert_string_equal(service->policy->context.passenv[2], "C");
	assert_string_equal(service->policy->wrapper[1], "G=h i");
	assert_string_equal(service->argv[1], "-c x");
	assert_string_equal(service->argv[2], "y z");
	assert_null(service->argv[3]);
	config_unref(config);
}

struct args_case {
	const char *line, *section, *args;
};

static const struct args_case args[] = {
	{"80 stream tcp4 nowait root /bin/sh sh -x\n", "server_args += 'a b'", " <sh> <-x> <a b>"},
	{"80 stream tcp4 nowait root /bin/sh\n", "server_args += 'a b'", " </bin/sh> <a b>"},
	{"80 stream tcp4 nowait root /bin/sh sh -x\n", "server_args = 'a b'", " <sh> <a b>"},
	{"80 stream tcp4 nowait root /bin/sh sh -x\n", "server = /bin/cat\nserver_args += b",
		" </bin/cat> <b>"},
	{"80 stream tcp4 nowait root /bin/sh sh -x\n", "argv0 = me", " <me> <-x>"},
};

static void test_added_arguments(void **state)
{
	char text[200];

	(void)state;
	for (size_t i = 0; i < COUNT(args); i++) {
		struct config *config;

		snprintf(text, sizeof(text), "[80]\n%s\n", args[i].section);
		config = unit_load_two(args[i].line, text);
		assert_string_equal(unit_first(config), "");
		assert_non_null(strstr(describe(config->services[0]), args[i].args));
		config_unref(config);
	}
}

static void test_adding_mistakes(void **state)
{
	static const char *const lines[] = {"instances += 5", "banner += x", "log += start",
		"only_from = 10.0.0.1\nonly_from += wh@t", "only_from += wh@t",
		"only_from += 10.0.0.1\nonly_from = 10.0.0.2", "+= 5", "only_frm += 10.0.0.1"};

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		struct config *config = load_line(lines[i]);

		assert_int_equal(config->diag.errors, 1);
		assert_int_equal(config->service_count, 0);
		config_unref(config);
	}
}

/* --- quotes with escapes --- */

static void test_quoted_words(void **state)
{
	static const struct {
		const char *args, *words;
	} cases[] = {
		{"$'a\\nb' c", "<a\nb><c>"},
		{"a$'\\t'\"b c\"$'d e'f", "<a\tb cd ef>"},
		{"$'' $'\\x41\\r\\\\' $'it\\'s'", "<><A\r\\><it's>"},
		{"$'a \\x3b b' $' #'", "<a ; b>< #>"},
		{"\"$'a\\n'\" '$' $x $", "<$'a\\n'><$><$x><$>"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char line[200], words[200] = "";
		struct config *config;

		snprintf(line, sizeof(line), "server_args = %s", cases[i].args);
		config = load_line(line);
		assert_string_equal(unit_first(config), "");
		for (char **word = config->services[0]->argv + 1; *word; word++) {
			strlcat(words, "<", sizeof(words));
			strlcat(words, *word, sizeof(words));
			strlcat(words, ">", sizeof(words));
		}
		assert_string_equal(words, cases[i].words);
		config_unref(config);
	}
}

/* Texts and heads are quoted whole. Classic lines know nothing of it. */
static void test_quoted_texts(void **state)
{
	struct config *config =
		load_line("argv0 = $'a\\n \\x3b'\nstderr = $'/tmp/a\\nb'\n"
			  "[$'@x \\x23z']\nserver = /$'x'\nuser = root\nargv0 = $''\n"
			  "[y]\nport = $'/tmp/ y '\nserver = $'/x y'\nuser = root\n");

	(void)state;
	assert_string_equal(unit_first(config), "x.ini:8: warning: server '/$'x'' cannot be run: "
						"No such file or directory");
	assert_int_equal(config->service_count, 3);
	assert_string_equal(config->services[0]->argv[0], "a\n ;");
	assert_string_equal(config->services[0]->policy->context.errors.path, "/tmp/a\nb");
	assert_string_equal(config->services[1]->name, "@x #z");
	assert_string_equal(config->services[1]->argv[0], "");
	assert_string_equal(config->services[2]->server, "/x y");
	assert_string_equal(
		sockaddr_kept_path(&config->services[2]->endpoints[0].addr), "/tmp/ y ");
	config_unref(config);
	config = unit_load("80 stream tcp nowait root /bin/sh sh $'a\\n'\n");
	assert_string_equal(config->services[0]->argv[1], "$a\\n");
	config_unref(config);
}

static void test_quoting_mistakes(void **state)
{
	static const struct {
		const char *line, *message;
	} cases[] = {
		{"server_args = $'a", "5: error: server_args: a quote is not closed"},
		{"server_args = $'a\\'", "5: error: server_args: a quote is not closed"},
		{"server_args = $'\\q'", "5: error: server_args: unknown escape"},
		{"server_args = $'\\x0g'", "5: error: server_args: unknown escape"},
		{"env = A=$'\\x00'", "5: error: env: unknown escape"},
		{"argv0 = $'a", "5: error: argv0: what begins with $' must end with"},
		{"argv0 = $'a'b", "5: error: argv0: what begins with $' must end with"},
		{"argv0 = $'\\u1234'", "5: error: argv0: unknown escape"},
		{"argv0 =", "5: error: argv0: is empty"},
		{"group = $''", "5: error: group: is empty"},
		{"stderr = $'log\\n'", "5: error: stderr: 'log"},
		{"[$'@x\\y']\nserver = /bin/sh",
			"5: error: the name of the section: unknown escape"},
		{"[$'@x]\nserver = /bin/sh", "5: error: the name of the section: what begins"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct config *config = load_line(cases[i].line);

		if (!strstr(unit_first(config), cases[i].message))
			fail_msg("%s: %s", cases[i].line, unit_first(config));
		assert_int_equal(config->diag.errors, 1);
		config_unref(config);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values_of_any_length),
		cmocka_unit_test(test_long_runs),
		cmocka_unit_test(test_longest_line),
		cmocka_unit_test(test_line_behind_a_long_one),
		cmocka_unit_test(test_long_header),
		cmocka_unit_test(test_added_networks),
		cmocka_unit_test(test_added_lists),
		cmocka_unit_test(test_added_arguments),
		cmocka_unit_test(test_adding_mistakes),
		cmocka_unit_test(test_quoted_words),
		cmocka_unit_test(test_quoted_texts),
		cmocka_unit_test(test_quoting_mistakes),
	};

	return cmocka_run_group_tests_name("ini", tests, NULL, NULL);
}
