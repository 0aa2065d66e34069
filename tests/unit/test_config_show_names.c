/* test_config_show_names: by which names show finds a service, and what it says of values that an
 * INI file has no way to say. */
#include "config_unit.h"

#include "config/show.h"

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

static void test_what_cannot_be_said(void **state)
{
	static const struct {
		const char *entry, *comment;
	} cases[] = {
		{"90 on protocol = tcp, user = root, exec = /bin/sh, args = sh \"a\\nb\";",
			"# server_args: a word holds a line feed"},
		{"90 stream tcp nowait root /bin/sh ''", "# argv0: an INI file cannot say it"},
		{"'/tmp/a ;b' stream unix nowait root /bin/sh",
			"# port: an INI file cannot say it"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct config *config = unit_load(cases[i].entry);
		char *text;

		assert_int_equal(config->service_count, 1);
		text = shown(config->services[0]);
		assert_non_null(strstr(text, cases[i].comment));
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
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests_name("show names", tests, NULL, NULL);
}
