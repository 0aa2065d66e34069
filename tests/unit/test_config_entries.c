/* test_config_entries: what several lines of one file are to each other: continuations, default
 * addresses, duplicates, families, names. */
#include "config_describe.h"

/* Who calls is root here, whoever runs the test. */
uid_t geteuid(void);
uid_t geteuid(void)
{
	return 0;
}

struct text_case {
	const char *text;
	const char *services[4]; /* those that are there, in order */
	unsigned errors;
};

static const struct text_case texts[] = {
	/* default address lines */
	{"127.0.0.1:\n80 stream tcp nowait root /bin/sh\n*:81 stream tcp4 nowait root /bin/sh\n"
	 "*:\n82 stream tcp4 nowait root /bin/sh\n",
		{"80 stream tcp nowait 127.0.0.1:80 0:0 /bin/sh </bin/sh>",
			"81 stream tcp4 nowait 0.0.0.0:81 0:0 /bin/sh </bin/sh>",
			"82 stream tcp4 nowait 0.0.0.0:82 0:0 /bin/sh </bin/sh>"},
		0},
	/* continuations */
	{"80 stream tcp4 nowait root /bin/sh a\n  b \\\n# comment\nc\n\t# comment\n\td\n",
		{"80 stream tcp4 nowait 0.0.0.0:80 0:0 /bin/sh <a> <b> <c> <d>"}, 0},
	{"80 stream tcp4 nowait root /bin/sh\n 81 stream tcp4 nowait root /bin/sh x\n  y\n",
		{"80 stream tcp4 nowait 0.0.0.0:80 0:0 /bin/sh </bin/sh>",
			"81 stream tcp4 nowait 0.0.0.0:81 0:0 /bin/sh <x> <y>"},
		0},
	{"80 stream tcp4 nowait root /bin/sh \\\n81 stream tcp4 nowait root /bin/sh\n",
		{"80 stream tcp4 nowait 0.0.0.0:80 0:0 /bin/sh <81> <stream> <tcp4> <nowait> "
		 "<root> </bin/sh>"},
		0},
	{"#80 stream tcp4 nowait root /bin/sh\n  -x\n81 stream tcp4 nowait root /bin/sh\n",
		{"81 stream tcp4 nowait 0.0.0.0:81 0:0 /bin/sh </bin/sh>"}, 0},
	{"80 stream tcp4 nowait root /bin/sh\n\n  -x\n",
		{"80 stream tcp4 nowait 0.0.0.0:80 0:0 /bin/sh </bin/sh>"}, 1},
	/* a mistake costs its entry alone */
	{"80 stream tcp4 nowait root /bin/sh 'a\n  b\n81 stream tcp4 nowait root /bin/sh\n",
		{"81 stream tcp4 nowait 0.0.0.0:81 0:0 /bin/sh </bin/sh>"}, 1},
	{"#<off># 80 stream tcp4 nowait root /bin/sh\n", {NULL}, 0},
	/* families: plain gives way, in any order */
	{"80 stream tcp nowait root /bin/sh\n80 stream tcp6 nowait root /bin/true\n",
		{"80/tcp stream tcp nowait 0.0.0.0:80 0:0 /bin/sh </bin/sh>",
			"80/tcp6 stream tcp6 nowait [::]:80 0:0 /bin/true </bin/true>"},
		0},
	{"80 stream tcp4 nowait root /bin/sh\n80 stream tcp nowait root /bin/true\n",
		{"80/tcp4 stream tcp4 nowait 0.0.0.0:80 0:0 /bin/sh </bin/sh>",
			"80/tcp stream tcp nowait [::]:80 0:0 /bin/true </bin/true>"},
		0},
	{"80 stream tcp nowait root /bin/sh\n80 stream tcp4 nowait root /bin/sh\n"
	 "80 stream tcp6 nowait root /bin/sh\n",
		{"80/tcp4 stream tcp4 nowait 0.0.0.0:80 0:0 /bin/sh </bin/sh>",
			"80/tcp6 stream tcp6 nowait [::]:80 0:0 /bin/sh </bin/sh>"},
		1},
	/* twice the same */
	{"80 stream tcp nowait root /bin/sh\nhttp stream tcp nowait root /bin/true\n",
		{"80 stream tcp nowait"
		 " 0.0.0.0:80 [::]:80"
		 " 0:0 /bin/sh </bin/sh>"},
		1},
	{"80 stream tcp46 nowait root /bin/sh\n80 stream tcp4 nowait root /bin/true\n",
		{"80 stream tcp46 nowait [::]:80+4 0:0 /bin/sh </bin/sh>"}, 1},
	{"80 stream tcp4 nowait root /bin/sh\n80 stream tcp46 nowait root /bin/true\n",
		{"80 stream tcp4 nowait 0.0.0.0:80 0:0 /bin/sh </bin/sh>"}, 1},
	{"/run/x stream unix nowait root /bin/sh\n/run/x dgram unix wait root /bin/true\n",
		{"/run/x stream unix nowait /run/x 0:0 /bin/sh </bin/sh> 666:-1:-1"}, 1},
	{"tcpmux/a stream tcp nowait root /bin/sh\ntcpmux/+A stream tcp nowait root /bin/true\n",
		{"tcpmux/a stream tcp nowait mux:a 0:0 /bin/sh </bin/sh>"}, 1},
	{"Host:80 stream tcp nowait root /bin/sh\nhost:80 stream tcp nowait root /bin/true\n",
		{"80 stream tcp nowait name:Host:80 0:0 /bin/sh </bin/sh>"}, 1},
	/* an entry in error takes nothing */
	{"80 stream tcp4 nowait nosuchuser /bin/sh\n80 stream tcp4 nowait root /bin/true\n",
		{"80 stream tcp4 nowait 0.0.0.0:80 0:0 /bin/true </bin/true>"}, 1},
	/* not the same */
	{"80 stream tcp4 nowait root /bin/sh\n80 dgram udp4 wait root /bin/true\n",
		{"80/tcp4 stream tcp4 nowait 0.0.0.0:80 0:0 /bin/sh </bin/sh>",
			"80/udp4 dgram udp4 wait 0.0.0.0:80 0:0 /bin/true </bin/true>"},
		0},
	{"127.0.0.1:80 stream tcp nowait root /bin/sh\n127.0.0.2:80 stream tcp nowait root "
	 "/bin/true\n",
		{"127.0.0.1:80 stream tcp nowait 127.0.0.1:80 0:0 /bin/sh </bin/sh>",
			"127.0.0.2:80 stream tcp nowait 127.0.0.2:80 0:0 /bin/true </bin/true>"},
		0},
	{"0 stream tcp4 nowait root /bin/sh\n0 stream tcp4 nowait root /bin/true\n",
		{"*:0 stream tcp4 nowait 0.0.0.0:0 0:0 /bin/sh </bin/sh>",
			"*:0#2 stream tcp4 nowait 0.0.0.0:0 0:0 /bin/true </bin/true>"},
		0},
	/* the last line needs no end */
	{"80 stream tcp4 nowait root /bin/sh",
		{"80 stream tcp4 nowait 0.0.0.0:80 0:0 /bin/sh </bin/sh>"}, 0},
};

static void test_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct config *config = unit_load(texts[i].text);
		size_t count = 0;

		while (count < 4 && texts[i].services[count])
			count++;
		if (config->service_count != count || config->diag.errors != texts[i].errors)
			fail_msg("%s\n%s", texts[i].text, unit_first(config));
		for (size_t k = 0; k < count; k++)
			assert_string_equal(describe(config->services[k]), texts[i].services[k]);
		config_unref(config);
	}
}

static const struct endpoint *endpoint_of(const struct config *config, size_t service, size_t at)
{
	return &config->services[service]->endpoints[at];
}

static void test_port_0_is_told_apart(void **state)
{
	struct config *config = unit_load("0 stream tcp4 nowait root /bin/sh\n"
					  "0 stream tcp nowait root /bin/sh\n"
					  "0 dgram udp4 wait root /bin/sh\n");

	(void)state;
	assert_int_equal(config->service_count, 3);
	for (size_t i = 0; i < 3; i++)
		for (size_t k = i + 1; k < 3; k++)
			assert_int_not_equal(endpoint_compare(endpoint_of(config, i, 0),
						     endpoint_of(config, k, 0)),
				0);
	config_unref(config);
}

/* An entry that goes, or is in error, does not give its port to another program. */
static void test_port_0_stays_with_its_program(void **state)
{
	struct config *before = unit_load("0 stream tcp4 nowait root /bin/cat\n"
					  "0 stream tcp4 nowait root /bin/sh sh -x\n"
					  "0 stream tcp4 nowait root /bin/sh\n");
	struct config *after = unit_load("0 strm tcp4 nowait root /bin/cat\n"
					 "0 stream tcp4 nowait root /bin/sh sh -y\n"
					 "0 stream tcp4 nowait root /bin/sh\n");

	(void)state;
	assert_int_equal(before->service_count, 3);
	assert_int_equal(after->service_count, 2);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(
			endpoint_compare(endpoint_of(before, i + 1, 0), endpoint_of(after, i, 0)),
			0);
	config_unref(before);
	config_unref(after);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_port_0_is_told_apart),
		cmocka_unit_test(test_port_0_stays_with_its_program),
	};

	return cmocka_run_group_tests_name("entries", tests, NULL, NULL);
}
