/* test_config_key: the key table and its setter. */
#include "config_unit.h"

#include "config/keys/key.h"
#include "config/keys/protocol.h"

static void test_table_is_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < KEY_COUNT; i++) {
		const struct key *key = &key_table[i];

		assert_non_null(key->name);
		assert_non_null(key->help);
		assert_non_null(key->unset);
		assert_true(key->min <= key->max);
		assert_true(key->flags != 0);
		assert_true(key->at < sizeof(struct draft));
		assert_true(key->type && key->type->bytes <= 64);
		assert_ptr_equal(key_find(key->name), key);
		assert_int_equal(key_id_of(key), i);
		assert_int_equal(strspn(key->name, "abcdefghijklmnopqrstuvwxyz_0123456789"),
			strlen(key->name));
		for (size_t k = 0; k < i; k++)
			assert_true(key_table[k].at != key->at);
	}
	assert_null(key_find("no_such_key"));
	assert_ptr_equal(key_find("recvbuf"), &key_table[KEY_RCVBUF]);
}

static void test_every_builtin_has_a_word(void **state)
{
	(void)state;
	for (int builtin = BUILTIN_NONE + 1; builtin < BUILTIN_COUNT; builtin++) {
		const struct key_word *word = key_table[KEY_INTERNAL].words;

		while (word->word && word->value != builtin)
			word++;
		assert_non_null(word->word);
		assert_string_equal(word->word, builtin_name((enum builtin)builtin));
	}
}

struct number_case {
	enum key_id id;
	const char *value;
	long long wanted; /* -1: refused */
};

static const struct number_case numbers[] = {
	{KEY_INSTANCES, "1", 1},
	{KEY_INSTANCES, "1000000", 1000000},
	{KEY_INSTANCES, "unlimited", LIMIT_NONE},
	{KEY_INSTANCES, "UNLIMITED", LIMIT_NONE},
	{KEY_INSTANCES, "none", 0},
	{KEY_INSTANCES, "0", -1},
	{KEY_INSTANCES, "1000001", -1},
	{KEY_INSTANCES, "99999999999999999999999", -1},
	{KEY_INSTANCES, "-1", -1},
	{KEY_INSTANCES, "+1", -1},
	{KEY_INSTANCES, " 1", -1},
	{KEY_INSTANCES, "1 ", -1},
	{KEY_INSTANCES, "0x10", -1},
	{KEY_INSTANCES, "", -1},
	{KEY_BURST, "unlimited", -1},
	{KEY_BURST, "5", 5},
	{KEY_NICE, "19", 19},
	{KEY_NICE, "20", -1},
	{KEY_NICE, "-21", -1},
	{KEY_NICE, "--1", -1},
	{KEY_NICE, "-", -1},
	{KEY_UMASK, "0", 0},
	{KEY_UMASK, "777", 0777},
	{KEY_UMASK, "1000", -1},
	{KEY_PREFIX4, "32", 32},
	{KEY_PREFIX4, "33", -1},
	{KEY_PREFIX6, "128", 128},
	{KEY_SNDBUF, "16384", 16384},
	{KEY_SNDBUF, "64k", 65536},
	{KEY_SNDBUF, "64K", 65536},
	{KEY_RCVBUF, "1m", 1048576},
	{KEY_RCVBUF, "1024m", 1 << 30},
	{KEY_RCVBUF, "1025m", -1},
	{KEY_RCVBUF, "9223372036854775807m", -1},
	{KEY_RCVBUF, "0", -1},
	{KEY_RCVBUF, "k", -1},
	{KEY_RCVBUF, "1g", -1},
	{KEY_RCVBUF, "-1k", -1},
	{KEY_SOCKET_MODE, "600", 0600},
	{KEY_SOCKET_MODE, "0666", 0666},
	{KEY_SOCKET_MODE, "0", 0},
	{KEY_SOCKET_MODE, "1000", -1},
	{KEY_SOCKET_MODE, "668", -1},
	{KEY_SOCKET_MODE, "", -1},
	{KEY_MAX_TIME, "unlimited", 0},
	{KEY_MAX_LOAD, "unlimited", 0},
	{KEY_DENY_TIME, "never", 0},
	{KEY_DENY_TIME, "unlimited", -1},
	{KEY_KILL_AFTER, "10s", 10000},
	{KEY_KILL_AFTER, "unlimited", -1},
	{KEY_IDLE_TIME, "90", 90000},
	{KEY_IDLE_TIME, "1500ms", 1500},
	{KEY_IDLE_TIME, "2min", 120000},
	{KEY_IDLE_TIME, "1h", 3600000},
	{KEY_IDLE_TIME, "30s", 30000},
	{KEY_IDLE_TIME, "10ms", -1},
	{KEY_IDLE_TIME, "25h", -1},
	{KEY_IDLE_TIME, "5 min", -1},
};

static void test_numbers(void **state)
{
	struct where where = {"x", 1};

	(void)state;
	for (size_t i = 0; i < COUNT(numbers); i++) {
		const struct number_case *row = &numbers[i];
		const struct key *key = &key_table[row->id];
		struct arena arena;
		struct draft draft = {.arena = &arena, .keep = &arena};
		struct diag diag;
		int result;

		arena_init(&arena);
		diag_init(&diag, &arena);
		result = key_set(&draft, key, row->value, where, &diag);
		assert_int_equal(result, row->wanted < 0 ? -1 : 0);
		assert_int_equal(draft.failed, row->wanted < 0);
		assert_int_equal(draft.set[row->id], row->wanted >= 0);
		assert_int_equal(diag.errors, row->wanted < 0);
		if (row->wanted >= 0)
			assert_int_equal(*(uint32_t *)((char *)&draft + key->at), row->wanted);
		arena_free(&arena);
	}
}

/* The value as people write it, in the unit of the key. */
static const char *number_text(const struct key *key, int64_t value, char *buf, size_t size)
{
	if (key->type == &type_mode)
		snprintf(buf, size, "%jo", (uintmax_t)value);
	else if (key->type == &type_load)
		snprintf(buf, size, "%jd.%02jd", (intmax_t)value / 100, (intmax_t)value % 100);
	else
		snprintf(buf, size, "%jd%s", (intmax_t)value,
			key->type == &type_time   ? "ms"
			: key->type == &type_rate ? "/s"
						  : "");
	return buf;
}

static int set_number(const struct key *key, int64_t value)
{
	struct arena arena;
	struct draft draft = {.arena = &arena, .keep = &arena};
	struct where where = {"x", 1};
	struct diag diag;
	char text[40];
	int result;

	arena_init(&arena);
	diag_init(&diag, &arena);
	result = key_set(&draft, key, number_text(key, value, text, sizeof(text)), where, &diag);
	assert_int_equal(diag.errors, result < 0);
	if (!result) /* a rate begins with its count */
		assert_int_equal(*(uint32_t *)((char *)&draft + key->at), (uint32_t)value);
	arena_free(&arena);
	return result;
}

/* Of every key that is a number: both limits are accepted, one beyond is not. */
static void test_limits_of_numbers(void **state)
{
	unsigned seen = 0;

	(void)state;
	for (size_t i = 0; i < KEY_COUNT; i++) {
		const struct key *key = &key_table[i];

		if (!key->max)
			continue;
		assert_true(key->type == &type_number || key->type == &type_limit ||
			    key->type == &type_rate || key->type == &type_bytes ||
			    key->type == &type_time || key->type == &type_mode ||
			    key->type == &type_load);
		seen++;
		assert_int_equal(set_number(key, key->min), 0);
		assert_int_equal(set_number(key, key->max), 0);
		assert_int_equal(set_number(key, key->max + 1), -1);
		if (key->min)
			assert_int_equal(set_number(key, key->min - 1), -1);
	}
	assert_true(seen > 20);
}

struct text_case {
	enum key_id id;
	const char *value;
	bool good;
};

static const struct text_case texts[] = {
	{KEY_MAX_LOAD, "0.01", true},
	{KEY_MAX_LOAD, "2.5", true},
	{KEY_MAX_LOAD, "2.", false},
	{KEY_MAX_LOAD, ".5", false},
	{KEY_MAX_LOAD, "99999999999999999999", false},
	{KEY_MAX_LOAD, "-1", false},
	{KEY_OVERLOAD, "queue", true},
	{KEY_OVERLOAD, "Queue", false},
	{KEY_ACTIVATION, "systemd", true},
	{KEY_ACTIVATION, "", false},
	{KEY_LOG_LEVEL, "err", true},
	{KEY_LOG_LEVEL, "emerg", false},
	{KEY_CLEAN_ENV, "off", true},
	{KEY_CLEAN_ENV, "2", false},
	{KEY_LISTEN, "80", true},
	{KEY_LISTEN, " , ", false},
	{KEY_SERVER_ARGS, "", true},
	{KEY_SERVER_ARGS, "a 'b c'", true},
	{KEY_SERVER_ARGS, "a 'b c", false},
	{KEY_WRAPPER, "/usr/bin/env", true},
	{KEY_WRAPPER, "", false},
	{KEY_ONLY_FROM, "10.0.0.0/8,fe80::/10 192.0.2.1 [2001:db8::]/32", true},
	{KEY_ONLY_FROM, "10.0.0.0/8/8", false},
	{KEY_ONLY_FROM, "10.0.0", false},
	{KEY_NO_ACCESS, "0.0.0.0/0", true},
	{KEY_NO_ACCESS, "", false},
	{KEY_EXEMPT, "::/0", true},
	{KEY_EXEMPT, "localhost", false},
	{KEY_ACCESS_TIMES, "Mon", true},
	{KEY_ACCESS_TIMES, "mon-FRI 8:00-18:00,22:00-06:00", true},
	{KEY_ACCESS_TIMES, "8:00", false},
	{KEY_ACCESS_TIMES, "25:00-26:00", false},
	{KEY_ACCESS_TIMES, ",", false},
	{KEY_ENV, "A=b 'C=d e' F=", true},
	{KEY_ENV, "1A=b", false},
	{KEY_ENV, "=b", false},
	{KEY_ENV, "", false},
	{KEY_PASSENV, "HOME,TERM X_1", true},
	{KEY_PASSENV, "HOME=x", false},
	{KEY_STDERR, "socket", true},
	{KEY_STDERR, "/var/log/x", true},
	{KEY_STDERR, "x", false},
	{KEY_BANNER, "a\\n\\t\\r\\\\\\x41", true},
	{KEY_BANNER, "\\x00", false},
	{KEY_BANNER, "\\x4", false},
	{KEY_BANNER, "a\\", false},
	{KEY_BANNER_FAIL, "/etc/motd", true},
	{KEY_BANNER_FAIL, "", false},
	{KEY_BUSY_MESSAGE, "x", true},
	{KEY_BUSY_MESSAGE, "\\q", false},
	{KEY_LOG, "start,exit refuse", true},
	{KEY_LOG, "none", true},
	{KEY_LOG, "all", false},
	{KEY_LOG, "", false},
};

static void test_texts(void **state)
{
	struct where where = {"x", 1};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		const struct text_case *row = &texts[i];
		struct arena arena;
		struct draft draft = {.arena = &arena, .keep = &arena};
		struct diag diag;

		arena_init(&arena);
		diag_init(&diag, &arena);
		if (key_set(&draft, &key_table[row->id], row->value, where, &diag) !=
			(row->good ? 0 : -1))
			fail_msg("%s = %s", key_table[row->id].name, row->value);
		assert_int_equal(diag.errors, !row->good);
		assert_int_equal(draft.failed, !row->good);
		assert_int_equal(draft.set[row->id], row->good);
		arena_free(&arena);
	}
}

struct rate_case {
	const char *value;
	long long count; /* -1: refused */
	uint32_t period_ms;
};

static const struct rate_case rates[] = {
	{"5/s", 5, 1000},
	{"40/min", 40, 60000},
	{"100/hour", 100, 3600000},
	{"unlimited", LIMIT_NONE, 60000},
	{"none", 0, 60000},
	{"0/s", -1, 0},
	{"5", -1, 0},
	{"5/day", -1, 0},
	{"/s", -1, 0},
	{"5 /s", -1, 0},
	{"-5/s", -1, 0},
	{"99999999999999999999/s", -1, 0},
};

static void test_rates(void **state)
{
	struct where where = {"x", 1};

	(void)state;
	for (size_t i = 0; i < COUNT(rates); i++) {
		struct arena arena;
		struct draft draft = {.arena = &arena, .keep = &arena};
		struct diag diag;
		int result;

		arena_init(&arena);
		diag_init(&diag, &arena);
		result = key_set(&draft, &key_table[KEY_RATE], rates[i].value, where, &diag);
		assert_int_equal(result, rates[i].count < 0 ? -1 : 0);
		if (!result) {
			assert_int_equal(draft.policy.limits.rate.count, rates[i].count);
			assert_int_equal(draft.policy.limits.rate.period_ms, rates[i].period_ms);
		}
		arena_free(&arena);
	}
}

static void test_words(void **state)
{
	struct where where = {"x", 3};
	struct arena arena;
	struct draft draft = {.arena = &arena, .keep = &arena};
	struct diag diag;

	(void)state;
	arena_init(&arena);
	diag_init(&diag, &arena);
	assert_int_equal(key_set(&draft, &key_table[KEY_SOCKET_TYPE], "dgram", where, &diag), 0);
	assert_int_equal(draft.service.socktype, SOCK_DGRAM);
	assert_int_equal(key_set(&draft, &key_table[KEY_PROTOCOL], "udp46", where, &diag), 0);
	assert_string_equal(draft.protocol->base, "udp");
	assert_int_equal(key_set(&draft, &key_table[KEY_WAIT], "YES", where, &diag), 0);
	assert_true(draft.service.wait);
	assert_int_equal(key_set(&draft, &key_table[KEY_DISABLE], "off", where, &diag), 0);
	assert_false(draft.disable);
	assert_int_equal(key_set(&draft, &key_table[KEY_USER], "nobody", where, &diag), 0);
	assert_string_equal(draft.user, "nobody");
	assert_int_equal(diag.errors, 0);
	assert_false(draft.failed);

	assert_int_equal(key_set(&draft, &key_table[KEY_USER], "root", where, &diag), -1);
	assert_string_equal(draft.user, "nobody");
	assert_int_equal(key_set(&draft, &key_table[KEY_GROUP], "", where, &diag), -1);
	assert_int_equal(diag.errors, 2);
	assert_true(draft.failed);
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table_is_whole),
		cmocka_unit_test(test_every_builtin_has_a_word),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_limits_of_numbers),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_rates),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests_name("keys", tests, NULL, NULL);
}
