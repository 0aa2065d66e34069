/* test_config_messages: every message of config/ stands in a golden file of tests/conf. */
#include "config_slurp.h"

#include <dirent.h>
#include <fnmatch.h>
#include <ftw.h>

#include "config/keys/key.h"

#define CONF   "tests/conf"
#define SOURCE "inetd/config"

static char *golden; /* all .expect files, one after the other */

static void read_golden(void)
{
	DIR *dir = opendir(CONF);
	struct dirent *entry;
	size_t size = 0;
	FILE *out = open_memstream(&golden, &size);

	assert_non_null(dir);
	assert_non_null(out);
	while ((entry = readdir(dir))) {
		char path[512], *text, *dot = strrchr(entry->d_name, '.');
		size_t len = 0;

		if (!dot || strcmp(dot, ".expect") != 0)
			continue;
		snprintf(path, sizeof(path), "%s/%s", CONF, entry->d_name);
		text = slurp(path, &len);
		assert_non_null(text);
		fputs(text, out);
		free(text);
	}
	closedir(dir);
	assert_int_equal(fclose(out), 0);
}

/* A printf format as a pattern of fnmatch(3). */
static void make_pattern(const char *format, char *out, size_t size)
{
	char *end = out + size - 3;

	for (; *format && out < end; format++) {
		if (*format == '%') {
			format += strspn(format + 1, "-+ #0123456789.*hljztL") + 1;
			*out++ = '*';
		} else {
			if (strchr("*?[]\\", *format))
				*out++ = '\\';
			*out++ = *format;
		}
	}
	*out = 0;
}

/* What depends on the kernel; tests/run/protocols.bats sees it. */
static const char *const of_kernels[] = {"this kernel has no %s, or may not load it"};

static bool is_said(const char *format)
{
	char *lines = strdup(golden), *rest = lines, *line, pattern[1024];
	bool said = false;

	for (size_t i = 0; i < COUNT(of_kernels); i++)
		said |= !strcmp(format, of_kernels[i]);
	assert_non_null(lines);
	make_pattern(format, pattern, sizeof(pattern));
	while (!said && (line = strsep(&rest, "\n"))) {
		char *text = strstr(line, ": error: ");

		if (!text)
			text = strstr(line, ": warning: ");
		if (!text)
			text = strstr(line, ": note: ");
		if (text)
			said = !fnmatch(pattern, strstr(text + 2, ": ") + 2, 0);
	}
	free(lines);
	return said;
}

/* The string literals that stand one behind the other from `at` on, as one text. Returns what is
 * behind them. */
static const char *join_literals(const char *at, char *out, size_t size)
{
	size_t len = 0;

	while (*at == '"') {
		for (at++; *at && *at != '"'; at++) {
			char c = *at;

			if (c == '\\') /* only these are used in messages */
				c = *++at;
			if (len + 1 < size)
				out[len++] = c;
		}
		at += *at == '"';
		at += strspn(at, " \t\n");
	}
	out[len] = 0;
	return at;
}

/* Looks at every call of `macro` in a file. Returns how many formats are in no golden file. */
static unsigned check_calls(const char *text, const char *macro, const char *path, unsigned *seen)
{
	unsigned missing = 0;
	const char *at = text;

	while ((at = strstr(at, macro))) {
		const char *quote, *semicolon;
		char format[1024];

		at += strlen(macro);
		quote = strchr(at, '"');
		semicolon = strchr(at, ';');
		if (!quote || !semicolon || quote > semicolon) /* the definition of a macro */
			continue;
		at = join_literals(quote, format, sizeof(format));
		(*seen)++;
		if (is_said(format))
			continue;
		missing++;
		print_error("%s: no golden file has: %s\n", path, format);
	}
	return missing;
}

static unsigned missing_messages, seen_messages;

/* For nftw(3): one file of config/ or below. */
static int check_source(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	static const char *const macros[] = {
		"diag_add(", "CHECK_ERROR(", "CHECK_WARNING(", "FAIL(", "FAIL_LINE(", "WARN("};
	const char *dot = strrchr(path, '.');
	size_t len = 0;
	char *text;

	(void)st;
	(void)ftw;
	if (type != FTW_F || !dot || strcmp(dot, ".c") != 0)
		return 0;
	text = slurp(path, &len);
	assert_non_null(text);
	for (size_t i = 0; i < COUNT(macros); i++)
		missing_messages += check_calls(text, macros[i], path, &seen_messages);
	free(text);
	return 0;
}

static void test_every_message_is_golden(void **state)
{
	(void)state;
	read_golden();
	assert_int_equal(nftw(SOURCE, check_source, 8, FTW_PHYS), 0);
	free(golden);
	assert_true(seen_messages > 80);
	assert_int_equal(missing_messages, 0);
}

/* The same for what the rules of each key say. */
static void test_every_rule_is_golden(void **state)
{
	unsigned missing = 0, seen = 0;

	(void)state;
	read_golden();
	for (const struct key *key = key_table; key < key_table + KEY_COUNT; key++)
		for (const struct key_rule *rule = key->rules; rule && rule->why; rule++) {
			char text[300];

			seen++;
			snprintf(text, sizeof(text), ": %s: %s: %s\n",
				rule->severity == DIAG_ERROR ? "error" : "warning", key->name,
				rule->why);
			if (strstr(golden, text))
				continue;
			missing++;
			print_error("no golden file has%s", text);
		}
	free(golden);
	assert_true(seen > 40);
	assert_int_equal(missing, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_message_is_golden),
		cmocka_unit_test(test_every_rule_is_golden),
	};

	return cmocka_run_group_tests_name("messages", tests, NULL, NULL);
}
