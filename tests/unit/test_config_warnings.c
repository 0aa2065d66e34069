/* test_config_advise: what `inetd -t` warns of although it works. */
#include "config_unit.h"

#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

/* Who calls is root here, whoever runs the test. */
uid_t geteuid(void);
uid_t geteuid(void)
{
	return 0;
}

static char dir[] = "/tmp/test_advise.XXXXXX"; /* the directory of the program */
static char program[PATH_MAX];

/* How many warnings a file is worth that is a *.ini and, if `ini` is false, an inetd.conf. */
static unsigned warnings_of(const char *text, bool ini, bool advise)
{
	struct conf_options options = unit_options();
	struct config *config;
	unsigned warnings;

	options.advise = advise;
	config = unit_load_as(ini ? "x.ini" : "x.conf", text, &options);
	assert_non_null(config);
	if (config->diag.errors)
		fail_msg("%s%s", text, unit_first(config));
	warnings = config->diag.warnings;
	config_unref(config);
	return warnings;
}

struct advice {
	const char *text;
	unsigned warnings;
};

static const struct advice lines[] = {
	{"9000 stream tcp nowait root /bin/sh\n", 1},
	{"9000 stream tcp6 nowait root /bin/sh\n", 2},
	{"9000 stream tcp6only nowait root /bin/sh\n", 1},
	{"9000 stream tcp6 nowait daemon /bin/sh\n9000 stream tcp4 nowait daemon /bin/sh\n", 0},
	{"*,127.0.0.1:9000 stream tcp nowait root /bin/sh\n", 1},
	{"9000 stream tcp nowait daemon /bin/sh\n", 0},
	{"127.0.0.1:9000 stream tcp nowait root /bin/sh\n", 0},
	{"/run/x stream unix nowait root /bin/sh\n", 1},
	{":root:daemon:660:/run/x stream unix nowait root /bin/sh\n", 0},
	{"@x stream unix nowait root /bin/sh\n", 0},
	{"9000 stream tcp wait root /bin/sh\n", 1},
	{"9000 stream tcp wait daemon /bin/sh\n", 0},
	{"127.0.0.1:9000 stream tcp wait root /bin/sh\n", 0},
	{"9000 stream tcp wait.60 root /bin/sh\n", 1},
	{"9000 dgram udp wait root /bin/sh\n", 1},
	{"9000 dgram udp4 wait/1 root /bin/sh\n", 1},
	{"9000 dgram udp wait/1 root /bin/sh\n", 2},
	{"9000 dgram udp wait daemon /bin/sh\n", 0},
	{"[::1]:9000 dgram udp wait root /bin/sh\n", 0},
	{"/run/x dgram unix wait root /bin/sh\n", 1},
	{"9000 stream tcp nowait.60 root /bin/sh\n", 0},
	{"9000 stream tcp nowait/5 root /bin/sh\n", 0},
	{"9000 stream tcp nowait//5 root /bin/sh\n", 0},
	{"9000 stream tcp nowait///5 root /bin/sh\n", 0},
	{"9000 stream tcp nowait/0/0/0 root /bin/sh\n", 1},
	{"9000 stream tcp nowait/5/0/0 root /bin/sh\n", 0},
	{"9000 stream tcp nowait.0 root /bin/sh\n", 1},
	{"9000 stream tcp nowait:0 root /bin/sh\n", 0},
	{"9000 stream tcp nowait root internal echo\n", 0},
	{"chargen stream tcp nowait root internal\n", 0},
	{"chargen dgram udp wait root internal\n", 1},
	{"echo dgram udp wait root internal\n", 0},
	{"127.0.0.1,::1:chargen dgram udp wait root internal\n", 0},
	{"127.0.0.1,192.0.2.1:chargen dgram udp wait root internal\n", 1},
	{"::1,2001:db8::1:chargen dgram udp wait root internal\n", 1},
	{"localhost:chargen dgram udp wait root internal\n", 1},
};

static const struct advice sections[] = {
	{"[9000]\nserver = /bin/sh\nuser = root\n", 1},
	{"[9000]\nserver = /bin/sh\nuser = root\nonly_from = 10.0.0.0/8\n", 0},
	{"[9000]\nserver = /bin/sh\nuser = root\ninstances = unlimited\n", 1},
	{"[9000]\nserver = /bin/sh\nuser = root\nper_source = unlimited\n", 1},
	{"[9000]\nserver = /bin/sh\nuser = root\nrate = unlimited\n", 1},
	{"[9000]\nserver = /bin/sh\nuser = root\nper_source = 7\n", 0},
	{"[9000]\nserver = /bin/sh\nuser = root\nonly_from = 0.0.0.0/0 ::/0\n", 1},
	{"[9000]\nserver = /bin/sh\nuser = root\nonly_from = 0.0.0.0/0\n", 1},
	{"[9000]\nserver = /bin/sh\nuser = root\nonly_from = 10.0.0.0/8 ::/0\n", 1},
	{"[9000/tcp4]\nserver = /bin/sh\nuser = root\nonly_from = 10.0.0.0/8 ::/0\n", 0},
	{"[9000/tcp6]\nserver = /bin/sh\nuser = root\nonly_from = ::1 0.0.0.0/0\n", 0},
	{"[9000/tcp46]\nserver = /bin/sh\nuser = root\nonly_from = ::1 0.0.0.0/0\n", 1},
	{"[9000]\nserver = /bin/sh\nuser = root\nno_access = 10.0.0.0/8\n", 1},
	{"[9000]\nserver = /bin/sh\nuser = root\nno_access = 0.0.0.0/0\n", 1},
	{"[9000]\nserver = /bin/sh\nuser = root\nno_access = 0.0.0.0/0 ::/0\n", 0},
	{"[9000/udp]\nserver = /bin/sh\nuser = root\nonly_from = 10.0.0.0/8\n", 0},
	{"[9000/udp]\nserver = /bin/sh\nuser = root\nonly_from = 0.0.0.0/0\n", 1},
	{"[9000]\nserver = /bin/sh\nuser = root\n[defaults]\nper_source = 5\n", 0},
	{"[9000]\nserver = /bin/sh\nuser = root\nlisten = 127.0.0.1:1 2\n", 1},
	{"[x]\nserver = /bin/sh\nuser = root\nmux = x\n[9001]\ninternal = tcpmux\n", 1},
	{"[x]\nserver = /bin/sh\nuser = root\nmux = x\ninstances = 3\n[9001]\ninternal = tcpmux\n",
		0},
	{"[x]\nserver = /bin/sh\nuser = root\nmux = x\n[9001]\nlisten = 127.0.0.1:9001\n"
	 "internal = tcpmux\n",
		0},
	{"[x]\nserver = /bin/sh\nuser = root\nmux = x\n[9001]\ninternal = tcpmux\n"
	 "only_from = 10.0.0.0/8\n",
		0},
	{"[x]\nserver = /bin/sh\nuser = root\nmux = x\nonly_from = ::/0\n[9001/tcp4]\n"
	 "internal = tcpmux\n",
		0},
};

static void test_services(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		if (warnings_of(lines[i].text, false, true) != lines[i].warnings)
			fail_msg("%s", lines[i].text);
		assert_int_equal(warnings_of(lines[i].text, false, false), 0);
	}
	for (size_t i = 0; i < COUNT(sections); i++) {
		if (warnings_of(sections[i].text, true, true) != sections[i].warnings)
			fail_msg("%s", sections[i].text);
		assert_int_equal(warnings_of(sections[i].text, true, false), 0);
	}
}

/* A limit of the command line is one, the want of one is none. */
static void test_limits_of_the_command_line(void **state)
{
	static const uint32_t limits[] = {5, LIMIT_NONE};

	(void)state;
	for (size_t i = 0; i < COUNT(limits); i++)
		for (unsigned source = 0; source < 2; source++) {
			struct conf_options options = unit_options();
			struct config *config;

			options.advise = true;
			*(source ? &options.defaults.per_source : &options.defaults.instances) =
				limits[i];
			*(source ? &options.defaults.per_source_default
				 : &options.defaults.instances_default) = false;
			config = unit_load_as("x.conf", lines[0].text, &options);
			assert_int_equal(config->diag.warnings, i);
			config_unref(config);
		}
}

struct mode_case {
	mode_t directory, file;
	uid_t owner, directory_owner;
	bool open;
};

static const struct mode_case modes[] = {
	{0755, 0755, 0, 0, false},
	{0700, 0700, 0, 0, false},
	{0755, 0775, 0, 0, true},
	{0755, 0757, 0, 0, true},
	{0775, 0755, 0, 0, true},
	{0757, 0755, 0, 0, true},
	{01777, 0755, 0, 0, false},
	{0755, 01757, 0, 0, true},
	{0755, 0755, 65533, 0, true},
	{0755, 0755, 0, 65533, true},
	{01777, 0755, 0, 65533, true},
};

/* Whose directory others can change is not read at all, as they could make the daemon wait. */
static void check_refused(const char *text)
{
	struct conf_options options = unit_options();
	struct config *config = unit_load_as("x.ini", text, &options);

	assert_int_equal(config->diag.errors, 1);
	assert_non_null(strstr(unit_first(config), "in a directory that others can change"));
	config_unref(config);
}

/* Of a text for clients, where it is said, once. */
static void check_text(const char *key, const struct mode_case *row)
{
	char text[PATH_MAX + 200];

	snprintf(text, sizeof(text), "[9000]\nlisten = 127.0.0.1:9000\ninternal = echo\n%s = %s\n",
		key, program);
	if (row->directory != 0755 || row->directory_owner != 0) {
		if (row->directory != 0700)
			check_refused(text);
		return;
	}
	snprintf(text, sizeof(text), "[9000]\nlisten = 127.0.0.1:9000\ninternal = echo\n%s = %s\n",
		key, program);
	assert_int_equal(warnings_of(text, true, true), row->open);
	assert_int_equal(warnings_of(text, true, false), 0);
	strlcat(text, "disable = yes\n", sizeof(text));
	assert_int_equal(warnings_of(text, true, true), 0);
	snprintf(text, sizeof(text),
		"[9000]\nlisten = 127.0.0.1:9000\ninternal = echo\n[9001]\nlisten = "
		"127.0.0.1:9001\ninternal = echo\n[defaults]\n%s = %s\n",
		key, program);
	assert_int_equal(warnings_of(text, true, true), row->open);
}

static void check_modes(const struct mode_case *row)
{
	char text[PATH_MAX + 100], link[] = "/tmp/test_advise_link.XXXXXX";
	int fd = mkstemp(link);

	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(unlink(link), 0);
	assert_int_equal(symlink(program, link), 0);
	snprintf(text, sizeof(text), "127.0.0.1:9000 stream tcp nowait root %s\n", program);
	assert_int_equal(warnings_of(text, false, true), row->open);
	assert_int_equal(warnings_of(text, false, false), 0);
	snprintf(text, sizeof(text), "127.0.0.1:9000 stream tcp nowait root %s\n", link);
	assert_int_equal(warnings_of(text, false, true), row->open);
	snprintf(text, sizeof(text),
		"[9000]\nbind = 127.0.0.1\nuser = root\nserver = /bin/sh\nwrapper = %s\n", program);
	assert_int_equal(warnings_of(text, true, true), row->open);
	assert_int_equal(unlink(link), 0);
	check_text("banner", row);
	check_text("banner_fail", row);
	check_text("busy_message", row);
}

static void test_programs_of_others(void **state)
{
	(void)state;
	if (getuid() != 0)
		unit_skip("needs root");
	for (size_t i = 0; i < COUNT(modes); i++) {
		assert_int_equal(chown(program, modes[i].owner, 0), 0);
		assert_int_equal(chmod(program, modes[i].file), 0);
		assert_int_equal(chown(dir, modes[i].directory_owner, 0), 0);
		assert_int_equal(chmod(dir, modes[i].directory), 0);
		check_modes(&modes[i]);
	}
}

static int make_program(void **state)
{
	FILE *file;

	(void)state;
	if (!mkdtemp(dir))
		return -1;
	snprintf(program, sizeof(program), "%s/program", dir);
	file = fopen(program, "w");
	if (file)
		fputs("#!/bin/sh\n", file);
	return file ? fclose(file) : -1;
}

static int remove_program(void **state)
{
	(void)state;
	return unlink(program) < 0 || rmdir(dir) < 0 ? -1 : 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_services),
		cmocka_unit_test(test_limits_of_the_command_line),
		cmocka_unit_test(test_programs_of_others),
	};

	return cmocka_run_group_tests_name("advice", tests, make_program, remove_program);
}
