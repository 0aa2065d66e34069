/* below_open: what the kernel answers by openat2(2) and what the walk name by name does where that
 * is refused are the same, for each path of a tree with everything that may stand in the way. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <seccomp.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/below.h"

static char longest[NAME_MAX + 2];

static const char *const paths[] = {"", "/", "//", ".", "..", "../", "a", "a/", "/a", "a/b", "a/b/",
	"a//b", "a/./b", "a/../a/b", "a/..", "a/../..", "a/../../outside", "../outside", "file",
	"file/", "file/.", "file/..", "file/x", "none", "none/x", "to-file", "to-file/", "to-a",
	"to-a/", "to-a/b", "to-a/..", "to-up", "to-up/outside", "to-root", "absolute", "absolute/x",
	"loop", "loop/x", "to-loop", "broken", "broken/", "chain-0", "chain-45", "a/back",
	"a/back/file", "a/back/a/back/file", "a/b/far", "a/b/too-far", "locked", "locked/x", "fifo",
	"fifo/", "to-slash", "to-slash/b", "...", "a/...", longest};

struct seen {
	int err;
	ino_t inode;
	mode_t mode;
	bool used;
};

static int root = -1;

static void file_at(const char *path)
{
	int fd = openat(root, path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	close(fd);
}

static void link_at(const char *target, const char *path)
{
	assert_int_equal(symlinkat(target, root, path), 0);
}

static void make_links(void)
{
	char name[32], target[32];

	link_at("file", "to-file");
	link_at("a", "to-a");
	link_at("a/", "to-slash");
	link_at("..", "to-up");
	link_at(".", "to-root");
	link_at("/etc/passwd", "absolute");
	link_at("loop", "loop");
	link_at("to-a/../loop", "to-loop");
	link_at("none", "broken");
	link_at("..", "a/back");
	link_at("../../file", "a/b/far");
	link_at("../../../outside", "a/b/too-far");
	for (int i = 0; i < 45; i++) {
		snprintf(name, sizeof(name), "chain-%d", i + 1);
		snprintf(target, sizeof(target), i ? "./chain-%d" : "a/../chain-%d", i);
		link_at(target, name);
	}
}

static int setup(void **state)
{
	static char top[] = "/tmp/test_below.XXXXXX";

	assert_non_null(mkdtemp(top));
	assert_int_equal(chdir(top), 0);
	assert_int_equal(mkdir("root", 0755), 0);
	root = open("root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_true(root >= 0);
	file_at("../outside");
	file_at("file");
	file_at("chain-0");
	assert_int_equal(mkdirat(root, "a", 0755), 0);
	assert_int_equal(mkdirat(root, "a/b", 0755), 0);
	assert_int_equal(mkdirat(root, "locked", 0), 0);
	assert_int_equal(mkdirat(root, "...", 0755), 0);
	assert_int_equal(mkfifoat(root, "fifo", 0644), 0);
	make_links();
	memset(longest, 'x', sizeof(longest) - 1);
	*state = top;
	return 0;
}

static int remove_one(const char *path, const struct stat *file, int type, struct FTW *at)
{
	(void)file;
	(void)type;
	(void)at;
	return remove(path);
}

static int teardown(void **state)
{
	close(root);
	return nftw(*state, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static struct seen look(const char *path)
{
	struct stat file = {0};
	struct seen seen = {.used = true};
	int fd = below_open(root, path, &file);

	seen.err = fd < 0 ? errno : 0;
	if (fd >= 0) {
		seen.inode = file.st_ino;
		seen.mode = file.st_mode;
		assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
		close(fd);
	}
	return seen;
}

/* From here on openat2(2) fails with this errno. */
static int refuse(int err)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);

	return !ctx || seccomp_rule_add(ctx, SCMP_ACT_ERRNO((unsigned)err), SCMP_SYS(openat2), 0) ||
	       seccomp_load(ctx);
}

static void test_the_same(void **state)
{
	static struct seen before[COUNT(paths)];
	static const int errors[] = {ENOSYS, EPERM};
	int next;

	(void)state;
	for (size_t i = 0; i < COUNT(paths); i++)
		before[i] = look(paths[i]);
	next = dup(root);
	close(next);
	for (size_t e = 0; e < COUNT(errors); e++) {
		if (refuse(errors[e]))
			unit_skip("no filter of system calls can be had");
		for (size_t i = 0; i < COUNT(paths); i++) {
			struct seen now = look(paths[i]);

			print_message("# %s\n", paths[i]);
			assert_int_equal(now.err, before[i].err);
			assert_int_equal(now.inode, before[i].inode);
			assert_int_equal(now.mode, before[i].mode);
		}
	}
	/* Nothing has stayed open. */
	assert_int_equal(dup(root), next);
	close(next);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_the_same)};

	return cmocka_run_group_tests_name("service/below", tests, setup, teardown);
}
