/* test_config_golden: tests/conf holds configurations, and beside each what `inetd -t` says of it.
 * GOLDEN_UPDATE=1 writes what is said now. */
#include "config_slurp.h"

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <linux/capability.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/program_file.h"

#define CONF "tests/conf"

static char source[PATH_MAX];                   /* absolute CONF */
static char copy[] = "/tmp/test_golden.XXXXXX"; /* of it, with the modes that are wanted */
static uid_t caller;

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

/* Who calls is said by the case, whoever runs the test. */
uid_t geteuid(void);
uid_t geteuid(void)
{
	return caller;
}

/* What a case needs that does not stand in its file. */
struct special {
	const char *name;
	mode_t mode; /* 0: 0644 */
	uid_t owner, caller;
	size_t line;     /* bytes of a line that is put behind the file */
	bool pipe;       /* the file is none */
	bool open;       /* a program and the directory of a file are everyone's */
	bool shared;     /* the group, root's, may change the directory of a file */
	bool is_default; /* not named on the command line */
	bool poor;       /* nothing can confine programs, and it knows no system call */
	bool old;        /* confines them as Linux 6.1 does */
	bool unlinked;   /* it was built without libtirpc */
	bool rightless;  /* root has not the right to become another user */
};

static const struct special specials[] = {
	{"everyone", .mode = 0666},
	{"group", .mode = 0664},
	{"owner", .owner = 65533},
	{"caller", .caller = 65534},
	{"long", .line = (64 << 10) + 1},
	{"pipe", .pipe = true},
	{"advise", .open = true},
	{"shared", .shared = true},
	{"absent", .is_default = true},
	{"cage", .poor = true},
	{"cage_old", .old = true},
	{"rights", .rightless = true},
	{"unlinked", .unlinked = true},
};

static const struct special *special_of(const char *name)
{
	static const struct special none;

	for (size_t i = 0; i < COUNT(specials); i++)
		if (!strcmp(specials[i].name, name))
			return &specials[i];
	return &none;
}

/* --- a copy whose modes do not depend on how the tree was checked out --- */

/* A name that ends in an octal number, as in "x.0711", has that mode; others `usual`. */
static mode_t mode_of(const char *path, mode_t usual)
{
	const char *dot = strrchr(path, '.');

	return dot && dot[1] == '0' ? (mode_t)strtoul(dot + 1, NULL, 8) : usual;
}

static int copy_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	char to[PATH_MAX * 2];
	size_t len = 0;
	char *text;
	FILE *file;

	(void)st;
	(void)ftw;
	snprintf(to, sizeof(to), "%s%s", copy, path + strlen(source));
	if (type == FTW_D)
		return strcmp(to, copy) ? mkdir(to, mode_of(to, 0755)) : 0;
	file = fopen(to, "w");
	if (!file)
		return -1;
	text = slurp(path, &len);
	assert_non_null(text);
	fwrite(text, 1, len, file);
	free(text);
	return fclose(file) || chmod(to, mode_of(to, 0644));
}

static int make_copy(void **state)
{
	(void)state;
	umask(022);
	if (!realpath(CONF, source) || !mkdtemp(copy) || chmod(copy, 0755) < 0)
		return -1;
	return nftw(source, copy_one, 16, FTW_PHYS);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int remove_copy(void **state)
{
	(void)state;
	return nftw(copy, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* --- what is said of each --- */

/* "NAME.conf", "NAME.ini" or the directory "NAME", whichever is there; else the first. */
static void operand_of(const char *name, char *operand, size_t size)
{
	static const char *const ends[] = {".conf", ".ini", ""};
	char path[PATH_MAX];

	for (size_t i = 0; i < COUNT(ends); i++) {
		snprintf(operand, size, "%s%s", name, ends[i]);
		snprintf(path, sizeof(path), "%s/%s", copy, operand);
		if (access(path, F_OK) == 0)
			return;
	}
	snprintf(operand, size, "%s.conf", name);
}

static bool knows_nothing(const char *name)
{
	(void)name;
	return false;
}

static const struct cage_features *no_features(void)
{
	static const struct cage_features none = {.knows_call = knows_nothing};

	return &none;
}

static const struct cage_features *old_features(void)
{
	static const struct cage_features old = {.landlock_abi = 2,
		.namespaces = true,
		.filters = true,
		.root = true,
		.knows_call = knows_nothing};

	return &old;
}

/* Names the copy as every run can, in place: it has another path each time. */
static void unname_copy(char *text)
{
	char *at;

	while ((at = strstr(text, copy))) {
		memcpy(at, "COPY", 4);
		memmove(at + 4, at + strlen(copy), strlen(at + strlen(copy)) + 1);
	}
}

/* What another libc calls an error, as glibc does, in a text of its own; the old one is freed. */
static char *name_error(char *text, int err, const char *wanted)
{
	const char *words = strerror(err);
	char *at = strstr(text, words), *named;

	if (!at)
		return text;
	assert_true(asprintf(&named, "%.*s%s%s", (int)(at - text), text, wanted,
			    at + strlen(words)) >= 0);
	free(text);
	return named;
}

/* Takes away, or gives back, the right to become another user. */
static void set_right(bool on)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2];

	assert_int_equal(syscall(SYS_capget, &header, data), 0);
	if (on)
		data[0].effective |= 1U << CAP_SETUID;
	else
		data[0].effective &= ~(1U << CAP_SETUID);
	assert_int_equal(syscall(SYS_capset, &header, data), 0);
}

/* Where the service programs of this build are, as the daemon finds them beside itself. */
static const char *built_services(void)
{
	static char path[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);

	assert_true(len > 0);
	path[len] = 0;
	for (int up = 0; up < 3; up++)
		*strrchr(path, '/') = 0;
	strlcat(path, "/services", sizeof(path));
	return path;
}

/* All diagnostics of an operand, as `inetd -t` prints them; freed by the caller. */
static char *said_of(const char *operand, const struct special *special)
{
	struct conf_options options = unit_options();
	struct config *config;
	size_t len = 0;
	char *text = NULL;
	FILE *out;

	options.paths = &operand;
	options.path_count = 1;
	options.directory = copy;
	options.services = built_services();
	options.advise = true;
	options.missing_is_error = !special->is_default;
	options.without_rpc = special->unlinked;
	options.features = special->poor ? no_features : special->old ? old_features : NULL;
	caller = special->caller;
	if (special->rightless)
		set_right(false);
	config = config_load(&options);
	if (special->rightless)
		set_right(true);
	assert_non_null(config);
	out = open_memstream(&text, &len);
	assert_non_null(out);
	diag_print(&config->diag, out);
	assert_int_equal(fclose(out), 0);
	config_unref(config);
	unname_copy(text);
	return name_error(text, ENAMETOOLONG, "File name too long");
}

static bool compare(const char *name, const char *wanted, const char *path)
{
	char operand[200];
	const struct special *special = special_of(name);
	char *said;
	bool equal;

	operand_of(name, operand, sizeof(operand));
	said = said_of(operand, special);
	equal = !strcmp(said, wanted);
	if (!equal && getenv("GOLDEN_UPDATE")) {
		FILE *file = fopen(path, "w");

		assert_non_null(file);
		fputs(said, file);
		assert_int_equal(fclose(file), 0);
	} else if (!equal) {
		/* print_error() cuts what is long. */
		fprintf(stderr, "--- %s is to be\n%s--- but is\n%s", operand, wanted, said);
	}
	free(said);
	return equal;
}

/* The program of the case, and a directory above another one. */
static bool open_program(void)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/advise.d/tool", copy);
	if (chmod(path, 0777) < 0)
		return false;
	snprintf(path, sizeof(path), "%s/advise.d/tcpd", copy);
	if (chmod(path, 0755) < 0)
		return false;
	snprintf(path, sizeof(path), "%s/advise.d/open/file.conf", copy);
	if (chmod(path, 0644) < 0)
		return false;
	snprintf(path, sizeof(path), "%s/advise.d/open", copy);
	return chmod(path, 0777) == 0;
}

static bool share_directory(void)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/shared.d", copy);
	return getuid() == 0 && chmod(path, 0775) == 0;
}

static bool add_line(const char *path, size_t bytes)
{
	FILE *file = fopen(path, "a");

	for (size_t i = 0; file && i < bytes; i++)
		fputc(i == 10 ? '=' : 'x', file);
	return file && fclose(file) == 0;
}

/* Gives a file of the copy the mode and owner that its case wants. False if that cannot be. */
static bool prepare(const char *name)
{
	const struct special *special = special_of(name);
	char operand[200], path[PATH_MAX];

	operand_of(name, operand, sizeof(operand));
	snprintf(path, sizeof(path), "%s/%s", copy, operand);
	if (special->rightless && getuid() != 0)
		return false;
	if (special->pipe && mkfifo(path, 0600) < 0)
		return false;
	if (special->open && !open_program())
		return false;
	if (special->shared && !share_directory())
		return false;
	if (special->line && !add_line(path, special->line))
		return false;
	if (special->mode && chmod(path, special->mode) < 0)
		return false;
	return !special->owner || chown(path, special->owner, (gid_t)-1) == 0;
}

static void test_golden(void **state)
{
	DIR *dir = opendir(source);
	struct dirent *entry;
	unsigned different = 0, seen = 0;

	(void)state;
	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		char name[256], path[PATH_MAX * 2];
		char *dot = strrchr(entry->d_name, '.'), *wanted;
		size_t len;

		if (!dot || strcmp(dot, ".expect") != 0)
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)(dot - entry->d_name), entry->d_name);
		if (!prepare(name)) {
			print_message("%s: needs root\n", name);
			continue;
		}
		snprintf(path, sizeof(path), "%s/%s", source, entry->d_name);
		wanted = slurp(path, &len);
		assert_non_null(wanted);
		different += !compare(name, wanted, path);
		seen++;
		free(wanted);
	}
	closedir(dir);
	assert_true(seen > 0);
	assert_int_equal(different, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden),
	};

	return cmocka_run_group_tests_name("golden", tests, make_copy, remove_copy);
}
