/* test_config_listen: where services listen: listen, port, bind and mux, in sections of their own,
 * in those that extend an entry, and in blocks; and which defaults apply where. */
#include "config_texts.h"

#include "config/check/endpoint.h"

/* Who calls is root here, whoever runs the test. */
uid_t geteuid(void);
uid_t geteuid(void)
{
	return 0;
}

#define SH "server = /bin/sh\nuser = root\n"

static const struct text_case places[] = {
	{"[x/tcp4]\nlisten = 9000\n" SH,
		{"x stream tcp4 nowait 0.0.0.0:9000 0:0 /bin/sh </bin/sh>"}, 0},
	{"[x]\nlisten = 9000\n" SH,
		{"x stream tcp nowait 0.0.0.0:9000 [::]:9000 0:0 /bin/sh </bin/sh>"}, 0},
	{"[x/tcp4]\nlisten = http,, 9000 ,9001\n" SH,
		{"x stream tcp4 nowait 0.0.0.0:80 0.0.0.0:9000 0.0.0.0:9001 0:0 /bin/sh </bin/sh>"},
		0},
	{"[x]\nlisten = 127.0.0.1:1 [::1]:2 ::1:3 localhost:4 *:5\n" SH,
		{"x stream tcp nowait 127.0.0.1:1 [::1]:2 [::1]:3 0.0.0.0:5 [::]:5 "
		 "name:localhost:4 0:0 /bin/sh </bin/sh>"},
		0},
	{"[x/tcp4]\nlisten = :9000 127.0.0.1:9001-9003 localhost:1-2\n" SH,
		{"x stream tcp4 nowait 0.0.0.0:9000 127.0.0.1:9001 127.0.0.1:9002 127.0.0.1:9003 "
		 "name:localhost:1 name:localhost:2 0:0 /bin/sh </bin/sh>"},
		0},
	{"[x]\nlisten = 65534-65535\nprotocol = udp4\n" SH,
		{"x dgram udp4 wait 0.0.0.0:65534 0.0.0.0:65535 0:0 /bin/sh </bin/sh>"}, 0},
	{"[x/tcp46]\nlisten = 9000 [::1]:9001\n" SH,
		{"x stream tcp46 nowait [::]:9000+4 [::1]:9001 0:0 /bin/sh </bin/sh>"}, 0},
	/* what has no address takes that of bind, in the section or in its head */
	{"[x]\nlisten = 9000 127.0.0.2:9001\nbind = 127.0.0.1,localhost\n" SH,
		{"x stream tcp nowait 127.0.0.1:9000 127.0.0.2:9001 name:localhost:9000 0:0 "
		 "/bin/sh </bin/sh>"},
		0},
	{"[127.0.0.3:x]\nlisten = 9000 *:9001\nprotocol = tcp4\n" SH,
		{"x stream tcp4 nowait 127.0.0.3:9000 0.0.0.0:9001 0:0 /bin/sh </bin/sh>"}, 0},
	{"[x/tcp4]\nlisten = 9000\n" SH "[defaults]\nbind = 127.0.0.1\n",
		{"x stream tcp4 nowait 127.0.0.1:9000 0:0 /bin/sh </bin/sh>"}, 0},
	/* unix sockets alone, or beside others */
	{"[x]\nlisten = /run/x @y\n" SH,
		{"x stream unix nowait /run/x @y 0:0 /bin/sh </bin/sh> 666:-1:-1"}, 0},
	{"[x/tcp4]\nlisten = /run/x 9000\nsocket_mode = 600\n" SH,
		{"x stream tcp4 nowait /run/x 0.0.0.0:9000 0:0 /bin/sh </bin/sh> 600:-1:-1"}, 0},
	{"[x/udp4]\nlisten = /run/x 9000\n" SH,
		{"x dgram udp4 wait /run/x 0.0.0.0:9000 0:0 /bin/sh </bin/sh> 666:-1:-1"}, 0},
	{"[x]\nlisten = /run/x\nsocket_type = seqpacket\n" SH,
		{"x seqpacket unix nowait /run/x 0:0 /bin/sh </bin/sh> 666:-1:-1"}, 0},
	{"[x]\nlisten = /run/x 9000\nsocket_type = seqpacket\n" SH, {NULL}, 1},
	{"[x/unix]\nlisten = 9000\n" SH, {NULL}, 1},
	/* by tcpmux */
	{"[x]\nmux = now\n" SH, {"x stream tcp nowait mux:now 0:0 /bin/sh </bin/sh>"}, 0},
	{"[x]\nmux = +now\n" SH, {"x stream tcp nowait mux:+now 0:0 /bin/sh </bin/sh>"}, 0},
	{"[x]\nmux = now\nprotocol = udp\n" SH, {NULL}, 1},
	/* two ways of saying it */
	{"[x]\nlisten = 9000\nport = 9000\n" SH, {NULL}, 1},
	{"[x]\nlisten = 9000\nmux = now\n" SH, {NULL}, 1},
	{"[x]\nmux = now\nport = 9000\n" SH, {NULL}, 1},
	/* another service has one of them */
	{"[x]\nlisten = 9000 9001\n" SH "[y]\nport = 9001\n" SH,
		{"x stream tcp nowait 0.0.0.0:9000 [::]:9000 0.0.0.0:9001 [::]:9001 0:0 /bin/sh "
		 "</bin/sh>"},
		1},
	/* plain tcp gives way to an entry for one family, port by port */
	{"[x]\nlisten = 9000 9001\n" SH "[y/tcp4]\nport = 9001\n" SH,
		{"x stream tcp nowait 0.0.0.0:9000 [::]:9000 [::]:9001 0:0 /bin/sh </bin/sh>",
			"y stream tcp4 nowait 0.0.0.0:9001 0:0 /bin/sh </bin/sh>"},
		0},
	{"[x]\nlisten = 127.0.0.1:9000 [::1]:9000\n" SH "[y/tcp4]\nlisten = 127.0.0.1:9000\n" SH,
		{"x stream tcp nowait 127.0.0.1:9000 [::1]:9000 0:0 /bin/sh </bin/sh>"}, 1},
};

static void test_places(void **state)
{
	(void)state;
	check_texts("x.ini", places, COUNT(places));
}

/* What a section says of an entry that is there. */
struct extension_case {
	const char *section; /* behind [x] */
	const char *service;
};

static const struct extension_case of_line[] = {
	{"listen = 9000", "80 stream tcp4 nowait 0.0.0.0:9000 0:0 /bin/sh </bin/sh>"},
	{"listen += 9000",
		"80 stream tcp4 nowait 127.0.0.1:80 127.0.0.1:9000 0:0 /bin/sh </bin/sh>"},
	{"listen += *:9000",
		"80 stream tcp4 nowait 127.0.0.1:80 0.0.0.0:9000 0:0 /bin/sh </bin/sh>"},
	{"listen = 9000\nbind = 127.0.0.2",
		"80 stream tcp4 nowait 127.0.0.2:9000 0:0 /bin/sh </bin/sh>"},
	{"mux = now", "80 stream tcp4 nowait mux:now 0:0 /bin/sh </bin/sh>"},
	{"port = 9000", "80 stream tcp4 nowait 127.0.0.1:9000 0:0 /bin/sh </bin/sh>"},
	{"bind = 127.0.0.3", "80 stream tcp4 nowait 127.0.0.3:80 0:0 /bin/sh </bin/sh>"},
};

static const struct extension_case of_section[] = {
	{"port = 9000", "x stream tcp4 nowait 127.0.0.1:9000 0:0 /bin/sh </bin/sh>"},
	{"mux = now", "x stream tcp4 nowait mux:now 0:0 /bin/sh </bin/sh>"},
	{"bind = 127.0.0.2",
		"x stream tcp4 nowait 127.0.0.2:81 127.0.0.9:82 0:0 /bin/sh </bin/sh>"},
	{"listen += 83", "x stream tcp4 nowait 127.0.0.1:81 127.0.0.9:82 127.0.0.1:83 0:0 /bin/sh "
			 "</bin/sh>"},
	{"listen = 83", "x stream tcp4 nowait 0.0.0.0:83 0:0 /bin/sh </bin/sh>"},
};

static void check_extension(struct config *config, const struct extension_case *row)
{
	if (config->service_count != 1 || config->diag.errors || config->diag.warnings > 1)
		fail_msg("%s: %s", row->section, unit_first(config));
	assert_string_equal(describe(config->services[0]), row->service);
	config_unref(config);
}

static void test_extensions(void **state)
{
	struct conf_options options = unit_options();
	char text[300];

	(void)state;
	for (size_t i = 0; i < COUNT(of_line); i++) {
		snprintf(text, sizeof(text), "[80]\n%s\n", of_line[i].section);
		check_extension(
			unit_load_two("127.0.0.1:80 stream tcp4 nowait root /bin/sh\n", text),
			&of_line[i]);
	}
	for (size_t i = 0; i < COUNT(of_section); i++) {
		snprintf(text, sizeof(text),
			"[x]\nprotocol = tcp4\nbind = 127.0.0.1\nlisten = 81 127.0.0.9:82\n" SH
			"[x]\n%s\n",
			of_section[i].section);
		check_extension(unit_load_as("x.ini", text, &options), &of_section[i]);
	}
}

/* A built-in keeps its name when its port changes. */
static void test_builtin_on_another_port(void **state)
{
	struct config *config =
		unit_load_two("echo stream tcp4 nowait root internal\n", "[echo]\nlisten = 9000\n");

	(void)state;
	assert_int_equal(config->service_count, 1);
	assert_string_equal(
		describe(config->services[0]), "echo stream tcp4 nowait 0.0.0.0:9000 0:0 echo");
	config_unref(config);
}

static void test_most_sockets(void **state)
{
	struct conf_options options = unit_options();
	struct config *config = unit_load_as("x.ini",
		"[x/tcp4]\nlisten = 10001-11000 11001-12000 12001-13000 13001-14000 15001-15096\n"
		"internal = echo\n",
		&options);

	(void)state;
	assert_int_equal(config->diag.errors, 0);
	assert_int_equal(config->services[0]->endpoint_count, LISTEN_MOST);
	config_unref(config);
	config = unit_load_as("x.ini",
		"[x/tcp4]\nlisten = 10001-11000 11001-12000 12001-13000 13001-14000 15001-15096 "
		"80\n"
		"internal = echo\n",
		&options);
	assert_int_equal(config->diag.errors, 1);
	assert_int_equal(config->service_count, 0);
	config_unref(config);
}

/* Defaults for all kinds of keys, and an entry of each kind: nobody complains, and each takes what
 * fits. */
static void test_defaults_apply_where_they_fit(void **state)
{
	static const char text[] =
		"[defaults]\nuser = root\nbind = 127.0.0.1\nwrapper = /usr/bin/env\nenv = A=1\n"
		"per_source = 3\nper_source_burst = 3\nexempt = 10.0.0.0/8\noverload = refuse\n"
		"busy_message = busy\nmax_time = 9\nkill_after = 9\nmax_load = 9\n"
		"only_from = 10.0.0.0/8\ndeny_time = 9s\ndeny_after = 9\nstderr = log\nbanner = "
		"hello\n"
		"backlog = 9\ndefer_accept = yes\nsocket_mode = 600\nidle_time = 9\n"
		"reply_rate = 9\nburst = 9\naccess_times = Mon\nsource_prefix6 = 48\n"
		"proxy_protocol = ::1 unix\nproxy_others = refuse\n"
		"[a]\nport = 9001\nserver = /bin/sh\n[b]\nport = 9002\ninternal = echo\n"
		"[c]\nport = 9003\nprotocol = udp\ninternal = echo\n"
		"[d]\nport = 9004\nserver = /bin/sh\nwait = yes\n"
		"[e]\nport = /run/e\nserver = /bin/sh\n"
		"[f]\nport = /run/f\nsocket_type = dgram\nserver = /bin/sh\n"
		"[g]\nmux = g\nserver = /bin/sh\n[h]\nport = 9005\ninternal = tcpmux\n"
		"[i]\nlisten = 127.0.0.2:9006\ninternal = echo\n"
		"[j]\nprotocol = tcp4\nport = 9007\ninternal = echo\n";
	struct conf_options options = unit_options();
	struct config *config = unit_load_as("x.ini", text, &options);

	(void)state;
	assert_string_equal(unit_first(config), "");
	assert_int_equal(config->service_count, 10);
	assert_string_equal(config->services[0]->bind, "127.0.0.1");
	assert_string_equal(config->services[8]->bind, "*");
	assert_int_equal(config->services[8]->policy->limits.prefix6, 48);
	assert_int_equal(config->services[9]->policy->limits.prefix6, 64);
	for (size_t i = 0; i < config->service_count; i++) {
		const struct service *service = config->services[i];
		bool answers = service->builtin && service->socktype == SOCK_DGRAM;
		bool seen = service->socktype == SOCK_STREAM && !service->wait;

		assert_int_equal(service->policy->access.times.count, 1);
		assert_int_equal(service->policy->wrapper != NULL, !service->builtin);
		assert_int_equal(service->policy->context.env != NULL, !service->builtin);
		assert_int_equal(
			service->policy->overload, seen ? OVERLOAD_REFUSE : OVERLOAD_QUEUE);
		assert_int_equal(service->policy->messages.banner.text != NULL, seen);
		assert_int_equal(service->policy->limits.per_source == 3, seen);
		assert_int_equal(service->policy->max_time_ms, answers ? 0 : 9000);
		assert_int_equal(service->policy->access.deny_ms, seen ? 9000 : 0);
		assert_int_equal(
			service->policy->access.only_from.count, service->families != FAMILY_UNIX);
		assert_int_equal(service->policy->socket.defer_accept,
			service->socktype == SOCK_STREAM && service->families != FAMILY_UNIX &&
				!service->mux);
	}
	config_unref(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_extensions),
		cmocka_unit_test(test_builtin_on_another_port),
		cmocka_unit_test(test_most_sockets),
		cmocka_unit_test(test_defaults_apply_where_they_fit),
	};

	return cmocka_run_group_tests_name("listen", tests, NULL, NULL);
}
