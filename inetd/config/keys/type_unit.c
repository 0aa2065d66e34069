/* type_unit: see type_unit.h; and the types of times and sizes. */
#include "config/keys/type_unit.h"

#include <inttypes.h>
#include <strings.h>

#include "config/keys/key.h"

int64_t unit_factor(const struct unit *units, const char *name)
{
	for (; units->name; units++)
		if (!strcasecmp(units->name, name))
			return units->factor;
	return 0;
}

/* A limit of a key as people write it. */
static const char *limit_text(const struct key *key, int64_t limit, char *buf, size_t size)
{
	if (key->type == &type_time && limit % 1000 == 0)
		snprintf(buf, size, "%jds", (intmax_t)limit / 1000);
	else
		snprintf(buf, size, "%jd%s", (intmax_t)limit, key->type == &type_time ? "ms" : "");
	return buf;
}

int unit_check_range(const struct setting *set, enum number number, int64_t value)
{
	const struct key *key = set->key;
	char limit[40];

	if (number == NUMBER_OK && value < key->min)
		number = NUMBER_LOW;
	if (number == NUMBER_HIGH || (number == NUMBER_OK && value > key->max)) {
		TYPE_FAIL(set, "%s: %s is above %s", set->name, set->value,
			limit_text(key, key->max, limit, sizeof(limit)));
		return -1;
	}
	if (number == NUMBER_LOW && key->type->is_limit) {
		TYPE_FAIL(set,
			"%s: %s is below %s: write unlimited for no limit, or none to allow not "
			"even one",
			set->name, set->value, limit_text(key, key->min, limit, sizeof(limit)));
		return -1;
	}
	if (number == NUMBER_LOW && key->flags & KEY_MAY_BE_UNSET) {
		TYPE_FAIL(set, "%s: %s is below %s: write %s for no limit", set->name, set->value,
			limit_text(key, key->min, limit, sizeof(limit)), key->unset);
		return -1;
	}
	if (number == NUMBER_LOW) {
		TYPE_FAIL(set, "%s: %s is below %s", set->name, set->value,
			limit_text(key, key->min, limit, sizeof(limit)));
		return -1;
	}
	return 0;
}

bool unit_print_unset(const struct key *key, FILE *out)
{
	return key->flags & KEY_MAY_BE_UNSET &&
	       fprintf(out, "%s = %s\n", key->name, key->unset) > 0;
}

static const struct unit byte_units[] = {{"m", 1 << 20}, {"k", 1 << 10}, {"", 1}, {NULL, 0}};
static const struct unit time_units[] = {
	{"h", 3600000}, {"min", 60000}, {"s", 1000}, {"ms", 1}, {"", 1000}, {NULL, 0}};

static int parse_scaled(const struct setting *set, const struct unit *units, const char *what)
{
	const char *rest = "";
	int64_t value = 0, factor;
	enum number number = number_scan(set->value, 10, &value, &rest);

	factor = unit_factor(units, rest);
	if (number == NUMBER_NOT || !factor) {
		TYPE_FAIL(set, "%s: '%s' is not %s", set->name, set->value, what);
		return -1;
	}
	if (__builtin_mul_overflow(value, factor, &value))
		number = NUMBER_HIGH;
	if (unit_check_range(set, number, value) < 0)
		return -1;
	*(uint32_t *)set->out = (uint32_t)value;
	return 0;
}

/* A number in the largest unit that divides it. */
static const char *scaled_text(const struct unit *units, int64_t value, char *buf, size_t size)
{
	while (value % units->factor)
		units++;
	snprintf(buf, size, "%" PRId64 "%s", value / units->factor, units->name);
	return buf;
}

static bool print_scaled(
	const struct key *key, const struct unit *units, const void *value, FILE *out)
{
	uint32_t number = *(const uint32_t *)value;
	char text[40];

	if (!number)
		return unit_print_unset(key, out);
	return fprintf(out, "%s = %s\n", key->name,
		       scaled_text(units, number, text, sizeof(text))) > 0;
}

static int parse_bytes(const struct setting *set)
{
	return parse_scaled(set, byte_units, "a number of bytes, which may end in k or m");
}

static bool print_bytes(const struct key *key, const void *value, FILE *out)
{
	return print_scaled(key, byte_units, value, out);
}

static void range_bytes(const struct key *key, char *buf, size_t size)
{
	snprintf(buf, size, "%" PRId64 " to %" PRId64, key->min, key->max);
}

const struct key_type type_bytes = {
	.name = "bytes",
	.help = "a number of bytes, which may end in k or m",
	.bytes = sizeof(uint32_t),
	.parse = parse_bytes,
	.print = print_bytes,
	.range = range_bytes,
};

static int parse_time(const struct setting *set)
{
	const char *value = set->value;

	if (set->key->flags & KEY_NEEDS_UNIT && *value && !value[strspn(value, "0123456789")]) {
		TYPE_FAIL(set, "%s: '%s' has no unit (in xinetd it is minutes): write %ss or %smin",
			set->name, value, value, value);
		return -1;
	}
	return parse_scaled(
		set, time_units, "a time: a number of seconds, or a number with ms, s, min or h");
}

static bool print_time(const struct key *key, const void *value, FILE *out)
{
	return print_scaled(key, time_units, value, out);
}

static void range_time(const struct key *key, char *buf, size_t size)
{
	char low[32], high[32];

	snprintf(buf, size, "%s to %s", scaled_text(time_units, key->min, low, sizeof(low)),
		scaled_text(time_units, key->max, high, sizeof(high)));
}

const struct key_type type_time = {
	.name = "time",
	.help = "a number of seconds, or a number with ms, s, min or h",
	.bytes = sizeof(uint32_t),
	.parse = parse_time,
	.print = print_time,
	.range = range_time,
};
