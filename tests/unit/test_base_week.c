/* Spans of the week: what is written, and every minute of the week against a clock that ticks. */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "base/week.h"

#define DAY 1440

static const struct {
	const char *text;
	size_t count;  /* 0 = refused */
	unsigned from; /* of the first span */
	unsigned minutes;
} parsed[] = {
	{"Mon", 1, 0, DAY},
	{"sun", 1, 6 * DAY, DAY},
	{"SAT", 1, 5 * DAY, DAY},
	{"  Tue  ", 1, DAY, DAY},
	{"Mon-Fri", 5, 0, DAY},
	{"Mon - Fri", 5, 0, DAY},
	{"Sat-Mon", 3, 5 * DAY, DAY},
	{"Mon-Mon", 1, 0, DAY},
	{"Tue-Mon", 7, DAY, DAY},
	{"Mon-Sun", 7, 0, DAY},
	{"08:00-18:00", 7, 8 * 60, 600},
	{"8:00-18:00", 7, 8 * 60, 600},
	{"08:00 - 18:00", 7, 8 * 60, 600},
	{"00:00-24:00", 7, 0, DAY},
	{"18:00-24:00", 7, 18 * 60, 360},
	{"18:00-0:00", 7, 18 * 60, 360},
	{"22:00-06:00", 7, 22 * 60, 480},
	{"00:01-00:00", 7, 1, DAY - 1},
	{"Sun 22:00-06:00", 1, 6 * DAY + 22 * 60, 480},
	{"Mon-Fri 08:00-18:00", 5, 8 * 60, 600},
	{"Mon-Fri\t08:00-18:00", 5, 8 * 60, 600},
	{"Fri 23:59-24:00", 1, 4 * DAY + 1439, 1},
	{"8:00-12:00 13:00-17:30", 14, 8 * 60, 240},
	{"Mon-Tue 8:00-12:00  13:00-17:00\t20:00-21:00 ", 6, 8 * 60, 240},
	{"", 0, 0, 0},
	{"8:00-12:00 Sat", 0, 0, 0},
	{"8:00-12:00 13:00", 0, 0, 0},
	{"0:00-1:00 2:00-3:00 4:00-5:00 6:00-7:00 8:00-9:00 10:00-11:00 12:00-13:00 14:00-15:00 "
	 "16:00-17:00",
		0, 0, 0},
	{" ", 0, 0, 0},
	{"Mo", 0, 0, 0},
	{"Monday", 0, 0, 0},
	{"Mon-", 0, 0, 0},
	{"Mon-F", 0, 0, 0},
	{"-Mon", 0, 0, 0},
	{"Mon Tue", 0, 0, 0},
	{"Mon-Tue-Wed", 0, 0, 0},
	{"Mon08:00-18:00", 0, 0, 0},
	{"08:00", 0, 0, 0},
	{"08:00-", 0, 0, 0},
	{"8-18", 0, 0, 0},
	{"08:0-18:00", 0, 0, 0},
	{"08:000-18:00", 0, 0, 0},
	{"008:00-18:00", 0, 0, 0},
	{"08:60-18:00", 0, 0, 0},
	{"24:00-06:00", 0, 0, 0},
	{"08:00-24:01", 0, 0, 0},
	{"08:00-25:00", 0, 0, 0},
	{"08:00-08:00", 0, 0, 0},
	{"00:00-00:00", 0, 0, 0},
	{"08:00-18:00 Mon", 0, 0, 0},
	{"08:00-18:00x", 0, 0, 0},
	{"-08:00-18:00", 0, 0, 0},
};

static void test_parse(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(parsed); i++) {
		struct week_span spans[WEEK_PIECE], again[WEEK_PIECE];
		char text[WEEK_TEXT];
		size_t count = week_parse(parsed[i].text, spans);

		print_message("# '%s'\n", parsed[i].text);
		assert_int_equal(count, parsed[i].count);
		if (count) {
			assert_int_equal(spans[0].from, parsed[i].from);
			assert_int_equal(spans[0].minutes, parsed[i].minutes);
		}
		for (size_t j = 0; j < count; j++) {
			assert_int_equal(
				week_parse(week_text(&spans[j], text, sizeof(text)), again), 1);
			assert_int_equal(again[0].from, spans[j].from);
			assert_int_equal(again[0].minutes, spans[j].minutes);
		}
	}
}

/* A clock that goes through two weeks minute by minute, and what is open by then. */
static void tick(bool open[WEEK_MINUTES], int first, int last, int from, int to)
{
	int left = 0;

	for (int minute = 0; minute < 2 * WEEK_MINUTES; minute++) {
		int day = minute / DAY % 7, of_day = minute % DAY;
		bool in_days =
			first <= last ? day >= first && day <= last : day >= first || day <= last;

		if (in_days && of_day == from)
			for (left = 1; (from + left) % DAY != to % DAY; left++)
				;
		if (left > 0)
			open[minute % WEEK_MINUTES] = true;
		left -= left > 0;
	}
}

static void piece_text(char *text, size_t size, int first, int last, int from, int to)
{
	static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

	snprintf(text, size, "%s-%s %02d:%02d-%02d:%02d", days[first], days[last], from / 60,
		from % 60, to / 60, to % 60);
}

/* Lists of one to three pieces, every minute of the week. */
static void test_every_minute(void **state)
{
	uint64_t seed = 0x7765656b;
	unsigned rounds = unit_rounds(600), over_midnight = 0, over_sunday = 0;

	(void)state;
	for (unsigned round = 0; round < rounds; round++) {
		static bool open[WEEK_MINUTES];
		struct week_span spans[3 * WEEK_PIECE];
		struct week_spans all = {spans, 0};

		memset(open, 0, sizeof(open));
		for (unsigned pieces = 1 + unit_random(&seed) % 3; pieces; pieces--) {
			int first = (int)(unit_random(&seed) % 7),
			    last = (int)(unit_random(&seed) % 7);
			int from = (int)(unit_random(&seed) % DAY);
			int to = (from + 1 + (int)(unit_random(&seed) % (DAY - 1))) % DAY;
			char text[64];

			over_midnight += to < from && to;
			over_sunday += last < first;
			to = to ? to : DAY;
			piece_text(text, sizeof(text), first, last, from, to);
			all.count += week_parse(text, spans + all.count);
			tick(open, first, last, from, to);
		}
		for (unsigned minute = 0; minute < WEEK_MINUTES; minute++)
			if (week_contains(&all, minute) != open[minute])
				fail_msg("round %u: minute %u", round, minute);
	}
	assert_true(over_midnight > rounds / 4 && over_sunday > rounds / 4);
}

static void test_whole_days(void **state)
{
	struct week_span spans[WEEK_PIECE];
	struct week_spans all = {spans, week_parse("Sat-Sun", spans)};
	struct week_spans never = {NULL, 0}, always = {spans, 0};

	(void)state;
	for (unsigned minute = 0; minute < WEEK_MINUTES; minute++) {
		assert_int_equal(week_contains(&all, minute), minute >= 5 * DAY);
		assert_false(week_contains(&never, minute));
	}
	always.count = week_parse("00:00-24:00", spans);
	for (unsigned minute = 0; minute < WEEK_MINUTES; minute++)
		assert_true(week_contains(&always, minute));
}

/* The calendar's weeks begin on Sunday, ours on Monday. */
static void test_minute(void **state)
{
	(void)state;
	for (int day = 0; day < 7; day++)
		for (int of_day = 0; of_day < DAY; of_day++) {
			struct tm local = {.tm_wday = (day + 1) % 7,
				.tm_hour = of_day / 60,
				.tm_min = of_day % 60,
				.tm_sec = 59};

			assert_int_equal(week_minute(&local), day * DAY + of_day);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_every_minute),
		cmocka_unit_test(test_whole_days),
		cmocka_unit_test(test_minute),
	};

	return cmocka_run_group_tests_name("base/week", tests, NULL, NULL);
}
