/* test_config_show_names: by which names show finds a service, how it writes what needs quotes, and
 * what it says where a section would not do. */
#include "config_unit.h"

#include "config/show/show.h"
#include "config/syntax/ini.h"

/* Freed by the caller. */
static char *shown(const struct service *service)
{
	size_t len = 0;
	char *text = NULL;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	show_service(service, out);
	assert_int_equal(fclose(out), 0);
	return text;
}

/* A line that is longer than the reader takes them: nothing of the service can be pasted. */
static void test_what_cannot_be_said(void **state)
{
	static const struct {
		const char *before, *behind;
	} entries[] = {
		{"90 stream tcp nowait root /bin/sh sh ", ""},
		{"90 on protocol = tcp, user = root, exec = /bin/sh, wrapper = /bin/env \"A=",
			"\";"},
		{"90 on protocol = tcp, user = root, exec = /bin/sh, env = \"A=", "\";"},
		{"90 stream tcp nowait root /", ""},
		{"tcpmux/x stream tcp nowait root /", ""},
	};
	static char entry[INI_LINE_MOST + 200], word[INI_LINE_MOST + 1];

	(void)state;
	for (size_t i = 0; i < 2 * COUNT(entries); i++) {
		bool fits = i % 2;
		struct config *config;
		char *text;

		memset(word, 'x', sizeof(word));
		word[fits ? INI_LINE_MOST - 200 : INI_LINE_MOST] = 0;
		snprintf(entry, sizeof(entry), "%s%s%s", entries[i / 2].before, word,
			entries[i / 2].behind);
		config = unit_load(entry);
		assert_int_equal(config->service_count, 1);
		text = shown(config->services[0]);
		assert_int_equal(strstr(text, "# an INI file cannot say this service: a line "
					      "would have 65") == text,
			!fits);
		for (const char *line = text; *line; line = strchr(line, '\n') + 1)
			assert_true(fits || *line == '#');
		assert_int_equal(strstr(text, "\nuser = root\n") != NULL, fits);
		assert_int_equal(strstr(text, "\n# user = root\n") != NULL, !fits);
		free(text);
		config_unref(config);
	}
}

/* Of entries that no head tells apart, each section says so. */
static void test_others(void **state)
{
	static const struct {
		const char *entries;
		bool others;
	} cases[] = {
		{"7 stream tcp nowait root internal echo", false},
		{"7 stream tcp nowait root internal echo\n7 dgram udp wait root internal echo",
			false},
		{"127.0.0.1:7 stream tcp nowait root internal echo\n"
		 "127.0.0.2:7 stream tcp nowait root internal echo",
			false},
		{"7 stream tcp4 nowait root internal echo\n7 stream tcp6 nowait root internal echo",
			false},
		{"@a stream unix nowait root /bin/sh\n@b dgram unix wait root /bin/sh", false},
		{"@a stream unix nowait root /bin/sh\n@a dgram unix wait root /bin/sh", true},
		{"0 stream tcp nowait root internal echo\n0 stream tcp nowait root internal echo",
			true},
		{"7 stream tcp nowait root internal echo\n7 off protocol = tcp, internal = echo;",
			true},
		{"7 stream tcp nowait root internal echo\n7 off protocol = udp, internal = echo;",
			false},
		{"7 stream tcp nowait root internal echo\n7 stream tcp nowait no-such-user /bin/sh",
			true},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct config *config = unit_load(cases[i].entries);

		assert_true(config->service_count > 0);
		for (size_t k = 0; k < config->service_count; k++) {
			char *text = shown(config->services[k]);

			if ((strstr(text, "]\n# other entries are called so too") != NULL) !=
				cases[i].others)
				fail_msg("%s\n%s", cases[i].entries, text);
			free(text);
		}
		config_unref(config);
	}
}

/* Quotes stand where they are needed only. */
static void test_quotes(void **state)
{
	static const struct {
		const char *entry, *line;
	} cases[] = {
		{"90 on protocol = tcp, user = root, exec = /bin/sh, args = sh \"a\\nb\" c;",
			"\nserver_args = $'a\\nb' c\nargv0 = sh\n"},
		{"90 on protocol = tcp, user = root, exec = /bin/sh, args = sh \"\\x1b'\\xff\";",
			"\nserver_args = $'\\x1b\\'\\xff'\n"},
		{"90 stream tcp nowait root /bin/sh sh 'a b' \xc3\xa9 '$x' '#'",
			"\nserver_args = \"a b\" \xc3\xa9 $x #\n"},
		{"90 stream tcp nowait root /bin/sh ''", "\nargv0 = $''\n"},
		{"90 stream tcp nowait root /bin/sh 'a b'", "\nargv0 = a b\n"},
		{"'@x #z' stream unix nowait root /bin/sh", "[$'@x \\x23z']\n"},
		{"'@x#z' stream unix nowait root /bin/sh", "[@x#z]\nlisten = @x#z\n"},
		{"'/tmp/a ;b' stream unix nowait root /bin/sh", "\nport = $'/tmp/a \\x3bb'\n"},
		{"'/tmp/a b' stream unix nowait root /bin/sh", "\nport = /tmp/a b\n"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct config *config = unit_load(cases[i].entry);
		char *text;

		assert_int_equal(config->service_count, 1);
		text = shown(config->services[0]);
		if (!strstr(text, cases[i].line))
			fail_msg("%s\n%s", cases[i].line, text);
		free(text);
		config_unref(config);
	}
}

static void test_names(void **state)
{
	static const struct {
		const char *entries, *name,
			*labels; /* of those that are called so, a blank behind */
	} cases[] = {
		{"7 stream tcp nowait root internal echo", "7", "7 "},
		{"7 stream tcp nowait root internal echo", "8", ""},
		{"7 stream tcp nowait root internal echo", "77", ""},
		{"7 stream tcp nowait root internal echo", "", ""},
		{"7 stream tcp nowait root internal echo", "7/tcp", "7 "},
		{"7 stream tcp6 nowait root internal echo", "7/tcp", "7 "},
		{"7 stream tcp6 nowait root internal echo", "7/tcp6", "7 "},
		{"7 stream tcp6 nowait root internal echo", "7/udp", ""},
		{"7 stream tcp nowait root internal echo", "*:7", "7 "},
		{"7 stream tcp nowait root internal echo\n7 dgram udp wait root internal echo", "7",
			"7/tcp 7/udp "},
		{"7 stream tcp nowait root internal echo\n7 dgram udp wait root internal echo",
			"7/udp", "7/udp "},
		{"127.0.0.1:7 stream tcp nowait root internal echo\n"
		 "127.0.0.2:7 stream tcp nowait root internal echo",
			"7", "127.0.0.1:7 127.0.0.2:7 "},
		{"127.0.0.1:7 stream tcp nowait root internal echo\n"
		 "127.0.0.2:7 stream tcp nowait root internal echo",
			"127.0.0.2:7", "127.0.0.2:7 "},
		{"@a:b stream unix nowait root /bin/sh", "@a:b", "@a:b "},
		{"/tmp/a stream unix nowait root /bin/sh", "/tmp/a", "/tmp/a "},
		{"/tmp/a stream unix nowait root /bin/sh", "a", ""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct config *config = unit_load(cases[i].entries);
		char labels[200] = "";

		for (size_t k = 0; k < config->service_count; k++)
			if (show_is_called(config->services[k], cases[i].name)) {
				strlcat(labels, config->services[k]->label, sizeof(labels));
				strlcat(labels, " ", sizeof(labels));
			}
		assert_string_equal(labels, cases[i].labels);
		config_unref(config);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_cannot_be_said),
		cmocka_unit_test(test_others),
		cmocka_unit_test(test_quotes),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests_name("show names", tests, NULL, NULL);
}
