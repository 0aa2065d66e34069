/* Names of RPC programs: what a file in the format of rpc(5) says, where libc cannot be asked. */
#include "unit.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/rpcname.h"

static char path[] = "/tmp/test_base_rpcname.XXXXXX";

static void write_file(const char *text)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void test_a_name_and_its_aliases(void **state)
{
	static const struct {
		const char *name;
		uint32_t number; /* 0: not known */
	} rows[] = {{"rstatd", 100001}, {"rstat", 100001}, {"perfmeter", 100001},
		{"rusersd", 4294967295}, {"tail", 7}, {"rstat_", 0}, {"100001", 0}, {"hidden", 0},
		{"half", 0}, {"lone", 0}, {"minus", 0}, {"large", 0}, {"", 0}, {"#", 0}};
	uint32_t number;

	(void)state;
	write_file("# comment\n\nrstatd\t\t100001\trstat rstat_svc perfmeter # hidden\nlone\n"
		   "half 12x\nminus -1\nlarge 4294967296\n \trusersd 4294967295\r\ntail 7");
	for (size_t i = 0; i < COUNT(rows); i++) {
		number = 1;
		assert_int_equal(rpcname_in_file(path, rows[i].name, &number), rows[i].number != 0);
		assert_int_equal(number, rows[i].number);
	}
}

static void test_no_file_is_no_name(void **state)
{
	uint32_t number = 1;

	(void)state;
	assert_false(rpcname_in_file("/nonexistent/rpc", "rstatd", &number));
	assert_int_equal(number, 0);
}

/* What this machine has of it, with whatever libc. */
static void test_this_machine_knows_the_same_names(void **state)
{
	static const char *const names[] = {"portmapper", "sunrpc", "rstatd", "nfsprog", "nosuch"};
	uint32_t number, told;

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		assert_int_equal(rpcname_number(names[i], &number), i < COUNT(names) - 1);
		rpcname_in_file("/etc/rpc", names[i], &told);
		assert_int_equal(number, told);
	}
}

static int make_file(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_name_and_its_aliases),
		cmocka_unit_test(test_no_file_is_no_name),
		cmocka_unit_test(test_this_machine_knows_the_same_names),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
