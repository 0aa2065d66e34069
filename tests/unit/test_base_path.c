/* Paths that others may have a hand in: what is followed, what is ours, and who could change them.
 */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"

#define OTHER 12345

/* A directory that only root can change, with a directory of somebody else in it. */
static char base[64];

static char *at(const char *name)
{
	static char paths[4][256];
	static unsigned next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", base, name);
	return path;
}

static void make_file(const char *name)
{
	int fd = open(at(name), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	close(fd);
}

static int setup(void **state)
{
	(void)state;
	if (geteuid() != 0)
		return 0;
	/* Not below /tmp, which is everybody's. */
	strlcpy(base, "/run/inetd-test-path.XXXXXX", sizeof(base));
	if (!mkdtemp(base) || chmod(base, 0755) < 0)
		return -1;
	if (mkdir(at("own"), 0755) < 0 || mkdir(at("his"), 0755) < 0 ||
		mkdir(at("all"), 0755) < 0 || chmod(at("all"), 01777) < 0)
		return -1;
	make_file("own/file");
	make_file("his/file");
	if (symlink("own", at("link")) < 0 || symlink(at("own"), at("his/link")) < 0 ||
		symlink("his", at("to-his")) < 0 || symlink("own/file", at("last")) < 0 ||
		link(at("own/file"), at("his/second")) < 0 || symlink("loop", at("loop")) < 0)
		return -1;
	return lchown(at("his"), OTHER, OTHER) < 0 || lchown(at("his/link"), OTHER, OTHER) < 0;
}

static int teardown(void **state)
{
	static const char *const names[] = {"own/file", "his/file", "his/link", "his/second",
		"his/new", "own/new", "link", "to-his", "last", "loop"};

	(void)state;
	if (!base[0])
		return 0;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlink(at(names[i]));
	rmdir(at("own"));
	rmdir(at("his"));
	rmdir(at("all"));
	return rmdir(base);
}

static void need_root(void)
{
	if (geteuid() != 0)
		unit_skip("needs root");
}

/* Closes what could be opened. */
static int opened(const char *name, int flags)
{
	int fd = path_open(at(name), flags, 0640);

	if (fd >= 0)
		close(fd);
	return fd < 0 ? fd : 0;
}

static void opens_what_is_safe(void **state)
{
	(void)state;
	need_root();
	assert_int_equal(opened("own/file", O_RDONLY), 0);
	assert_int_equal(opened("own//./../own/file", O_RDONLY), 0);
	assert_int_equal(opened("own/new", O_WRONLY | O_CREAT), 0);
	assert_int_equal(opened("his/file", O_RDONLY), 0);
	assert_int_equal(opened("his/new", O_WRONLY | O_CREAT), 0);
	assert_int_equal(opened("link/file", O_RDONLY), 0);
	assert_int_equal(opened("to-his/file", O_RDONLY), 0);
}

static void follows_no_link_of_others(void **state)
{
	(void)state;
	need_root();
	assert_int_equal(opened("his/link/file", O_RDONLY), -ELOOP);
	assert_int_equal(opened("to-his/link/file", O_RDONLY), -ELOOP);
	assert_int_equal(opened("his/../his/link/file", O_RDONLY), -ELOOP);
	assert_int_equal(opened("last", O_RDONLY), -ELOOP);
	assert_int_equal(opened("loop/file", O_RDONLY), -ELOOP);
	assert_int_equal(opened("his/second", O_RDONLY), -EMLINK);
}

static void errors(void **state)
{
	struct path_place place;
	char name[300];

	(void)state;
	need_root();
	assert_int_equal(path_find("relative/x", &place), -EINVAL);
	assert_int_equal(path_find("/tmp/", &place), -EINVAL);
	assert_int_equal(path_find("/", &place), -EINVAL);
	assert_int_equal(opened("none/x", O_RDONLY), -ENOENT);
	assert_int_equal(opened("own/file/x", O_RDONLY), -ENOTDIR);
	memset(name, 'x', sizeof(name));
	name[0] = '/';
	strlcpy(name + 280, "/x", 20);
	assert_int_equal(path_find(name, &place), -ENAMETOOLONG);
}

static void knows_its_own(void **state)
{
	(void)state;
	need_root();
	assert_true(path_is_own(at("own/none")));
	assert_true(path_is_own(at("link/none")));
	assert_false(path_is_own(at("his/none")));
	assert_false(path_is_own(at("his/none/none")));
	assert_false(path_is_own(at("to-his/none")));
	assert_false(path_is_own(at("all/none")));
	assert_int_equal(mkdir(at("all/own"), 0755), 0);
	assert_true(path_is_own(at("all/own/none")));
	assert_int_equal(chown(at("all/own"), OTHER, OTHER), 0);
	assert_false(path_is_own(at("all/own/none")));
	assert_int_equal(rmdir(at("all/own")), 0);
	assert_false(path_is_own("relative"));
	/* Where a link of ours leads to counts. */
	assert_true(path_is_own(at("own/file")));
	assert_true(path_is_own(at("last")));
	assert_int_equal(symlink("his/file", at("last-his")), 0);
	assert_false(path_is_own(at("last-his")));
	assert_int_equal(unlink(at("last-his")), 0);
	assert_false(path_is_own(at("loop")));
}

static void finds_strangers(void **state)
{
	struct path_stranger stranger;

	(void)state;
	need_root();
	assert_false(path_find_stranger(at("own/file"), 0, true, &stranger));
	assert_false(path_find_stranger(at("last"), 0, true, &stranger));
	assert_false(path_find_stranger(at("all/none"), 0, true, &stranger));
	assert_true(path_find_stranger(at("his/file"), 0, true, &stranger));
	assert_int_equal(stranger.uid, OTHER);
	assert_string_equal(stranger.at, at("his"));
	assert_true(path_find_stranger(at("to-his/file"), 0, true, &stranger));
	assert_string_equal(stranger.at, at("his"));
	/* His own service he may change. */
	assert_false(path_find_stranger(at("his/file"), OTHER, true, &stranger));
	assert_int_equal(chown(at("own/file"), OTHER, -1), 0);
	assert_true(path_find_stranger(at("last"), 0, true, &stranger));
	assert_string_equal(stranger.at, at("own/file"));
	assert_int_equal(chown(at("own/file"), 0, OTHER), 0);
	assert_int_equal(chmod(at("own/file"), 0664), 0);
	assert_true(path_find_stranger(at("own/file"), 0, true, &stranger));
	assert_int_equal(stranger.uid, (uid_t)-1);
	assert_int_equal(stranger.gid, OTHER);
	assert_int_equal(chmod(at("own/file"), 0646), 0);
	assert_true(path_find_stranger(at("own/file"), 0, true, &stranger));
	assert_int_equal(stranger.gid, (gid_t)-1);
	assert_int_equal(chmod(at("own/file"), 0644), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opens_what_is_safe),
		cmocka_unit_test(follows_no_link_of_others),
		cmocka_unit_test(errors),
		cmocka_unit_test(knows_its_own),
		cmocka_unit_test(finds_strangers),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
