/* test_config_show: what show prints of a service, read as an INI file, gives that service again;
 * so for every service of every configuration of the tests and examples. */
#include "config_shown.h"

#include <ftw.h>

/* Puts what stands for a user in place. */
static void fill_in(char *text)
{
	for (char *at = text; (at = strstr(at, "@USER@"));)
		memcpy(at, "root  ", 6);
}

static int check_file(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	const char *dot = strrchr(path, '.');
	bool ini = strstr(path, ".ini") || strstr(path, "corpus-ini");
	char name[4096], *text = NULL;
	size_t room = 0;
	FILE *file;

	(void)ftw;
	if (type != FTW_F || !S_ISREG(st->st_mode) || (dot && !strcmp(dot, ".expect")))
		return 0;
	if (!ini && !(dot && !strcmp(dot, ".conf")) && !strstr(path, "corpus-classic"))
		return 0;
	file = fopen(path, "r");
	assert_non_null(file);
	if (getdelim(&text, &room, EOF, file) > 0) {
		fill_in(text);
		snprintf(name, sizeof(name), "%s.%s", path, ini ? "ini" : "conf");
		check_with_options(name, text);
	}
	free(text);
	return fclose(file);
}

static void test_every_configuration(void **state)
{
	static const char *const roots[] = {"tests/conf", "tests/fuzz", "etc"};

	(void)state;
	for (size_t i = 0; i < COUNT(roots); i++) {
		services_seen = 0;
		assert_int_equal(nftw(roots[i], check_file, 16, FTW_PHYS), 0);
		assert_true(services_seen > 20);
	}
}

/* What no example needs. */
static const char *const awkward[] = {
	/* words */
	"90 stream tcp nowait root /bin/sh sh '' ';' 'a ;b' \"it's\" '\"' 'a\\b' '\\' ' x ' '#'\n",
	"91 stream tcp nowait root /bin/sh ';sh' \";\"\n"
	"92 stream tcp nowait root /bin/sh sh 'a\t;;  ;' \\; ;\n",
	"93 on protocol = tcp, user = root, exec = /bin/sh, args = sh \"\\r\" \"\\x01\\t\";\n",
	"rusersd/2-3 dgram rpc/udp wait root /bin/sh\n100001/1 stream rpc/tcp46 wait root "
	"/bin/sh\n",
	"94 on protocol = tcp, user = root, exec = /bin/sh, args = sh \"a\\nb\" \"\\n ;'\\\\#\" "
	"$'\\n'\n"
	"\"\\x1b[0m\\xe2\\x80\\xae\\xff\", wrapper = /bin/env \"A=\\n\", env = \"B=\\n;\";\n",
	"95 stream tcp nowait root /bin/sh ''\n96 stream tcp nowait root /bin/sh ' sh;' $'n' '$' "
	"$\n"
	"97 stream tcp nowait root '/opt/a ;b ' \"$'x\"\n98 stream tcp nowait root '/opt/;b' "
	"';'\n"
	"99 on protocol = tcp, user = root, exec = \"/opt/a\\nb\", args = \"\\n\", stderr = "
	"\"/tmp/\\n "
	";\";\n",
	/* sockets */
	"'/tmp/a b' stream unix nowait root /bin/sh\n'/tmp/a b,c' stream unix nowait root /bin/sh\n"
	"/tmp/tcp stream unix nowait root /bin/sh\n@a:b stream unix nowait root /bin/sh\n"
	"@c dgram unix wait root /bin/sh\n",
	"'@x #z' stream unix nowait root /bin/sh\n'@x ;z' stream unix nowait root /bin/sh\n"
	"'/tmp/ ;' stream unix nowait root /bin/sh\n'/tmp/a ' stream unix nowait root /bin/sh\n"
	"'/tmp/ #/tcp' stream unix nowait root /bin/sh\n\"@$'x\" stream unix nowait root "
	"/bin/sh\n"
	"'/tmp/a]' stream unix nowait root /bin/sh\n@] stream unix nowait root /bin/sh\n",
	"x on port = \"/tmp/a\\n\\xff\\xe2\\x80\\xae\", protocol = unix, user = root, exec = "
	"/bin/sh;\n"
	"y on listen = /tmp/\xff /tmp/\xfe \"@;\", protocol = unix, user = root, exec = /bin/sh;\n",
	"@a:b stream unix nowait root /bin/sh\n@a:b dgram unix wait root /bin/sh\n",
	"8 stream tcp nowait root internal echo\n8 off protocol = tcp, internal = echo;\n",
	"7 stream tcp nowait root internal echo\n7 stream tcp6 nowait root internal echo\n",
	"7 stream tcp nowait root internal echo\n7 dgram udp wait root internal echo\n"
	"127.0.0.1:8 stream tcp nowait root internal echo\n"
	"[::1]:8 stream tcp nowait root internal echo\n",
	"0 stream tcp nowait root internal echo\n0 stream tcp nowait root internal echo\n"
	"0 stream tcp nowait root internal discard\n",
	"localhost,%lo,127.0.0.1,*:80 stream tcp46 nowait root /bin/sh\n"
	"fe80::1%nowhere:81 stream tcp nowait root /bin/sh\n",
	"tcpmux/tcp stream tcp nowait root /bin/sh\ntcpmux/+B stream tcp nowait root /bin/sh\n"
	"tcpmux/; stream tcp nowait root /bin/sh\ntcpmux/a;# stream tcp nowait root /bin/sh\n",
	/* limits */
	"94 stream tcp nowait:0 root /bin/sh\n95 stream tcp nowait.0/0/0/0 root /bin/sh\n"
	"96 dgram udp wait/1/2/3 root /bin/sh\n97 stream tcp wait/1/2/3 root /bin/sh\n",
};

static const char *const awkward_ini[] = {
	"[a]\nlisten = 1000-1003 *:2000-2001 [::1]:5-7 127.0.0.1:9 /tmp/x @y localhost:10-12 "
	"%wan:13\n"
	"user = root\nserver = /bin/sh\nsocket_mode = 0\nsocket_user = daemon\nsocket_group = 7\n",
	"[x]\nlisten = 3000-4023 4024-5000\ninternal = echo\nbind = 127.0.0.1\n",
	"[defaults]\nbind = 127.0.0.1\n[y]\nlisten = 127.0.0.2:3000 localhost:3001\ninternal = "
	"echo\n[z]\nlisten = 127.0.0.3:3000 3001\ninternal = echo\n[w/tcp4]\nport = 3002\n"
	"internal = echo\n[v/tcp6]\nport = 3003\nbind = ::1\ninternal = echo\n",
	"[inetd/tcp]\nport = 5\ninternal = echo\n[*:defaults]\nport = 6\ninternal = echo\n",
	"[b]\nport = 1\nuser = root\nserver = /bin/sh\nbanner = \\x2fetc;\\\\\\x20\\x01\\r\\n\n"
	"banner_fail = \\x20\nbusy_message = busy \\x3b soon\nenv = A=1 'B=x '';y' C=\nenv += "
	"D=\"\"\n"
	"passenv = P1 P2\nclean_env = no\nnice = -3\numask = 7\nstderr = /tmp/x y\nlog = "
	"none\nlog_level = err\nlog_to = /tmp/x y.log\n"
	"wrapper = /bin/nice -n '1 '';2'\nmax_load = 1.05\nmax_time = 90\nkill_after = 1500ms\n"
	"deny_time = 120min\ndeny_after = 3\naccess_times = Mon-Sun, 22:00-06:00, Tue 1:30-2:00\n"
	"only_from = 10.0.0.0/8\nsource_prefix4 = 24\noverload = refuse\ndefer_accept = yes\n"
	"proxy_protocol = 192.0.2.0/24 unix\nproxy_protocol += ::1\nproxy_others = refuse\n",
	"[b]\nport = 1\nuser = root\nserver = /bin/sh\nonly_from = 192.0.2.0/24 2001:db8::/32\n"
	"only_from += ::ffff:198.51.100.7 0.0.0.0/0 ::/0\nno_access = ::1, 127.0.0.1\n"
	"exempt = 203.0.113.0/24\nrate = 3/hour\nburst = 1\nper_source_rate = 2/s\n"
	"sndbuf = 3m\nrcvbuf = 5k\nbacklog = 3\n",
	"[b]\nport = 99\nuser = root\nserver = /bin/sh\nwait = yes\nactivation = systemd\n"
	"kill_after = 3\n[c]\nmux = +d\nuser = root\nserver = /bin/sh\n[tcpmux]\ninternal = "
	"tcpmux\n"
	"idle_time = 1h\n[echo/udp]\ninternal = echo\nreply_rate = unlimited\nreply_burst = 3\n",
	"[defaults]\nonly_from = 192.0.2.0/24\nenv = A=b\nrate = 5/min\n[b]\nport = 1\nuser = "
	"root\n"
	"server = /bin/sh\nenv += B=c\n[c]\nport = @c\nuser = root\nserver = /bin/sh\n",
	"[ready]\nport = 1\nenvironment_file = -/etc/nosuch\nuser = root\nserver = /bin/sh\nspare "
	"= 2\nspare_ready = yes\n"
	"spare_idle = 90s\n[demand]\nport = 2\nuser = root\nserver = /bin/sh\nserver_args = "
	"{port}\nactivation = proxy\nstart_time = 5s\nstop_after = 1h\nsend_proxy = yes\n",
	"[extras]\nport = 1\nuser = root\nserver = /bin/sh\nkeepalive = yes\nkeepalive_time = "
	"60\nkeepalive_interval = 5\nkeepalive_probes = 3\nnodelay = yes\nlinger = 5\nuser_timeout "
	"= 1500ms\nmax_seg = 500\ncongestion = reno\nfastopen = 5\ntos = 16\nttl = 5\npriority = "
	"0\nmark = 0\nbind_device = lo\nfreebind = yes\ntransparent = yes\nreuse_port = "
	"yes\ntimestamps = yes\n",
	"[extras]\nport = /tmp/x\nuser = root\nserver = /bin/sh\nsocket_dir_mode = "
	"0755\nunlink_on_exit = no\npass_credentials = yes\n",
	"[cage]\nport = 1\nuser = root\nserver = /bin/sh\nisolation = strict\ngroups = daemon 7\n"
	"directory = /var/a b\nchroot = / x\nioprio = realtime:0\noom_score_adj = 0\n"
	"cpu_affinity = 0-2,7\ncapabilities = CAP_CHOWN net_raw bpf checkpoint_restore\n"
	"read_paths = '/a b' -/c\nread_paths += \"/d'\"\nwrite_paths =\nprivate_tmp = no\n"
	"network = none\nconnect_ports = none\nbind_ports = 0,80 65535\nscoped = no\n"
	"syscall_filter = @default ptrace\nmemory_max = 3g\npids_max = 5\ncpu_weight = 1\n"
	"io_weight = 10000\n"
	"rlimit_cpu = 1\nrlimit_fsize = 64m\nrlimit_data = 1g:unlimited\nrlimit_stack = "
	"8m:1t\nrlimit_core = 0\nrlimit_rss = unlimited\nrlimit_nproc = 5:10\nrlimit_nofile = "
	"1023:1024\nrlimit_memlock = 1025k\nrlimit_as = 3k\nrlimit_locks = 1\nrlimit_sigpending = "
	"2\nrlimit_msgqueue = 3\nrlimit_nice = 40\nrlimit_rtprio = 5\nrlimit_rttime = 6\n",
	"[cage]\nport = 1\nuser = root\nserver = /bin/sh\nisolation = strict!\ngroups = no\n"
	"ioprio = best-effort\noom_score_adj = -1000\nexec_paths = /\nsyscall_filter = no\n",
};

/* The same for a text without errors, all of whose services are seen so. */
static void check_awkward(const char *name, const char *text)
{
	struct conf_options options = unit_options();
	struct config *config = load_both(name, text, NULL, &options);

	if (config->diag.errors)
		print_error("%s\n%s", unit_first(config), text);
	assert_int_equal(config->diag.errors, 0);
	config_unref(config);
	check_with_options(name, text);
}

static void test_awkward(void **state)
{
	(void)state;
	services_seen = 0;
	memset(keys_seen, 0, sizeof(keys_seen));
	for (size_t i = 0; i < COUNT(awkward); i++)
		check_awkward("x.conf", awkward[i]);
	for (size_t i = 0; i < COUNT(awkward_ini); i++)
		check_awkward("x.ini", awkward_ini[i]);
	assert_true(services_seen > 60);
	for (size_t i = 0; i < KEY_COUNT; i++) {
		if (key_table[i].flags & KEY_IN_SERVICE && !keys_seen[i])
			print_error("never shown: %s\n", key_table[i].name);
		assert_true(keys_seen[i] || !(key_table[i].flags & KEY_IN_SERVICE));
	}
}

/* What [inetd] says comes back too; what it does not say is a comment. */
static void test_daemon(void **state)
{
	static const char *const texts[] = {
		"[inetd]\n",
		"[inetd]\nchildren = 7\nstop_children = yes\nlog_level = err\n"
		"control_group = root\nlog_format = json\n",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct conf_options options = unit_options();
		struct config *config = load_both("x.ini", texts[i], NULL, &options);
		char *first = NULL, *second = NULL;
		size_t len;
		FILE *out = open_memstream(&first, &len);

		show_daemon(config, out);
		fclose(out);
		config_unref(config);
		assert_int_equal(strstr(first, "\nlog_format = json\n") != NULL, i);
		assert_int_equal(strstr(first, "\n# control_group: none\n") == NULL, i);
		config = load_both("x.ini", first, NULL, &options);
		assert_string_equal(unit_first(config), "");
		out = open_memstream(&second, &len);
		show_daemon(config, out);
		fclose(out);
		assert_string_equal(first, second);
		config_unref(config);
		config = load_both("x.ini", texts[i], first, &options);
		assert_string_equal(unit_first(config), "");
		config_unref(config);
		free(first);
		free(second);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_configuration),
		cmocka_unit_test(test_awkward),
		cmocka_unit_test(test_daemon),
	};

	return cmocka_run_group_tests_name("show", tests, NULL, NULL);
}
