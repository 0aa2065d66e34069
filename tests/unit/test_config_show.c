/* test_config_show: what show prints of a service, read as an INI file, gives that service again;
 * so for every service of every configuration of the tests and examples. */
#include "config_unit.h"

#include <ftw.h>

#include "config/check.h"
#include "config/key.h"
#include "config/show.h"

static unsigned services_seen; /* by the property */
static bool keys_seen[KEY_COUNT];

/* Both texts as files of one configuration; the second may be NULL. */
static struct config *load_both(
	const char *name, const char *text, const char *more, const struct conf_options *options)
{
	struct input first = {.text = text, .len = strlen(text)}, second = {0};
	struct load load;

	assert_int_equal(load_begin(&load, options), 0);
	first.load = second.load = &load;
	first.source = load_source(&load, name, NULL);
	assert_non_null(first.source);
	load_text(&first);
	if (more) {
		second.text = more;
		second.len = strlen(more);
		second.source = load_source(&load, "shown.ini", NULL);
		assert_non_null(second.source);
		load_text(&second);
	}
	return load_finish(&load);
}

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

/* Takes away what cannot be the same in another configuration, or is not part of what is asked for:
 * - name, label and the number behind "port 0" tell a service from others of its configuration;
 * - the marks that nobody has set a limit go when show has said it;
 * none of them changes what is served, or how. */
static struct service unmarked(const struct service *service)
{
	struct service copy = *service;

	copy.name = copy.label = "";
	copy.limits.instances_default = copy.limits.per_source_default = false;
	for (size_t i = 0; i < copy.endpoint_count; i++)
		copy.endpoints[i].ordinal &= 0xffff0000;
	return copy;
}

static bool is_same(const struct service *a, const struct service *b)
{
	struct service x = unmarked(a), y = unmarked(b);

	return service_equal(&x, &y);
}

/* What stands behind the head, and behind the remark that others are meant by it too. */
static const char *keys_of(const char *text)
{
	const char *keys = strchr(text, '\n') + 1;

	return strncmp(keys, "# other entries", 15) ? keys : strchr(keys, '\n') + 1;
}

static void note_keys(const char *text)
{
	for (size_t i = 0; i < KEY_COUNT; i++) {
		char start[64];

		snprintf(start, sizeof(start), "\n%s = ", key_table[i].name);
		keys_seen[i] |= strstr(text, start) != NULL;
	}
}

/* Alone: the same service, and nothing to complain of that its own entry does not give cause for;
 * shown again, the same lines (not the head: alone, a name needs neither address nor protocol). */
static void check_alone(
	const struct service *service, const char *text, const struct conf_options *options)
{
	/* What tcpmux passes on needs another entry; -s may mean nothing for a service, its key
	 * not. */
	bool clean = !service->config->diag.warnings && !service->mux &&
		     options->defaults.per_source_default;
	struct config *config = load_both("shown.ini", text, NULL, options);
	char *again;

	assert_non_null(config);
	if (config->diag.errors || config->service_count != 1)
		print_error("%s:%u: %s\n%s", service->where.file, service->where.line,
			unit_first(config), text);
	assert_int_equal(config->diag.errors, 0);
	if (clean && config->diag.warnings)
		fail_msg("%s\n%s", unit_first(config), text);
	assert_int_equal(config->service_count, 1);
	again = shown(config->services[0]);
	assert_string_equal(keys_of(again), keys_of(text));
	if (!is_same(service, config->services[0]))
		print_error(
			"%s:%u: not the same\n%s", service->where.file, service->where.line, text);
	assert_true(is_same(service, config->services[0]));
	free(again);
	config_unref(config);
}

/* True if the head of a section means one entry only. Several on "any free port" of one protocol,
 * for one, cannot be told apart, nor one that is switched off or wrong. */
static bool has_own_head(const struct config *config, const struct service *service)
{
	unsigned count = 0;

	for (size_t i = 0; i < config->service_count; i++) {
		const struct service *other = config->services[i];

		count += !strcmp(other->name, service->name) &&
			 !strcmp(other->bind, service->bind) &&
			 !strcmp(other->protocol, service->protocol);
	}
	return count == 1 && entry_state(config, service->id) == ENTRY_UNKNOWN;
}

/* Beside the configuration that it comes from: nothing changes. */
static void check_beside(const struct config *config, const char *source, const char *text,
	const struct conf_options *options)
{
	struct config *both = load_both(config->files[0]->path, source, text, options);

	if (both->diag.errors != config->diag.errors ||
		both->service_count != config->service_count)
		print_error("%s: %s\n%s", config->files[0]->path, unit_first(both), text);
	assert_int_equal(both->diag.errors, config->diag.errors);
	assert_int_equal(both->service_count, config->service_count);
	for (size_t i = 0; i < config->service_count; i++) {
		if (!is_same(config->services[i], both->services[i]))
			print_error("%s: changes %s\n%s", config->files[0]->path,
				config->services[i]->label, text);
		assert_true(is_same(config->services[i], both->services[i]));
		assert_string_equal(config->services[i]->label, both->services[i]->label);
	}
	config_unref(both);
}

static void check_text(const char *name, const char *source, const struct conf_options *options)
{
	struct config *config = load_both(name, source, NULL, options);

	assert_non_null(config);
	for (size_t i = 0; i < config->service_count; i++) {
		const struct service *service = config->services[i];
		char *text = shown(service);

		assert_true(show_is_called(service, service->label));
		note_keys(text);
		services_seen++;
		check_alone(service, text, options);
		if (!strstr(text, "\n# other entries"))
			check_beside(config, source, text, options);
		else
			assert_false(has_own_head(config, service));
		free(text);
	}
	config_unref(config);
}

static void check_with_options(const char *name, const char *source)
{
	struct conf_options options = unit_options();

	check_text(name, source, &options);
	options.bind_default = "127.0.0.1";
	check_text(name, source, &options);
	options.plain_families = FAMILY_INET;
	options.keep_env = true;
	options.backlog = 7;
	options.events = EVENT_START | EVENT_EXIT | EVENT_REFUSE;
	options.defaults.instances = 9;
	options.defaults.per_source = LIMIT_NONE;
	options.defaults.instances_default = options.defaults.per_source_default = false;
	options.defaults.rate = (struct rate){30, 60000, 30};
	check_text(name, source, &options);
}

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
	"localhost,127.0.0.1,*:80 stream tcp46 nowait root /bin/sh\n"
	"fe80::1%nowhere:81 stream tcp nowait root /bin/sh\n",
	"tcpmux/tcp stream tcp nowait root /bin/sh\ntcpmux/+B stream tcp nowait root /bin/sh\n"
	"tcpmux/; stream tcp nowait root /bin/sh\ntcpmux/a;# stream tcp nowait root /bin/sh\n",
	/* limits */
	"94 stream tcp nowait:0 root /bin/sh\n95 stream tcp nowait.0/0/0/0 root /bin/sh\n"
	"96 dgram udp wait/1/2/3 root /bin/sh\n97 stream tcp wait/1/2/3 root /bin/sh\n",
};

static const char *const awkward_ini[] = {
	"[a]\nlisten = 1000-1003 *:2000-2001 [::1]:5-7 127.0.0.1:9 /tmp/x @y localhost:10-12\n"
	"user = root\nserver = /bin/sh\nsocket_mode = 0\nsocket_user = daemon\nsocket_group = 7\n",
	"[x]\nlisten = 3000-4023 4024-5000\ninternal = echo\nbind = 127.0.0.1\n",
	"[defaults]\nbind = 127.0.0.1\n[y]\nlisten = 127.0.0.2:3000 localhost:3001\ninternal = "
	"echo\n[z]\nlisten = 127.0.0.3:3000 3001\ninternal = echo\n[w/tcp4]\nport = 3002\n"
	"internal = echo\n[v/tcp6]\nport = 3003\nbind = ::1\ninternal = echo\n",
	"[inetd/tcp]\nport = 5\ninternal = echo\n[*:defaults]\nport = 6\ninternal = echo\n",
	"[b]\nport = 1\nuser = root\nserver = /bin/sh\nbanner = \\x2fetc;\\\\\\x20\\x01\\r\\n\n"
	"banner_fail = \\x20\nbusy_message = busy \\x3b soon\nenv = A=1 'B=x '';y' C=\nenv += "
	"D=\"\"\n"
	"passenv = P1 P2\nclean_env = no\nstderr = /tmp/x y\nlog = none\nlog_level = err\n"
	"wrapper = /bin/nice -n '1 '';2'\nmax_load = 1.05\nmax_time = 90\nkill_after = 1500ms\n"
	"deny_time = 120min\ndeny_after = 3\naccess_times = Mon-Sun, 22:00-06:00, Tue 1:30-2:00\n"
	"only_from = 10.0.0.0/8\nsource_prefix4 = 24\noverload = refuse\ndefer_accept = yes\n",
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

/* Long lists go on, and every list of every length comes back. */
static void test_long_lists(void **state)
{
	struct conf_options options = unit_options();
	struct config *config;
	size_t len = 0;
	char *source = NULL, *text;
	FILE *out = open_memstream(&source, &len);

	(void)state;
	assert_non_null(out);
	fprintf(out, "[long]\nport = 1\nuser = root\nserver = /bin/sh\nserver_args =");
	for (unsigned i = 0; i < 300; i++)
		fprintf(out, " 'word '';%u'", i);
	fprintf(out, " %0500d\nbanner = ", 0);
	for (unsigned i = 0; i < MESSAGE_MAX; i++)
		fprintf(out, "\\x01");
	for (unsigned i = 0; i < 200; i++)
		fprintf(out, "\n%s 10.0.%u.0/24", i ? "only_from +=" : "only_from =", i);
	fprintf(out, "\n");
	assert_int_equal(fclose(out), 0);
	check_with_options("x.ini", source);
	config = load_both("x.ini", source, NULL, &options);
	assert_string_equal(unit_first(config), "");
	assert_int_equal(config->service_count, 1);
	text = shown(config->services[0]);
	assert_non_null(strstr(text, "\nonly_from += "));
	assert_non_null(strstr(text, "\nserver_args += "));
	free(text);
	free(source);
	config_unref(config);
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
		cmocka_unit_test(test_long_lists),
		cmocka_unit_test(test_daemon),
	};

	return cmocka_run_group_tests_name("show", tests, NULL, NULL);
}
