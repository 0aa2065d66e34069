/* test_config_each: each key of a service, in an INI section and in a NetBSD block: both make the
 * same service, and it is another one than without the key. */
#include "config_texts.h"

#include "base/program_file.h"
#include "config/keys/key.h"

/* Programs are of this machine, whatever machine the test was built for. */
const char *program_file_look(
	const char *root, const char *path, bool own_only, struct program_files *files)
{
	(void)root;
	(void)path;
	(void)own_only;
	files->count = 0;
	return NULL;
}

/* Who calls is root here, whoever runs the test. */
uid_t geteuid(void);
uid_t geteuid(void)
{
	return 0;
}

/* What is said besides, and what a row is compared with. */
enum base { PROGRAM, WAIT, LOCAL, STREAMS, DATAGRAMS };

static const struct {
	const char *ini, *block;
} bases[] = {
	[PROGRAM] = {"server = /bin/sh\nuser = root\n", "exec = /bin/sh, user = root"},
	[WAIT] = {"server = /bin/sh\nuser = root\nwait = yes\n",
		"exec = /bin/sh, user = root, wait = yes"},
	[LOCAL] = {"server = /bin/sh\nuser = root\nport = /run/x\n",
		"exec = /bin/sh, user = root, port = /run/x"},
	[STREAMS] = {"internal = echo\n", "internal = echo"},
	[DATAGRAMS] = {"internal = echo\nprotocol = udp\n", "internal = echo, protocol = udp"},
};

struct each_case {
	enum key_id id;
	enum base base;
	const char *ini, *block; /* the value; for `whole`, all that is said */
	bool whole;
};

static const struct each_case cases[] = {
	{KEY_LISTEN, PROGRAM, "9001 127.0.0.1:9002-9004,/run/x",
		"9001 127.0.0.1:9002-9004 '/run/x'", false},
	{KEY_PORT, PROGRAM, "9001", "9001", false},
	{KEY_BIND, PROGRAM, "127.0.0.1,::1", "'127.0.0.1,::1'", false},
	{KEY_SOCKET_TYPE, LOCAL, "seqpacket", "seqpacket", false},
	{KEY_PROTOCOL, PROGRAM, "tcp46", "tcp46", false},
	{KEY_WAIT, PROGRAM, "yes", "yes", false},
	{KEY_USER, PROGRAM, "user = daemon\nserver = /bin/sh\n", "user = daemon, server = /bin/sh",
		true},
	{KEY_GROUP, PROGRAM, "daemon", "daemon", false},
	{KEY_SERVER, PROGRAM, "user = root\nserver = /bin/cat\n", "user = root, server = /bin/cat",
		true},
	{KEY_SERVER_ARGS, PROGRAM, "-c 'a b' \"c\\\"d\\\\\" '' 'e\"f' g\\h , ';' = #",
		"-c 'a b' 'c\"d\\\\' '' \"e\\\"f\" g\\h ',' ';' '=' '#'", false},
	{KEY_ARGV0, PROGRAM, "a b", "'a b'", false},
	{KEY_WRAPPER, PROGRAM, "/usr/bin/env 'A=b c'", "/usr/bin/env 'A=b c'", false},
	{KEY_INTERNAL, STREAMS, "internal = discard\n", "internal = discard", true},
	{KEY_MUX, PROGRAM, "+now", "+now", false},
	{KEY_RPC, PROGRAM, "rusersd/2-3", "rusersd/2-3", false},
	{KEY_ACTIVATION, WAIT, "systemd", "systemd", false},
	{KEY_INSTANCES, PROGRAM, "5", "5", false},
	{KEY_PER_SOURCE, PROGRAM, "unlimited", "unlimited", false},
	{KEY_RATE, PROGRAM, "5/s", "5/s", false},
	{KEY_BURST, PROGRAM, "5", "5", false},
	{KEY_PER_SOURCE_RATE, PROGRAM, "5/min", "5/min", false},
	{KEY_PER_SOURCE_BURST, PROGRAM, "5", "5", false},
	{KEY_PREFIX4, PROGRAM, "24", "24", false},
	{KEY_PREFIX6, PROGRAM, "48", "48", false},
	{KEY_EXEMPT, PROGRAM, "10.0.0.0/8, fe80::/10", "10.0.0.0/8 fe80::/10", false},
	{KEY_START_TIME, PROGRAM, "5s", "5s", false},
	{KEY_STOP_AFTER, PROGRAM, "5s", "5s", false},
	{KEY_SEND_PROXY, PROGRAM, "yes", "yes", false},
	{KEY_SPARE, PROGRAM, "2", "2", false},
	{KEY_SPARE_READY, PROGRAM, "yes", "yes", false},
	{KEY_SPARE_IDLE, PROGRAM, "5s", "5s", false},
	{KEY_REUSE_ADDRESS, PROGRAM,
		"protocol = udp\nserver = /bin/sh\nuser = root\nreuse_address = no\n",
		"protocol = udp, exec = /bin/sh, user = root, reuse_address = no", true},
	{KEY_OVERLOAD, PROGRAM, "refuse", "refuse", false},
	{KEY_BUSY_MESSAGE, PROGRAM, "come back\\r\\n", "\"come back\\r\\n\"", false},
	{KEY_MAX_TIME, PROGRAM, "2min", "2min", false},
	{KEY_KILL_AFTER, PROGRAM, "500ms", "500ms", false},
	{KEY_MAX_LOAD, PROGRAM, "2.5", "2.5", false},
	{KEY_ONLY_FROM, PROGRAM, "10.0.0.0/8 192.0.2.1", "10.0.0.0/8 192.0.2.1", false},
	{KEY_NO_ACCESS, PROGRAM, "10.0.0.0/8,::1", "'10.0.0.0/8,::1'", false},
	{KEY_ONLY_FROM, PROGRAM, "10.0.0.0/8 host .example.com", "host 10.0.0.0/8 .example.com",
		false},
	{KEY_PROXY_PROTOCOL, PROGRAM, "192.0.2.1 unix", "'192.0.2.1,unix'", false},
	{KEY_PROXY_PROTOCOL, PROGRAM, "unix", "unix", false},
	{KEY_PROXY_OTHERS, PROGRAM, "refuse", "refuse", false},
	{KEY_ACCESS_TIMES, PROGRAM, "Mon-Fri 08:00-18:00, Sat 10:00-14:00, Sun",
		"'Mon-Fri 08:00-18:00' \"Sat 10:00-14:00, Sun\"", false},
	{KEY_ACCESS_TIMES, PROGRAM, "Mon-Fri 08:00-18:00", "Mon-Fri 08:00-18:00", false},
	{KEY_DENY_TIME, PROGRAM, "60s", "60s", false},
	{KEY_DENY_AFTER, PROGRAM, "3", "3", false},
	{KEY_DENY_SCOPE, PROGRAM, "all", "all", false},
	{KEY_ENV, PROGRAM, "A=b 'C=d \"e\" f'", "A'='b 'C=d \"e\" f'", false},
	{KEY_ENVIRONMENT_FILE, PROGRAM, "-/etc/nosuch/a \"-/b c\"", "-/etc/nosuch/a '-/b c'",
		false},
	{KEY_PASSENV, PROGRAM, "HOME,TERM", "HOME TERM", false},
	{KEY_CLEAN_ENV, PROGRAM, "no", "no", false},
	{KEY_NICE, PROGRAM, "-5", "-5", false},
	{KEY_KEEPALIVE, PROGRAM, "yes", "yes", false},
	{KEY_KEEPALIVE_TIME, PROGRAM, "60", "60", false},
	{KEY_KEEPALIVE_INTERVAL, PROGRAM, "5", "5", false},
	{KEY_KEEPALIVE_PROBES, PROGRAM, "3", "3", false},
	{KEY_NODELAY, PROGRAM, "yes", "yes", false},
	{KEY_LINGER, PROGRAM, "5", "5", false},
	{KEY_USER_TIMEOUT, PROGRAM, "1500ms", "1500ms", false},
	{KEY_MAX_SEG, PROGRAM, "500", "500", false},
	{KEY_CONGESTION, PROGRAM, "reno", "reno", false},
	{KEY_FASTOPEN, PROGRAM, "5", "5", false},
	{KEY_TOS, PROGRAM, "16", "16", false},
	{KEY_TTL, PROGRAM, "5", "5", false},
	{KEY_PRIORITY, PROGRAM, "0", "0", false},
	{KEY_MARK, PROGRAM, "0", "0", false},
	{KEY_BIND_DEVICE, PROGRAM, "lo", "lo", false},
	{KEY_FREEBIND, PROGRAM, "yes", "yes", false},
	{KEY_TRANSPARENT, PROGRAM, "yes", "yes", false},
	{KEY_REUSE_PORT, PROGRAM, "yes", "yes", false},
	{KEY_SOCKET_DIR_MODE, LOCAL, "0755", "0755", false},
	{KEY_UNLINK_ON_EXIT, LOCAL, "no", "no", false},
	{KEY_PASS_CREDENTIALS, LOCAL, "yes", "yes", false},
	{KEY_TIMESTAMPS, PROGRAM, "yes", "yes", false},
	{KEY_ISOLATION, PROGRAM, "strict", "'strict'", false},
	{KEY_GROUPS, PROGRAM, "no", "'no'", false},
	{KEY_DIRECTORY, PROGRAM, "/tmp", "'/tmp'", false},
	{KEY_CHROOT, PROGRAM, "/srv", "'/srv'", false},
	{KEY_IOPRIO, PROGRAM, "idle", "'idle'", false},
	{KEY_OOM_SCORE_ADJ, PROGRAM, "500", "'500'", false},
	{KEY_CPU_AFFINITY, PROGRAM, "0", "'0'", false},
	{KEY_RLIMIT_CPU, PROGRAM, "100:200", "'100:200'", false},
	{KEY_RLIMIT_FSIZE, PROGRAM, "100:200", "'100:200'", false},
	{KEY_RLIMIT_DATA, PROGRAM, "100:200", "'100:200'", false},
	{KEY_RLIMIT_STACK, PROGRAM, "100:200", "'100:200'", false},
	{KEY_RLIMIT_CORE, PROGRAM, "100:200", "'100:200'", false},
	{KEY_RLIMIT_RSS, PROGRAM, "100:200", "'100:200'", false},
	{KEY_RLIMIT_NPROC, PROGRAM, "100:200", "'100:200'", false},
	{KEY_RLIMIT_NOFILE, PROGRAM, "100:200", "'100:200'", false},
	{KEY_RLIMIT_MEMLOCK, PROGRAM, "100:200", "'100:200'", false},
	{KEY_RLIMIT_AS, PROGRAM, "100:200", "'100:200'", false},
	{KEY_RLIMIT_LOCKS, PROGRAM, "100:200", "'100:200'", false},
	{KEY_RLIMIT_SIGPENDING, PROGRAM, "100:200", "'100:200'", false},
	{KEY_RLIMIT_MSGQUEUE, PROGRAM, "100:200", "'100:200'", false},
	{KEY_RLIMIT_NICE, PROGRAM, "100:200", "'100:200'", false},
	{KEY_RLIMIT_RTPRIO, PROGRAM, "100:200", "'100:200'", false},
	{KEY_RLIMIT_RTTIME, PROGRAM, "100:200", "'100:200'", false},
	{KEY_NO_NEW_PRIVS, PROGRAM, "yes", "'yes'", false},
	{KEY_CAPABILITIES, PROGRAM, "none", "'none'", false},
	{KEY_READ_PATHS, PROGRAM, "/etc", "'/etc'", false},
	{KEY_WRITE_PATHS, PROGRAM, "/tmp", "'/tmp'", false},
	{KEY_EXEC_PATHS, PROGRAM, "/usr", "'/usr'", false},
	{KEY_PRIVATE_TMP, PROGRAM, "yes", "'yes'", false},
	{KEY_READ_ONLY, PROGRAM, "yes", "'yes'", false},
	{KEY_HIDE_RUN, PROGRAM, "yes", "'yes'", false},
	{KEY_NETWORK, PROGRAM, "connection", "'connection'", false},
	{KEY_CONNECT_PORTS, PROGRAM, "80", "'80'", false},
	{KEY_BIND_PORTS, PROGRAM, "80", "'80'", false},
	{KEY_SCOPED, PROGRAM, "yes", "'yes'", false},
	{KEY_SYSCALL_FILTER, PROGRAM, "yes", "'yes'", false},
	{KEY_MEMORY_MAX, PROGRAM, "3g", "3g", false},
	{KEY_PIDS_MAX, PROGRAM, "5", "5", false},
	{KEY_CPU_WEIGHT, PROGRAM, "50", "50", false},
	{KEY_IO_WEIGHT, PROGRAM, "50", "50", false},
	{KEY_UMASK, PROGRAM, "077", "077", false},
	{KEY_STDERR, PROGRAM, "/var/log/x", "/var/log/x", false},
	{KEY_STDERR, PROGRAM, "log", "log", false},
	{KEY_BANNER, PROGRAM, "a \\\\ b\\n", "'a \\\\ b\\n'", false},
	{KEY_BANNER_FAIL, PROGRAM, "no", "no", false},
	{KEY_LOG, PROGRAM, "start exit", "start exit", false},
	{KEY_LOG_LEVEL, PROGRAM, "debug", "debug", false},
	{KEY_LOG_TO, PROGRAM, "/var/log/x", "/var/log/x", false},
	{KEY_SNDBUF, PROGRAM, "64k", "64k", false},
	{KEY_RCVBUF, PROGRAM, "64k", "64k", false},
	{KEY_BACKLOG, PROGRAM, "5", "5", false},
	{KEY_DEFER_ACCEPT, PROGRAM, "yes", "yes", false},
	{KEY_LINGERING_CLOSE, PROGRAM, "2s", "2s", false},
	{KEY_SOCKET_MODE, LOCAL, "600", "600", false},
	{KEY_SOCKET_USER, LOCAL, "daemon", "daemon", false},
	{KEY_SOCKET_GROUP, LOCAL, "daemon", "daemon", false},
	{KEY_IDLE_TIME, STREAMS, "1h", "1h", false},
	{KEY_REPLY_RATE, DATAGRAMS, "5", "5", false},
	{KEY_REPLY_BURST, DATAGRAMS, "5", "5", false},
	{KEY_DISABLE, PROGRAM, "yes", "yes", false},
};

static struct config *load(const char *name, const char *text)
{
	struct conf_options options = unit_options();
	struct config *config = unit_load_as(name, text, &options);

	assert_non_null(config);
	if (config->diag.errors)
		fail_msg("%s\n%s", text, unit_first(config));
	return config;
}

static struct config *load_ini(const struct each_case *row)
{
	char text[400];

	if (row->whole)
		snprintf(text, sizeof(text), "[9000]\n%s", row->ini);
	else
		snprintf(text, sizeof(text), "[9000]\n%s%s = %s\n", bases[row->base].ini,
			key_table[row->id].name, row->ini);
	return load("x.ini", text);
}

static struct config *load_block(const struct each_case *row)
{
	char text[400];

	if (row->whole)
		snprintf(text, sizeof(text), "9000 on %s;\n", row->block);
	else
		snprintf(text, sizeof(text), "9000 on %s, %s = %s;\n", bases[row->base].block,
			key_table[row->id].name, row->block);
	return load("x.conf", text);
}

static void test_each_key(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct each_case none = {
			0, 0, bases[cases[i].base].ini, bases[cases[i].base].block, true};
		struct config *without = load_ini(&none), *ini = load_ini(&cases[i]);
		struct config *block = load_block(&cases[i]);

		assert_int_equal(without->service_count, 1);
		assert_int_equal(ini->service_count, cases[i].id != KEY_DISABLE);
		assert_int_equal(block->service_count, ini->service_count);
		if (ini->service_count) {
			if (service_equal(without->services[0], ini->services[0]))
				fail_msg("%s changes nothing", key_table[cases[i].id].name);
			if (!service_equal(block->services[0], ini->services[0]))
				fail_msg("%s: %s is not %s", key_table[cases[i].id].name,
					cases[i].block, cases[i].ini);
		}
		config_unref(without);
		config_unref(ini);
		config_unref(block);
	}
}

static void test_no_key_is_left_out(void **state)
{
	(void)state;
	for (size_t id = 0; id < KEY_COUNT; id++) {
		bool found = !(key_table[id].flags & KEY_IN_SERVICE);

		for (size_t i = 0; i < COUNT(cases); i++)
			found |= cases[i].id == id;
		if (!found)
			fail_msg("%s", key_table[id].name);
	}
}

/* Fields that other things than a key of the same name make different. */
static void test_what_else_differs(void **state)
{
	static const char *const texts[] = {"9000 stream tcp nowait root /bin/sh sh -x\n",
		"9000 stream tcp nowait root /bin/sh sh -y\n",
		"9000 stream tcp nowait root /bin/sh sh\n",
		"9001 stream tcp nowait root /bin/sh sh\n",
		"9000 stream tcp nowait root:daemon /bin/sh sh\n",
		"*,localhost:9000 stream tcp nowait root /bin/sh sh\n",
		"localhost:9000 stream tcp nowait root /bin/sh sh\n",
		"localhost:9000 stream tcp4 nowait root /bin/sh sh\n",
		"localhost:9001 stream tcp4 nowait root /bin/sh sh\n",
		"ip6-localhost:9001 stream tcp4 nowait root /bin/sh sh\n",
		"%lo:9001 stream tcp4 nowait root /bin/sh sh\n"};
	struct config *configs[COUNT(texts)];

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++)
		configs[i] = load("x.conf", texts[i]);
	for (size_t i = 0; i < COUNT(texts); i++)
		for (size_t k = 0; k < COUNT(texts); k++)
			assert_int_equal(
				service_equal(configs[i]->services[0], configs[k]->services[0]),
				i == k);
	for (size_t i = 0; i < COUNT(texts); i++)
		config_unref(configs[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_key),
		cmocka_unit_test(test_no_key_is_left_out),
		cmocka_unit_test(test_what_else_differs),
	};

	return cmocka_run_group_tests_name("each key", tests, NULL, NULL);
}
