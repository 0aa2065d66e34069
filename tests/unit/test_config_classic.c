/* test_config_classic: lines of every dialect and what comes of them. Users and services are those
 * that every system has. */
#include "config_describe.h"

/* Who calls is root here, whoever runs the test. */
uid_t geteuid(void);
uid_t geteuid(void)
{
	return 0;
}

struct line_case {
	const char *line;
	const char *service; /* as describe() says it; or the first diagnostic, where it has ":
				error" */
};

#define BOTH(port) " 0.0.0.0:" port " [::]:" port

static const struct line_case dialects[] = {
	/* Debian, openbsd-inetd */
	{"discard\t\tstream\ttcp6\tnowait\troot\tinternal",
		"discard stream tcp6 nowait [::]:9 0:0 discard"},
	{"daytime dgram udp wait root internal",
		"daytime dgram udp wait" BOTH("13") " 0:0 daytime"},
	{"telnet stream tcp nowait root /bin/sh /usr/sbin/in.telnetd",
		"telnet stream tcp nowait" BOTH("23") " 0:0 /bin/sh </usr/sbin/in.telnetd>"},
	{"127.0.0.1:nosuchname stream tcp nowait.400 root /bin/sh smbd",
		"x.conf:1: error: unknown service 'nosuchname': a name of services(5) or a port "
		"number"},
	{"127.0.0.1:901 stream tcp nowait.400 root /bin/sh smbd",
		"901 stream tcp nowait 127.0.0.1:901 0:0 /bin/sh <smbd> rate=400/60000ms"},
	{"ident stream tcp wait root /bin/sh identd -i -l",
		"ident stream tcp wait" BOTH("113") " 0:0 /bin/sh <identd> <-i> <-l>"},
	/* OpenBSD */
	{"localhost:8080 stream tcp nowait nobody:daemon /bin/sh sh",
		"8080 stream tcp nowait name:localhost:8080 65534:1 /bin/sh <sh>"},
	{"127.0.0.1,[::1]:finger stream tcp nowait nobody.daemon /bin/sh fingerd -lsm",
		"finger stream tcp nowait 127.0.0.1:79 [::1]:79 65534:1 /bin/sh <fingerd> <-lsm>"},
	/* FreeBSD */
	{"ftp stream tcp46 nowait/2/3/4 root /bin/sh ftpd -l",
		"ftp stream tcp46 nowait [::]:21+4 0:0 /bin/sh <ftpd> <-l> instances=2 "
		"per_source=4 source_rate=3/60000ms"},
	{":daemon:daemon:220:/run/sock stream unix nowait daemon/class /bin/sh x",
		"/run/sock stream unix nowait /run/sock 1:1 /bin/sh <x> 220:1:1"},
	{":::600:/run/sock stream unix nowait root /bin/sh x",
		"/run/sock stream unix nowait /run/sock 0:0 /bin/sh <x> 600:-1:-1"},
	{"/var/run/echo stream unix nowait root internal",
		"/var/run/echo stream unix nowait /var/run/echo 0:0 echo 666:-1:-1"},
	{"tcpmux/+date stream tcp nowait daemon /bin/date date",
		"tcpmux/+date stream tcp nowait mux:+date 1:1 /bin/date <date>"},
	{"tcpmux/phone.book stream tcp nowait daemon /bin/date date",
		"tcpmux/phone.book stream tcp nowait mux:phone.book 1:1 /bin/date <date>"},
	{"daytime stream tcp nowait root internal internal",
		"daytime stream tcp nowait" BOTH("13") " 0:0 daytime"},
	/* NetBSD */
	{"http stream,10:httpready tcp,sndbuf=64k,rcvbuf=1m nowait:100 daemon:daemon /bin/sh x",
		"http stream tcp nowait" BOTH(
			"80") " 1:1 /bin/sh <x> instances=10 "
			      "rate=100/60000ms sndbuf=65536 rcvbuf=1048576 defer"},
	{"80 stream:dataready tcp6,recvbuf=16384 nowait root /bin/sh 'a b' \"c d\"",
		"80 stream tcp6 nowait [::]:80 0:0 /bin/sh <a b> <c d> rcvbuf=16384 defer"},
	{"localhost:/run/x stream unix nowait root /bin/sh x",
		"/run/x stream unix nowait /run/x 0:0 /bin/sh <x> 666:-1:-1"},
	{"rstatd/1-3 dgram rpc/udp wait root /bin/sh x",
		"rstatd dgram udp4 wait 0.0.0.0:0 0:0 /bin/sh <x> rpc=100001/1-3"},
	{"127.0.0.1:100001/2 stream rpc/tcp46,sndbuf=8k nowait root /bin/sh x",
		"100001 stream tcp46 nowait 127.0.0.1:0 0:0 /bin/sh <x> sndbuf=8192 "
		"rpc=100001/2-2"},
	/* GNU inetutils, busybox */
	{"::1:8080 stream tcp nowait root /bin/sh sh",
		"8080 stream tcp nowait [::1]:8080 0:0 /bin/sh <sh>"},
	{"*:8080 stream tcp nowait root /bin/sh",
		"8080 stream tcp nowait" BOTH("8080") " 0:0 /bin/sh </bin/sh>"},
	{":8080 stream tcp4 nowait root /bin/sh",
		"8080 stream tcp4 nowait 0.0.0.0:8080 0:0 /bin/sh </bin/sh>"},
	{"/run/d dgram unix nowait root /bin/sh",
		"/run/d dgram unix wait /run/d 0:0 /bin/sh </bin/sh> 666:-1:-1"},
	{"echo dgram udp6only nowait root internal", "echo dgram udp6only wait [::]:7 0:0 echo"},
	/* ours */
	{"2007 stream tcp nowait root internal echo",
		"2007 stream tcp nowait" BOTH("2007") " 0:0 echo"},
	{"0 stream tcp nowait root internal time", "0 stream tcp nowait" BOTH("0") " 0:0 time"},
	{"@name seqpacket unix nowait root /bin/cat",
		"@name seqpacket unix nowait @name 0:0 /bin/cat </bin/cat> 666:-1:-1"},
	{"[::]:2007 dgram udp46 wait root internal echo",
		"2007 dgram udp46 wait [::]:2007+4 0:0 echo"},
	{"[::1]:2007 stream tcp46 nowait root internal echo",
		"2007 stream tcp46 nowait [::1]:2007 0:0 echo"},
	{"0.0.0.0:2007 stream tcp46 nowait root internal echo",
		"2007 stream tcp46 nowait 0.0.0.0:2007 0:0 echo"},
	{"::ffff:127.0.0.1:2007 stream tcp nowait root internal echo",
		"2007 stream tcp nowait 127.0.0.1:2007 0:0 echo"},
	{"fe80::1%nosuchif0:2007 stream tcp nowait root internal echo",
		"2007 stream tcp nowait name:fe80::1%nosuchif0:2007 0:0 echo"},
	{"'2007' \"stream\" t'c'p nowait root internal echo",
		"2007 stream tcp nowait" BOTH("2007") " 0:0 echo"},
};

static void check_line(const struct line_case *row, const struct conf_options *options)
{
	struct config *config = unit_load_as("x.conf", row->line, options);

	assert_non_null(config);
	if (strstr(row->service, ": error")) {
		assert_string_equal(unit_first(config), row->service);
		assert_int_equal(config->service_count, 0);
	} else if (strstr(row->service, ": warning")) {
		assert_string_equal(unit_first(config), row->service);
		assert_int_equal(config->diag.errors, 0);
		assert_int_equal(config->service_count, 0);
	} else {
		if (config->diag.errors)
			fail_msg("%s: %s", row->line, unit_first(config));
		assert_int_equal(config->service_count, 1);
		assert_string_equal(describe(config->services[0]), row->service);
	}
	config_unref(config);
}

static void test_dialects(void **state)
{
	struct conf_options options = unit_options();

	(void)state;
	for (size_t i = 0; i < COUNT(dialects); i++)
		check_line(&dialects[i], &options);
}

struct limits_case {
	const char *wait;
	const char *limits; /* as describe() says it; NULL: refused */
};

static const struct limits_case limits[] = {
	{"nowait", ""},
	{"nowait.40", " rate=40/60000ms"},
	{"nowait:40", " rate=40/60000ms"},
	{"nowait.0", ""},
	{"nowait:0", " rate=0/60000ms"},
	{"nowait/10", " instances=10"},
	{"nowait/10/20", " instances=10 source_rate=20/60000ms"},
	{"nowait/10/20/30", " instances=10 per_source=30 source_rate=20/60000ms"},
	{"nowait/0", " instances=unlimited"},
	{"nowait/0/0/0", " instances=unlimited per_source=unlimited"},
	{"nowait//20", " source_rate=20/60000ms"},
	{"nowait///30", " per_source=30"},
	{"nowait/10//30", " instances=10 per_source=30"},
	{"nowait/", ""},
	{"nowait.40/10", " instances=10 rate=40/60000ms"},
	{"nowait/10/20:40", " instances=10 rate=40/60000ms source_rate=20/60000ms"},
	{"nowait.", NULL},
	{"nowait.x", NULL},
	{"nowait.-1", NULL},
	{"nowait.40.50", NULL},
	{"nowait.40.0", NULL},
	{"nowait/x", NULL},
	{"nowait/1/2/3/4", NULL},
	{"nowait/10/5/2/", NULL},
	{"nowait/10000000", NULL},
	{"nowait.99999999999999999999999999", NULL},
	{"nowait/99999999999999999999999999", NULL},
	{"nowait,5", NULL},
	{"Nowait", NULL},
};

static void test_limits(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(limits); i++) {
		char line[200], wanted[200];
		struct config *config;

		snprintf(line, sizeof(line), "80 stream tcp4 %s root /bin/sh", limits[i].wait);
		snprintf(wanted, sizeof(wanted),
			"80 stream tcp4 nowait 0.0.0.0:80 0:0 /bin/sh </bin/sh>%s",
			limits[i].limits);
		config = unit_load(line);
		if (limits[i].limits) {
			assert_int_equal(config->service_count, 1);
			assert_string_equal(describe(config->services[0]), wanted);
		} else {
			assert_int_equal(config->service_count, 0);
			assert_true(config->diag.errors > 0);
		}
		config_unref(config);
	}
}

struct user_case {
	const char *user;
	int uid, gid; /* -1: refused */
};

static const struct user_case users[] = {
	{"root", 0, 0},
	{"daemon", 1, 1},
	{"root:daemon", 0, 1},
	{"root.daemon", 0, 1},
	{"root:1", 0, 1},
	{"0:1", 0, 1},
	{"1", 1, 1},
	{"daemon/class", 1, 1},
	{"root:daemon/class", 0, 1},
	{"1000000:1000001", 1000000, 1000001},
	{"1000000", -1, -1},
	{"4294967295", -1, -1},
	{"-1", -1, -1},
	{"root:", -1, -1},
	{":daemon", -1, -1},
	{"root:nosuchgroup", -1, -1},
	{"nosuchuser:daemon", -1, -1},
	{"nosuchuser.daemon", -1, -1},
	{"root.nosuchgroup", -1, -1},
	{"''", -1, -1},
};

static void test_users(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(users); i++) {
		char line[200];
		struct config *config;

		snprintf(line, sizeof(line), "80 stream tcp4 nowait %s /bin/sh", users[i].user);
		config = unit_load(line);
		assert_int_equal(config->service_count, users[i].uid >= 0);
		if (users[i].uid >= 0) {
			const struct identity *identity = &config->services[0]->policy->identity;

			assert_int_equal(identity->uid, users[i].uid);
			assert_int_equal(identity->gid, users[i].gid);
			assert_false(identity->as_caller);
			assert_int_equal(identity->groups[0], users[i].gid);
		}
		config_unref(config);
	}
}

static const struct line_case plain4[] = {
	{"80 stream tcp nowait root /bin/sh",
		"80 stream tcp nowait 0.0.0.0:80 0:0 /bin/sh </bin/sh>"},
	{"80 stream tcp6 nowait root /bin/sh",
		"80 stream tcp6 nowait [::]:80 0:0 /bin/sh </bin/sh>"},
	{"[::1]:80 stream tcp nowait root /bin/sh",
		"x.conf:1: error: address [::1] is IPv6, but tcp means IPv4 only here"},
};

static void test_plain_can_mean_one_family(void **state)
{
	struct conf_options options = unit_options();

	(void)state;
	options.plain_families = FAMILY_INET;
	for (size_t i = 0; i < COUNT(plain4); i++)
		check_line(&plain4[i], &options);
}

static void test_limits_of_the_command_line(void **state)
{
	struct conf_options options = unit_options();
	struct config *config;

	(void)state;
	config = unit_load("2007 stream tcp nowait root internal echo\n80 stream tcp nowait root "
			   "/bin/sh\n");
	assert_int_equal(config->services[0]->policy->limits.instances, 16384);
	assert_int_equal(config->services[0]->policy->limits.per_source, 8192);
	assert_true(config->services[0]->policy->limits.instances_default);
	assert_int_equal(config->services[1]->policy->limits.instances, 256);
	assert_int_equal(config->services[1]->policy->limits.per_source, 128);
	config_unref(config);

	options.defaults.instances = 5;
	options.defaults.instances_default = false;
	config = unit_load_as("x.conf", "2007 stream tcp nowait root internal echo\n", &options);
	assert_int_equal(config->services[0]->policy->limits.instances, 5);
	assert_int_equal(config->services[0]->policy->limits.per_source, 8192);
	config_unref(config);
	config = unit_load_as("x.conf", "2007 stream,7 tcp nowait root internal echo\n", &options);
	assert_int_equal(config->services[0]->policy->limits.instances, 7);
	assert_false(config->services[0]->policy->limits.instances_default);
	config_unref(config);
}

static void test_bind_of_the_command_line(void **state)
{
	struct conf_options options = unit_options();
	static const struct line_case rows[] = {
		{"80 stream tcp nowait root /bin/sh",
			"80 stream tcp nowait 127.0.0.1:80 0:0 /bin/sh </bin/sh>"},
		{"*:80 stream tcp4 nowait root /bin/sh",
			"80 stream tcp4 nowait 0.0.0.0:80 0:0 /bin/sh </bin/sh>"},
		{"/run/x stream unix nowait root /bin/sh",
			"/run/x stream unix nowait /run/x 0:0 /bin/sh </bin/sh> 666:-1:-1"},
	};

	(void)state;
	options.bind_default = "127.0.0.1";
	for (size_t i = 0; i < COUNT(rows); i++)
		check_line(&rows[i], &options);
}

static void test_a_very_long_line(void **state)
{
	static const char head[] = "80 stream tcp4 nowait root /bin/sh";
	enum { ARGS = 50000 };
	char *text = malloc(sizeof(head) + 2 * ARGS);
	struct config *config;
	size_t count = 0;

	(void)state;
	assert_non_null(text);
	memcpy(text, head, sizeof(head) - 1);
	for (size_t i = 0; i < ARGS; i++)
		memcpy(text + sizeof(head) - 1 + 2 * i, " x", 2);
	text[sizeof(head) - 1 + 2 * ARGS] = 0;
	config = unit_load(text);
	assert_int_equal(config->service_count, 1);
	while (config->services[0]->argv[count])
		count++;
	assert_int_equal(count, ARGS);
	config_unref(config);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dialects),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_users),
		cmocka_unit_test(test_plain_can_mean_one_family),
		cmocka_unit_test(test_limits_of_the_command_line),
		cmocka_unit_test(test_bind_of_the_command_line),
		cmocka_unit_test(test_a_very_long_line),
	};

	return cmocka_run_group_tests_name("classic", tests, NULL, NULL);
}
