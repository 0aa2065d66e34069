/* type_number: the types of numbers: number, limit, rate, mode, load. */
#include <inttypes.h>
#include <strings.h>

#include "config/keys/key.h"
#include "config/keys/type_unit.h"
#include "config/text/number.h"

/* Two words that limits and rates have besides numbers. False if it is neither. */
static bool parse_word(const struct setting *set, uint32_t *count)
{
	if (!strcasecmp(set->value, "unlimited"))
		*count = LIMIT_NONE;
	else if (!strcasecmp(set->value, "none"))
		*count = 0;
	else
		return false;
	return true;
}

static int parse_number(const struct setting *set)
{
	bool negative = set->key->min < 0 && *set->value == '-';
	int64_t value = 0;
	enum number number = number_parse(set->value + negative, 0, INT64_MAX, &value);

	if (number == NUMBER_NOT) {
		TYPE_FAIL(set, "%s: '%s' is not a number", set->name, set->value);
		return -1;
	}
	if (number == NUMBER_HIGH && negative)
		number = NUMBER_LOW;
	value = negative ? -value : value;
	if (unit_check_range(set, number, value) < 0)
		return -1;
	*(uint32_t *)set->out = (uint32_t)value;
	return 0;
}

/* Outside of its range is what was never set. */
static bool print_number(const struct key *key, const void *value, FILE *out)
{
	int64_t number =
		key->min < 0 ? *(const int32_t *)value : (int64_t) * (const uint32_t *)value;

	return number >= key->min && number <= key->max &&
	       fprintf(out, "%s = %" PRId64 "\n", key->name, number) > 0;
}

static void range_number(const struct key *key, char *buf, size_t size)
{
	snprintf(buf, size, "%" PRId64 " to %" PRId64, key->min, key->max);
}

const struct key_type type_number = {
	.name = "number",
	.help = "a whole number",
	.bytes = sizeof(uint32_t),
	.parse = parse_number,
	.print = print_number,
	.range = range_number,
};

static int parse_limit(const struct setting *set)
{
	return parse_word(set, set->out) ? 0 : parse_number(set);
}

static bool print_limit(const struct key *key, const void *value, FILE *out)
{
	uint32_t count = *(const uint32_t *)value;

	if (count && count != LIMIT_NONE)
		return fprintf(out, "%s = %" PRIu32 "\n", key->name, count) > 0;
	return fprintf(out, "%s = %s\n", key->name, count ? "unlimited" : "none") > 0;
}

const struct key_type type_limit = {
	.name = "limit",
	.help = "a whole number, unlimited, or none: not even one",
	.bytes = sizeof(uint32_t),
	.is_limit = true,
	.parse = parse_limit,
	.print = print_limit,
	.range = range_number,
};

static const struct unit rate_units[] = {
	{"/hour", 3600000}, {"/min", 60000}, {"/s", 1000}, {NULL, 0}};

static int parse_rate(const struct setting *set)
{
	struct rate rate = {.period_ms = 60000};
	const char *rest = "";
	int64_t value = 0, period;
	enum number number;

	if (!parse_word(set, &rate.count)) {
		number = number_scan(set->value, 10, &value, &rest);
		period = unit_factor(rate_units, rest);
		if (number == NUMBER_NOT || !period) {
			TYPE_FAIL(set, "%s: '%s' is not a rate: N/s, N/min or N/hour", set->name,
				set->value);
			return -1;
		}
		if (unit_check_range(set, number, value) < 0)
			return -1;
		rate.count = (uint32_t)value;
		rate.period_ms = (uint32_t)period;
	}
	memcpy(set->out, &rate, offsetof(struct rate, burst));
	return 0;
}

static bool print_rate(const struct key *key, const void *value, FILE *out)
{
	const struct unit *unit = rate_units;
	struct rate rate = {0};

	memcpy(&rate, value, offsetof(struct rate, burst));
	if (!rate.count || rate.count == LIMIT_NONE)
		return print_limit(key, &rate.count, out);
	while (unit->name && unit->factor != rate.period_ms)
		unit++;
	return fprintf(out, "%s = %" PRIu32 "%s\n", key->name, rate.count,
		       unit->name ? unit->name : "/min") > 0;
}

const struct key_type type_rate = {
	.name = "rate",
	.help = "N/s, N/min or N/hour, unlimited, or none: not even one",
	.bytes = offsetof(struct rate, burst),
	.is_limit = true,
	.parse = parse_rate,
	.print = print_rate,
	.range = range_number,
};

static int parse_mode(const struct setting *set)
{
	const char *rest = "";
	int64_t value = 0;

	if (number_scan(set->value, 8, &value, &rest) != NUMBER_OK || *rest ||
		value < set->key->min || value > set->key->max) {
		TYPE_FAIL(set, "%s: '%s' is not an octal mode of %jo to %jo", set->name, set->value,
			(uintmax_t)set->key->min, (uintmax_t)set->key->max);
		return -1;
	}
	*(uint32_t *)set->out = (uint32_t)value;
	return 0;
}

static bool print_mode(const struct key *key, const void *value, FILE *out)
{
	uint32_t mode = *(const uint32_t *)value;

	return mode >= key->min && mode <= key->max &&
	       fprintf(out, "%s = %04" PRIo32 "\n", key->name, mode) > 0;
}

static void range_mode(const struct key *key, char *buf, size_t size)
{
	snprintf(buf, size, "%" PRIo64 " to %" PRIo64, key->min, key->max);
}

const struct key_type type_mode = {
	.name = "mode",
	.help = "an octal number",
	.bytes = sizeof(uint32_t),
	.parse = parse_mode,
	.print = print_mode,
	.range = range_mode,
};

/* A decimal number with at most two digits after its point, in hundredths. */
static int parse_load(const struct setting *set)
{
	const char *rest = "";
	int64_t value = 0;
	enum number number = number_scan(set->value, 10, &value, &rest);
	size_t digits = *rest == '.' ? strspn(rest + 1, "0123456789") : 0;

	if (number == NUMBER_NOT || digits > 2 || rest[digits + (digits > 0)]) {
		TYPE_FAIL(set, "%s: '%s' is not a load, as in 2.5", set->name, set->value);
		return -1;
	}
	if (number == NUMBER_HIGH || __builtin_mul_overflow(value, 100, &value))
		value = INT64_MAX / 2;
	if (digits > 0)
		value += (rest[1] - '0') * 10;
	if (digits > 1)
		value += rest[2] - '0';
	if (value < set->key->min || value > set->key->max) {
		TYPE_FAIL(set, "%s: %s is not within 0.01 to %jd", set->name, set->value,
			(intmax_t)set->key->max / 100);
		return -1;
	}
	*(uint32_t *)set->out = (uint32_t)value;
	return 0;
}

static bool print_load(const struct key *key, const void *value, FILE *out)
{
	uint32_t load = *(const uint32_t *)value;

	if (!load)
		return unit_print_unset(key, out);
	return fprintf(out, "%s = %" PRIu32 ".%02" PRIu32 "\n", key->name, load / 100, load % 100) >
	       0;
}

static void range_load(const struct key *key, char *buf, size_t size)
{
	snprintf(buf, size, "%" PRId64 ".%02" PRId64 " to %" PRId64, key->min / 100, key->min % 100,
		key->max / 100);
}

const struct key_type type_load = {
	.name = "load",
	.help = "a number with at most two digits after its point",
	.bytes = sizeof(uint32_t),
	.parse = parse_load,
	.print = print_load,
	.range = range_load,
};
