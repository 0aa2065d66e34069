/* test_config_files: which files are read, whom they must belong to, what a reload keeps. */
#include "config_describe.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

/* Who calls is root here, whoever runs the test. */
uid_t geteuid(void);
uid_t geteuid(void)
{
	return 0;
}

#define LINE(port) port " stream tcp4 nowait root /bin/sh\n"

static char top[] = "/tmp/test_config.XXXXXX";

static int make_top(void **state)
{
	(void)state;
	umask(022);
	return mkdtemp(top) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int remove_top(void **state)
{
	(void)state;
	return nftw(top, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static const char *at_top(const char *name)
{
	static char path[4][256];
	static unsigned turn;
	char *out = path[turn++ % 4];

	snprintf(out, sizeof(path[0]), "%s/%s", top, name);
	return out;
}

static void write_file(const char *name, const char *text)
{
	FILE *file = fopen(at_top(name), "w");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static void make_dir(const char *name)
{
	assert_int_equal(mkdir(at_top(name), 0755), 0);
}

/* Loads the named files and directories of the top. */
static struct config *load(const char *a, const char *b)
{
	const char *paths[] = {a, b};
	struct conf_options options = unit_options();
	struct config *config;

	options.paths = paths;
	options.path_count = b ? 2 : 1;
	options.directory = top;
	config = config_load(&options);
	assert_non_null(config);
	return config;
}

/* The ports of all services as "80 81 ", the errors behind it. */
static const char *outcome(const struct config *config)
{
	static char text[200];

	text[0] = 0;
	for (size_t i = 0; i < config->service_count; i++)
		describe_add(text, sizeof(text), "%s ", config->services[i]->name);
	describe_add(text, sizeof(text), "%ue", config->diag.errors);
	return text;
}

static void assert_outcome(const char *a, const char *b, const char *wanted)
{
	struct config *config = load(a, b);

	if (strcmp(outcome(config), wanted) != 0)
		fail_msg("%s, not %s: %s", outcome(config), wanted, unit_first(config));
	config_unref(config);
}

static void test_several_operands(void **state)
{
	struct config *config;

	(void)state;
	write_file("one.conf", LINE("81"));
	write_file("two.conf", LINE("82"));
	write_file("bad.conf", LINE("83") "rubbish\n");
	assert_outcome("one.conf", "two.conf", "81 82 0e");
	assert_outcome("two.conf", "one.conf", "82 81 0e");
	assert_outcome("one.conf", "missing.conf", "81 1e");
	assert_outcome("one.conf", "one.conf", "81 1e");
	config = load("one.conf", "bad.conf");
	assert_string_equal(outcome(config), "81 83 1e");
	assert_int_equal(config->entry_count, 3);
	assert_int_equal(config->file_count, 2);
	config_unref(config);
	config = load("missing.conf", NULL);
	assert_int_equal(config->file_count, 0);
	config_unref(config);
	assert_outcome(at_top("one.conf"), NULL, "81 0e");
	assert_outcome("/dev/null", NULL, "0e");
}

static void test_directory(void **state)
{
	(void)state;
	make_dir("dir");
	write_file("dir/b.conf", LINE("82"));
	write_file("dir/a.ini", "[81/tcp4]\nserver = /bin/sh\nuser = root\n");
	write_file("dir/B.conf", LINE("80"));
	write_file("dir/c.conf~", "rubbish\n");
	write_file("dir/c.conf.bak", "rubbish\n");
	write_file("dir/.c.conf", "rubbish\n");
	write_file("dir/c.ini.dpkg-new", "rubbish\n");
	write_file("dir/x.dpkg-old.conf", "rubbish\n");
	write_file("dir/x.rpmsave.ini", "rubbish\n");
	write_file("dir/README", "rubbish\n");
	make_dir("dir/sub.conf");
	write_file("dir/sub.conf/d.conf", "rubbish\n");
	assert_outcome("dir", NULL, "80 82 81 0e");
	assert_outcome("dir/", NULL, "80 82 81 0e");
	write_file("dir/c.conf", "rubbish\n");
	assert_outcome("dir", NULL, "80 82 81 1e");
	make_dir("empty");
	assert_outcome("empty", NULL, "0e");
}

static void test_include(void **state)
{
	(void)state;
	make_dir("inc");
	make_dir("inc/more");
	write_file("inc/main.conf", ".include more/*\n" LINE("80"));
	write_file("inc/more/b.conf", LINE("82"));
	write_file("inc/more/a.conf", "127.0.0.1:\n" LINE("81"));
	write_file("inc/more/x~", "rubbish\n");
	assert_outcome("inc/main.conf", NULL, "81 82 80 0e");
	write_file("inc/abs.conf", ".include '/nonexistent/*' # not read\n" LINE("80"));
	assert_outcome("inc/abs.conf", NULL, "80 0e");
	write_file("inc/one.conf", ".include more/b.conf\n" LINE("80"));
	assert_outcome("inc/one.conf", NULL, "82 80 0e");
	write_file("inc/dir.conf", ".include more\n" LINE("80"));
	assert_outcome("inc/dir.conf", NULL, "81 82 80 0e");
	write_file("inc/gone.conf", ".include more/c.conf\n" LINE("80"));
	assert_outcome("inc/gone.conf", NULL, "80 1e");
	write_file("inc/ini.conf", ".include x.ini\n");
	write_file("inc/x.ini", "[84/tcp4]\nserver = /bin/sh\nuser = root\n");
	assert_outcome("inc/ini.conf", NULL, "84 0e");
}

/* The default address goes in, and what is set inside does not come out. */
static void test_default_address_of_includes(void **state)
{
	struct config *config;

	(void)state;
	write_file("outer.conf", "127.0.0.1:\n.include inner.conf\n" LINE("80"));
	write_file("inner.conf", LINE("81") "127.0.0.2:\n" LINE("82"));
	config = load("outer.conf", NULL);
	assert_int_equal(config->service_count, 3);
	assert_string_equal(config->services[0]->bind, "127.0.0.1");
	assert_string_equal(config->services[1]->bind, "127.0.0.2");
	assert_string_equal(config->services[2]->bind, "127.0.0.1");
	config_unref(config);
}

static void test_cycles_are_refused(void **state)
{
	char name[32], text[64];

	(void)state;
	write_file("self.conf", ".include self.conf\n" LINE("80"));
	assert_outcome("self.conf", NULL, "80 1e");
	write_file("ping.conf", ".include pong.conf\n" LINE("80"));
	write_file("pong.conf", ".include ping.conf\n" LINE("81"));
	assert_outcome("ping.conf", NULL, "81 80 1e");
	for (unsigned i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "deep%u.conf", i);
		snprintf(text, sizeof(text), ".include deep%u.conf\n", i + 1);
		write_file(name, i == 39 ? LINE("80") : text);
	}
	assert_outcome("deep7.conf", NULL, "80 0e");
	assert_outcome("deep6.conf", NULL, "1e");
}

static void test_modes(void **state)
{
	struct config *config;

	(void)state;
	write_file("mode.conf", LINE("80"));
	assert_outcome("mode.conf", NULL, "80 0e");
	assert_int_equal(chmod(at_top("mode.conf"), 0666), 0);
	assert_outcome("mode.conf", NULL, "1e");
	assert_int_equal(chmod(at_top("mode.conf"), 0664), 0);
	config = load("mode.conf", NULL);
	assert_string_equal(outcome(config), "80 0e");
	assert_int_equal(config->diag.warnings, 1);
	config_unref(config);
	make_dir("open");
	write_file("open/a.conf", LINE("80"));
	assert_outcome("open", NULL, "80 0e");
	assert_int_equal(chmod(at_top("open"), 0777), 0);
	assert_outcome("open", NULL, "1e");
}

static void test_owners(void **state)
{
	(void)state;
	if (getuid() != 0)
		unit_skip("needs root");
	write_file("owner.conf", LINE("80"));
	assert_outcome("owner.conf", NULL, "80 0e");
	assert_int_equal(chown(at_top("owner.conf"), 65534, 65534), 0);
	assert_outcome("owner.conf", NULL, "1e");
}

/* Nobody writes to it: reading must not wait. */
static void test_pipe_is_refused(void **state)
{
	(void)state;
	assert_int_equal(mkfifo(at_top("pipe.conf"), 0600), 0);
	assert_outcome("pipe.conf", NULL, "1e");
}

static void test_missing_defaults_are_passed_over(void **state)
{
	const char *paths[] = {"nosuch.conf", "some.conf"};
	struct conf_options options = unit_options();
	struct config *config;

	(void)state;
	write_file("some.conf", LINE("80"));
	options.paths = paths;
	options.path_count = 2;
	options.directory = top;
	options.missing_is_error = false;
	config = config_load(&options);
	assert_string_equal(outcome(config), "80 0e");
	config_unref(config);
	assert_int_equal(unlink(at_top("some.conf")), 0);
	config = config_load(&options);
	assert_string_equal(outcome(config), "2e");
	assert_int_equal(config->file_count, 0);
	config_unref(config);
}

/* What of the services on 80, 81... of `before` does `after` keep? */
static const char *kept(const struct config *before, const struct config *after)
{
	static char text[100];

	text[0] = 0;
	for (size_t i = 0; i < before->service_count; i++)
		if (config_keeps(after, before->services[i]))
			describe_add(text, sizeof(text), "%s ", before->services[i]->name);
	return text;
}

static void assert_kept(const struct config *before, const char *wanted)
{
	struct config *after = load("keep/main.conf", "keep/other.conf");

	assert_string_equal(kept(before, after), wanted);
	config_unref(after);
}

static void test_a_file_with_an_error_removes_nothing(void **state)
{
	struct config *before;

	(void)state;
	make_dir("keep");
	write_file("keep/main.conf", LINE("80") ".include inc.conf\n");
	write_file("keep/inc.conf", LINE("81"));
	write_file("keep/other.conf", LINE("82"));
	before = load("keep/main.conf", "keep/other.conf");
	assert_string_equal(outcome(before), "80 81 82 0e");
	assert_kept(before, "");

	write_file("keep/other.conf", "rubbish\n");
	assert_kept(before, "82 ");
	write_file("keep/other.conf", "");
	assert_kept(before, "");
	write_file("keep/inc.conf", "rubbish\n");
	assert_kept(before, "81 ");
	write_file("keep/inc.conf", "");
	write_file("keep/main.conf", "rubbish\n"); /* what it included is kept too */
	assert_kept(before, "80 81 ");
	write_file("keep/main.conf", "");
	assert_kept(before, "");
	assert_int_equal(unlink(at_top("keep/main.conf")), 0);
	assert_kept(before, "80 81 ");
	write_file("keep/main.conf", LINE("80") ".include inc.conf\n");
	assert_int_equal(unlink(at_top("keep/inc.conf")), 0);
	assert_kept(before, "81 ");
	assert_int_equal(chmod(at_top("keep/main.conf"), 0666), 0);
	assert_kept(before, "80 81 ");
	config_unref(before);
}

static void test_a_file_gone_from_a_directory_is_removed(void **state)
{
	struct config *before, *after;

	(void)state;
	make_dir("keepdir");
	write_file("keepdir/a.conf", LINE("80"));
	write_file("keepdir/b.conf", LINE("81"));
	before = load("keepdir", NULL);
	assert_string_equal(outcome(before), "80 81 0e");
	assert_int_equal(unlink(at_top("keepdir/a.conf")), 0);
	after = load("keepdir", NULL);
	assert_string_equal(kept(before, after), "");
	config_unref(after);
	assert_int_equal(rename(at_top("keepdir"), at_top("elsewhere")), 0);
	after = load("keepdir", NULL);
	assert_string_equal(kept(before, after), "80 81 ");
	config_unref(after);
	config_unref(before);
}

static void test_many(void **state)
{
	enum { MANY = 5000 };
	FILE *file = fopen(at_top("many.conf"), "w");
	struct config *first, *second;

	(void)state;
	assert_non_null(file);
	for (int i = 0; i < MANY; i++)
		fprintf(file, "%d stream tcp nowait.%d root /bin/sh sh -c 'exit %d'\n", 1000 + i,
			i + 1, i % 7);
	assert_int_equal(fclose(file), 0);
	first = load("many.conf", NULL);
	second = load("many.conf", NULL);
	assert_int_equal(first->service_count, MANY);
	assert_int_equal(second->service_count, MANY);
	for (size_t i = 0; i < MANY; i++)
		assert_true(service_equal(first->services[i], second->services[i]));
	for (size_t i = 1; i < MANY; i++)
		assert_false(service_equal(first->services[i - 1], first->services[i]));
	config_unref(first);
	config_unref(second);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_several_operands),
		cmocka_unit_test(test_directory),
		cmocka_unit_test(test_include),
		cmocka_unit_test(test_default_address_of_includes),
		cmocka_unit_test(test_cycles_are_refused),
		cmocka_unit_test(test_modes),
		cmocka_unit_test(test_owners),
		cmocka_unit_test(test_pipe_is_refused),
		cmocka_unit_test(test_missing_defaults_are_passed_over),
		cmocka_unit_test(test_a_file_with_an_error_removes_nothing),
		cmocka_unit_test(test_a_file_gone_from_a_directory_is_removed),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests_name("files", tests, make_top, remove_top);
}
