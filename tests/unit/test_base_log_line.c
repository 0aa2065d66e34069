/* Lines of the log in their three forms: nothing that a value holds can make a second line, a
 * second field, or broken JSON. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log_line.h"

static const struct log_field fields[] = {
	{"service", "echo", false},
	{"peer", "a b\" pid=1\nMESSAGE=x", false},
	{"empty", NULL, false},
	{"pid", "42", true},
	{NULL, NULL, false},
};

static const struct log_line line = {
	.level = LOG_INFO,
	.ident = "inetd",
	.pid = 7,
	.text = "echo: \"started\"",
	.fields = fields,
	.time_us = 1000000000000001ULL,
};

static void test_text(void **state)
{
	char buf[256];

	(void)state;
	log_line_text(&line, buf, sizeof(buf));
	assert_string_equal(buf, "echo: \"started\" service=echo "
				 "peer=\"a b\\\" pid=1?MESSAGE=x\" empty=\"\" pid=42");
}

/* A text that looks like more than it is stands in quotes. */
static void test_text_is_no_field(void **state)
{
	static const char *const texts[] = {"x service=y", "\"x\" pid=1", "a\\ b=c", "\"x"};
	static const char *const quoted[] = {
		"\"x service=y\"", "\"\\\"x\\\" pid=1\"", "\"a\\\\ b=c\"", "\"\\\"x\""};
	struct log_line forged = line;
	char buf[256];

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		forged.text = texts[i];
		forged.fields = fields;
		log_line_text(&forged, buf, sizeof(buf));
		assert_memory_equal(buf, quoted[i], strlen(quoted[i]));
		assert_memory_equal(buf + strlen(quoted[i]), " service=echo", 13);
		forged.fields = NULL;
		log_line_text(&forged, buf, sizeof(buf));
		assert_string_equal(buf, quoted[i]);
	}
}

/* And one that does not, does not. */
static void test_text_is_text(void **state)
{
	static const char *const texts[] = {"x = y", "= \"", "x \"y\"", "=", "a\\b", "x: 'y'"};
	struct log_line plain = line;
	char buf[256];

	(void)state;
	plain.fields = NULL;
	for (size_t i = 0; i < COUNT(texts); i++) {
		plain.text = texts[i];
		log_line_text(&plain, buf, sizeof(buf));
		assert_string_equal(buf, texts[i]);
	}
}

static void test_json(void **state)
{
	char buf[512];

	(void)state;
	log_line_json(&line, buf, sizeof(buf));
	assert_string_equal(buf,
		"{\"time\": \"2001-09-09T01:46:40.000001Z\", \"level\": \"info\", "
		"\"ident\": \"inetd\", \"daemon\": 7, \"message\": \"echo: \\\"started\\\"\", "
		"\"service\": \"echo\", \"peer\": \"a b\\\" pid=1?MESSAGE=x\", \"empty\": \"\", "
		"\"pid\": 42}");
}

/* The time is local, and follows from one second to the next. */
static void test_syslog(void **state)
{
	struct log_line next = line;
	char buf[512];

	(void)state;
	setenv("TZ", "XXX-1", 1);
	tzset();
	log_line_syslog(&line, "text", buf, sizeof(buf));
	assert_string_equal(buf, "<30>Sep  9 02:46:40 inetd[7]: text");
	next.time_us += 1000000;
	next.level = LOG_ERR;
	assert_int_equal(log_line_syslog(&next, "text", buf, sizeof(buf)), strlen(buf));
	assert_string_equal(buf, "<27>Sep  9 02:46:41 inetd[7]: text");
}

static void test_journal(void **state)
{
	char buf[512];

	(void)state;
	log_line_journal(&line, "text", buf, sizeof(buf));
	assert_string_equal(buf, "PRIORITY=6\nSYSLOG_FACILITY=3\nSYSLOG_IDENTIFIER=inetd\n"
				 "SYSLOG_PID=7\nMESSAGE=text\nINETD_SERVICE=echo\n"
				 "INETD_PEER=a b\" pid=1?MESSAGE=x\nINETD_EMPTY=\nINETD_PID=42\n");
}

/* Whatever the room, what comes out fits, and JSON is closed. */
static void test_cut(void **state)
{
	struct log_line cut = line;
	char buf[2048], text[1500];

	(void)state;
	memset(text, '"', sizeof(text));
	text[sizeof(text) - 1] = 0;
	cut.text = text;
	for (size_t size = 512; size < sizeof(buf); size++) {
		size_t len = log_line_json(&cut, buf, size);

		assert_true(len < size && strlen(buf) == len);
		assert_int_equal(buf[len - 1], '}');
		len = log_line_journal(&cut, "text", buf, size);
		assert_true(len < size && strlen(buf) == len);
		assert_int_equal(buf[len - 1], '\n');
		len = log_line_syslog(&cut, text, buf, size);
		assert_true(len < size && strlen(buf) == len);
		len = log_line_text(&cut, buf, size);
		assert_true(len < size && strlen(buf) == len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_text_is_no_field),
		cmocka_unit_test(test_text_is_text),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_syslog),
		cmocka_unit_test(test_journal),
		cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests_name("log_line", tests, NULL, NULL);
}
