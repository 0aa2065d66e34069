/* test_config_section: NetBSD's blocks and the sections of INI files. */
#include "base/log.h"
#include "config_texts.h"

/* Who calls is root here, whoever runs the test. */
uid_t geteuid(void);
uid_t geteuid(void)
{
	return 0;
}

static const struct text_case blocks[] = {
	{"ftp on socktype = stream, protocol = tcp6, wait = no, user = root, exec = /bin/sh,\n"
	 "\targs = ftpd -l \"a\\x20\\\"b\\\"\" 'c;d';\n",
		{"ftp stream tcp6 nowait [::]:21 0:0 /bin/sh <ftpd> <-l> <a \"b\"> <c;d>"}, 0},
	{"[::1]:80 on # 'comment\n # another;\nprotocol=tcp,user=daemon,group=root,exec=/bin/sh,"
	 "sndbuf = 64k, recvbuf=1m, acceptfilter=httpready;\n",
		{"80 stream tcp nowait [::1]:80 1:0 /bin/sh </bin/sh> sndbuf=65536 rcvbuf=1048576 "
		 "defer"},
		0},
	/* 0 allows none, as on NetBSD */
	{"80 on bind = 127.0.0.1, protocol = tcp, service_max = 0, ip_max = 0, accept_max = 0,\n"
	 "user = root, exec = /bin/sh;",
		{"80 stream tcp nowait 127.0.0.1:80 0:0 /bin/sh </bin/sh> instances=0 "
		 "rate=0/60000ms "
		 "source_rate=0/60000ms"},
		0},
	{"80 on protocol = tcp4, service_max = 5, ip_max = 6, accept_max = 7,\n"
	 "user = root, exec = /bin/sh;",
		{"80 stream tcp4 nowait 0.0.0.0:80 0:0 /bin/sh </bin/sh> instances=7 "
		 "rate=5/60000ms "
		 "source_rate=6/60000ms"},
		0},
	/* built-ins, with and without saying so */
	{"echo on protocol = udp4, wait = yes, user = root, exec = internal;\n"
	 "time on protocol = tcp4;",
		{"echo dgram udp4 wait 0.0.0.0:7 0:0 echo",
			"time stream tcp4 nowait 0.0.0.0:37 0:0 time"},
		0},
	{"/run/x on exec = /bin/sh, user = root;\n",
		{"/run/x stream unix nowait /run/x 0:0 /bin/sh </bin/sh> 666:-1:-1"}, 0},
	/* several on a line, and a positional one behind */
	{"time off protocol = tcp4; echo on protocol = tcp4; 80 stream tcp4 nowait root /bin/sh\n",
		{"echo stream tcp4 nowait 0.0.0.0:7 0:0 echo",
			"80 stream tcp4 nowait 0.0.0.0:80 0:0 /bin/sh </bin/sh>"},
		0},
	/* default address lines hold here too */
	{"127.0.0.1:\ntime on protocol = tcp;", {"time stream tcp nowait 127.0.0.1:37 0:0 time"},
		0},
	/* a mistake costs its block alone */
	{"time on protocol = tcp4, colour = red;\necho on protocol = tcp4;",
		{"echo stream tcp4 nowait 0.0.0.0:7 0:0 echo"}, 1},
	{"time on protocol = tcp4, protocol = tcp4;\necho on protocol = tcp4;",
		{"echo stream tcp4 nowait 0.0.0.0:7 0:0 echo"}, 1},
	{"time on protocol = tcp4 wait = no;\necho on protocol = tcp4;",
		{"echo stream tcp4 nowait 0.0.0.0:7 0:0 echo"}, 1},
	{"time on args = 'a\n, protocol = tcp4;\necho on protocol = tcp4;",
		{"echo stream tcp4 nowait 0.0.0.0:7 0:0 echo"}, 1},
	{"time on args = 'a\\q;' , protocol = tcp4;\necho on protocol = tcp4;",
		{"echo stream tcp4 nowait 0.0.0.0:7 0:0 echo"}, 1},
	{"time on = tcp4;\necho on protocol = tcp4;",
		{"echo stream tcp4 nowait 0.0.0.0:7 0:0 echo"}, 1},
	{"time on protocol = tcp4\necho on protocol = tcp4;",
		{"echo stream tcp4 nowait 0.0.0.0:7 0:0 echo"}, 1},
	{"time on protocol = tcp4\n80 stream tcp4 nowait root /bin/sh\n",
		{"80 stream tcp4 nowait 0.0.0.0:80 0:0 /bin/sh </bin/sh>"}, 1},
	{"time on protocol = tcp4", {NULL}, 1},
	{"time on", {NULL}, 1},
	{"80 on exec = /bin/sh;", {NULL}, 1},
};

static const struct text_case sections[] = {
	{"; comment\n# comment\n[hello]\nport = 9000\nserver = /bin/sh\n"
	 "server_args = a \"b c\"\nuser = root\n  rate = 10/s\n",
		{"hello stream tcp nowait 0.0.0.0:9000 [::]:9000 0:0 /bin/sh </bin/sh> <a> <b c> "
		 "rate=10/1000ms"},
		0},
	{"[echo/udp4]\ninternal = echo\n[127.0.0.1:9001/tcp]\ninternal = time\n",
		{"echo dgram udp4 wait 0.0.0.0:7 0:0 echo",
			"9001 stream tcp nowait 127.0.0.1:9001 0:0 time"},
		0},
	{"[[::1]:9001] ; comment\ninternal = time\n",
		{"9001 stream tcp nowait [::1]:9001 0:0 time"}, 0},
	{"[/run/x]\nserver = /bin/sh\nuser = root\nsocket_mode = 600\nsocket_user = daemon\n",
		{"/run/x stream unix nowait /run/x 0:0 /bin/sh </bin/sh> 600:1:-1"}, 0},
	{"[tcpmux/now]\nserver = /bin/date\nuser = root\n",
		{"tcpmux/now stream tcp nowait mux:now 0:0 /bin/date </bin/date>"}, 0},
	/* defaults fill in, wherever they stand, and only where they fit */
	{"[9000/tcp4]\nserver = /bin/sh\n[/run/x]\nserver = /bin/sh\nuser = root\n"
	 "[defaults]\nuser = daemon\ninstances = 9\nsocket_mode = 600\nbind = 127.0.0.1\n",
		{"9000 stream tcp4 nowait 127.0.0.1:9000 1:1 /bin/sh </bin/sh> instances=9",
			"/run/x stream unix nowait /run/x 0:0 /bin/sh </bin/sh> instances=9 "
			"600:-1:-1"},
		0},
	/* a second section extends the first */
	{"[9000/tcp4]\nserver = /bin/sh\nuser = root\n[9000]\ninstances = 3\n",
		{"9000 stream tcp4 nowait 0.0.0.0:9000 0:0 /bin/sh </bin/sh> instances=3"}, 0},
	{"[9000/tcp4]\nserver = /bin/sh\nuser = root\n[9000/udp]\ninternal = echo\n",
		{"9000/tcp4 stream tcp4 nowait 0.0.0.0:9000 0:0 /bin/sh </bin/sh>",
			"9000/udp dgram udp wait 0.0.0.0:9000 [::]:9000 0:0 echo"},
		0},
	{"[9000]\ninternal = echo\ndisable = yes\n", {NULL}, 0},
	/* mistakes */
	{"[9000]\ninternal = echo\ncolour = red\n[9001/tcp4]\ninternal = echo\n",
		{"9001 stream tcp4 nowait 0.0.0.0:9001 0:0 echo"}, 1},
	{"[9000]\ninternal = echo\nuser = root\nuser = root\n", {NULL}, 1},
	{"[9000\ninternal = echo\ncolour = red\n[9001/tcp4]\ninternal = echo\n",
		{"9001 stream tcp4 nowait 0.0.0.0:9001 0:0 echo"}, 1},
	{"[9000]\ninternal = echo\nwhat is this\n", {NULL}, 1},
	{"internal = echo\n", {NULL}, 1},
	{"[9000]\nserver = /bin/sh\n", {NULL}, 1},
	{"[9000]\nuser = root\n", {NULL}, 1},
	{"[9000]\nuser = root\nserver = /bin/sh\ninternal = echo\n", {NULL}, 1},
	{"[9000]\nuser = root\nserver = /bin/sh\nserver_args = 'a\n", {NULL}, 1},
	{"[]\ninternal = echo\n", {NULL}, 1},
	{"[defaults]\nserver = /bin/sh\n", {NULL}, 1},
	{"[defaults]\nstop_children = yes\n", {NULL}, 1},
	{"[inetd]\nstop_children = yes\n", {NULL}, 0},
	{"[inetd]\ncontrol_group = root\nlog_format = json\n", {NULL}, 0},
	{"[inetd]\ncontrol_group = no such group\n", {NULL}, 1},
	{"[inetd]\nlog_format = yaml\n", {NULL}, 1},
	{"[defaults]\nlog_format = json\n", {NULL}, 1},
	{"[defaults]\ncontrol_group = root\n", {NULL}, 1},
};

static void test_blocks(void **state)
{
	(void)state;
	check_texts("x.conf", blocks, COUNT(blocks));
}

static void test_sections(void **state)
{
	(void)state;
	check_texts("x.ini", sections, COUNT(sections));
}

static void test_section_extends_a_line(void **state)
{
	static const char conf[] = "127.0.0.1:80 stream tcp nowait root /bin/sh sh -x\n"
				   "127.0.0.2:80 stream tcp nowait.5 root /bin/sh\n"
				   "80 dgram udp4 wait root /bin/sh\n";
	struct config *config;

	(void)state;
	config = unit_load_two(conf, "[80/tcp]\ninstances = 3\nrate = 7/s\n");
	assert_int_equal(config->service_count, 3);
	assert_string_equal(describe(config->services[0]),
		"127.0.0.1:80/tcp stream tcp nowait 127.0.0.1:80 0:0 /bin/sh <sh> <-x> "
		"instances=3 rate=7/1000ms");
	assert_string_equal(describe(config->services[1]),
		"127.0.0.2:80/tcp stream tcp nowait 127.0.0.2:80 0:0 /bin/sh </bin/sh> instances=3 "
		"rate=7/1000ms");
	assert_true(config->services[2]->policy->limits.instances_default);
	config_unref(config);

	config = unit_load_two(conf, "[127.0.0.2:80]\nserver = /bin/cat\nserver_args = -u\n");
	assert_string_equal(describe(config->services[1]),
		"127.0.0.2:80/tcp stream tcp nowait 127.0.0.2:80 0:0 /bin/cat </bin/cat> <-u> "
		"rate=5/60000ms");
	assert_string_equal(describe(config->services[0]),
		"127.0.0.1:80/tcp stream tcp nowait 127.0.0.1:80 0:0 /bin/sh <sh> <-x>");
	config_unref(config);

	config = unit_load_two(conf, "[80]\ndisable = yes\n");
	assert_int_equal(config->service_count, 0);
	assert_int_equal(config->diag.errors, 0);
	config_unref(config);
}

/* The address that an entry gets from the command line, or from [defaults], is one it is called by.
 */
static void test_head_names_an_address_of_the_command_line(void **state)
{
	static const struct {
		const char *bind, *defaults, *head;
		bool meant;
	} cases[] = {
		{NULL, "", "*", true},
		{NULL, "", "127.0.0.1", false},
		{"127.0.0.1", "", "127.0.0.1", true},
		{"127.0.0.1", "", "127.0.0.2", false},
		{"127.0.0.1", "", "*", false},
		{NULL, "[defaults]\nbind = 127.0.0.3\n", "127.0.0.3", true},
		{"127.0.0.1", "[defaults]\nbind = 127.0.0.3\n", "127.0.0.1", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct conf_options options = unit_options();
		struct config *config;
		struct load load;
		char text[200];

		options.bind_default = cases[i].bind;
		snprintf(text, sizeof(text), "%s[%s:80]\ninstances = 3\n", cases[i].defaults,
			cases[i].head);
		assert_int_equal(load_begin(&load, &options), 0);
		add_text(&load, "a.conf", "80 stream tcp nowait root /bin/sh sh\n");
		add_text(&load, "b.ini", text);
		config = config_load_finish(&load);
		if ((config->diag.errors == 0) != cases[i].meant)
			fail_msg("-a %s, [%s:80]: %s", cases[i].bind, cases[i].head,
				unit_first(config));
		assert_int_equal(
			config->services[0]->policy->limits.instances, cases[i].meant ? 3 : 256);
		config_unref(config);
	}
}

/* What is wrong in [defaults] is not left out of services as if nobody had wanted it. */
static void test_mistake_in_defaults_costs_whom_it_is_for(void **state)
{
	static const struct {
		const char *text;
		size_t services;
	} cases[] = {
		{"[defaults]\nonly_from = 10.0.0.0/8\n", 3},
		{"[defaults]\nonly_from = 10.0.0\n", 1}, /* the unix socket, which it is not for */
		{"[defaults]\nonly_from = 10.0.0\n[80]\nonly_from = 10.0.0.0/8\n", 2},
		{"[defaults]\nsocket_mode = 999\n", 2},
		{"[defaults]\nonly_form = 10.0.0.0/8\n", 0},
	};
	static const char conf[] = "80 stream tcp nowait root /bin/sh\n"
				   "81 stream tcp nowait root /bin/sh\n"
				   "/run/x stream unix nowait root /bin/sh\n";

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct config *config = unit_load_two(conf, cases[i].text);

		assert_int_equal(config->diag.errors, i > 0);
		assert_int_equal(config->service_count, cases[i].services);
		config_unref(config);
	}
}

/* [inetd] and [defaults] may stand in several files, which may say the same. */
static void test_repeats(void **state)
{
	static const struct {
		const char *first, *second, *message;
	} cases[] = {
		{"[inetd]\nchildren = 5\n", "[inetd]\nchildren = 5\n", ""},
		{"[inetd]\nchildren = 5\n", "[inetd]\nstop_children = yes\n", ""},
		{"[inetd]\nchildren = 5\n", "[inetd]\nchildren = 6\n",
			"b.ini:2: error: children: set to something else before, at a.ini:2"},
		{"[inetd]\nchildren = 5\n", "[inetd]\nchildren = many\n",
			"b.ini:2: error: children: 'many' is not a number"},
		{"[inetd]\nchildren = 5\n", "[inetd]\nstop_children = no\nstop_children = no\n",
			"b.ini:3: error: stop_children: set twice, first on line 2"},
		{"[inetd]\ncontrol_group = root\nlog_format = json\n",
			"[inetd]\ncontrol_group = root\nlog_format = json\n", ""},
		{"[inetd]\ncontrol_group = root\n", "[inetd]\ncontrol_group = daemon\n",
			"b.ini:2: error: control_group: set to something else before, at a.ini:2"},
		{"[inetd]\nlog_format = json\n", "[inetd]\nlog_format = text\n",
			"b.ini:2: error: log_format: set to something else before, at a.ini:2"},
		{"[defaults]\nrate = 5/min\nonly_from = 10.0.0.0/8\nbanner = x\nstderr = log\n",
			"[defaults]\nrate = 5/min\nonly_from = 10.0.0.0/8\nbanner = x\nstderr = "
			"log\n",
			""},
		{"[defaults]\nrate = 5/min\n", "[defaults]\nrate = 5/s\n",
			"b.ini:2: error: rate: set to something else before, at a.ini:2"},
		{"[defaults]\nonly_from = 10.0.0.1\n", "[defaults]\nonly_from = 10.0.0.2\n",
			"b.ini:2: error: only_from: set to something else before, at a.ini:2"},
		{"[defaults]\nbanner = x\n", "[defaults]\nbanner = y\n",
			"b.ini:2: error: banner: set to something else before, at a.ini:2"},
		{"[defaults]\nstderr = log\n", "[defaults]\nstderr = null\n",
			"b.ini:2: error: stderr: set to something else before, at a.ini:2"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct conf_options options = unit_options();
		struct config *config;
		struct load load;

		assert_int_equal(load_begin(&load, &options), 0);
		add_text(&load, "a.ini", cases[i].first);
		add_text(&load, "b.ini", cases[i].second);
		config = config_load_finish(&load);
		assert_string_equal(unit_first(config), cases[i].message);
		config_unref(config);
	}
}

static void test_daemon_section(void **state)
{
	struct conf_options options = unit_options();
	struct config *config = unit_load_as("x.ini", "[inetd]\nstop_children = yes\n", &options);

	(void)state;
	assert_true(config->daemon.stop_children);
	config_unref(config);
	config = unit_load("");
	assert_false(config->daemon.stop_children);
	assert_int_equal(config->daemon.control_group, (gid_t)-1);
	assert_int_equal(config->daemon.log_format, -1);
	config_unref(config);
	config = unit_load_as(
		"x.ini", "[inetd]\ncontrol_group = root\nlog_format = text\n", &options);
	assert_int_equal(config->daemon.control_group, 0);
	assert_int_equal(config->daemon.log_format, LOG_FORMAT_TEXT);
	config_unref(config);
}

/* A path with a colon, after an address. */
static void test_bind_of_head(void **state)
{
	static const struct {
		const char *head, *name, *bind;
	} cases[] = {
		{"*:/run/a:b", "/run/a:b", "*"},
		{"::1:@a:b/tcp", "@a:b", "::1"},
		{"::1:80", "80", "::1"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct conf_options options = unit_options();
		struct config *config;
		char text[200];

		snprintf(text, sizeof(text), "[%s]\nlisten = 80 @x\ninternal = echo\n",
			cases[i].head);
		config = unit_load_as("x.ini", text, &options);
		assert_string_equal(unit_first(config), "");
		assert_string_equal(config->services[0]->name, cases[i].name);
		assert_string_equal(config->services[0]->bind, cases[i].bind);
		config_unref(config);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_blocks),
		cmocka_unit_test(test_sections),
		cmocka_unit_test(test_section_extends_a_line),
		cmocka_unit_test(test_head_names_an_address_of_the_command_line),
		cmocka_unit_test(test_mistake_in_defaults_costs_whom_it_is_for),
		cmocka_unit_test(test_daemon_section),
		cmocka_unit_test(test_bind_of_head),
		cmocka_unit_test(test_repeats),
	};

	return cmocka_run_group_tests_name("sections", tests, NULL, NULL);
}
