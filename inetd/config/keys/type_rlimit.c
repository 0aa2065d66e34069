/* type_rlimit: the types of limits of setrlimit(2), and of sizes beyond 4 GiB. */
#include <inttypes.h>
#include <strings.h>

#include "config/cage.h"
#include "config/keys/key.h"
#include "config/keys/type_unit.h"

/* --- limits of setrlimit(2): N, unlimited, or SOFT:HARD --- */

static const struct unit limit_units[] = {{"t", INT64_C(1) << 40}, {"g", 1 << 30}, {"m", 1 << 20},
	{"k", 1 << 10}, {"", 1}, {NULL, 0}};

static bool parse_one_limit(const char *text, rlim_t *out)
{
	const char *rest = "";
	int64_t value = 0, factor;
	enum number number;

	if (!strcasecmp(text, "unlimited")) {
		*out = RLIM_INFINITY;
		return true;
	}
	number = number_scan(text, 10, &value, &rest);
	factor = unit_factor(limit_units, rest);
	if (number != NUMBER_OK || !factor || __builtin_mul_overflow(value, factor, &value))
		return false;
	*out = (rlim_t)value;
	return true;
}

static int parse_rlimit(const struct setting *set)
{
	struct cage_limit *limit = set->out;
	char soft[64];
	size_t len = strcspn(set->value, ":");

	memset(limit, 0, sizeof(*limit));
	if (len < sizeof(soft)) {
		memcpy(soft, set->value, len);
		soft[len] = 0;
		limit->set = parse_one_limit(soft, &limit->soft) &&
			     parse_one_limit(
				     set->value[len] ? set->value + len + 1 : soft, &limit->hard);
	}
	if (!limit->set) {
		TYPE_FAIL(set,
			"%s: '%s' is neither a number, with k, m, g or t after it, nor unlimited, "
			"nor "
			"two of these as SOFT:HARD",
			set->name, set->value);
		return -1;
	}
	if (limit->soft > limit->hard) {
		TYPE_FAIL(set, "%s: '%s': the soft limit is above the hard one", set->name,
			set->value);
		return -1;
	}
	return 0;
}

static const char *limit_text(rlim_t limit, char *buf, size_t size)
{
	const struct unit *unit = limit_units;

	if (limit == RLIM_INFINITY)
		return "unlimited";
	/* Numbers of things are small, and are not written in units of bytes. */
	while (unit->factor > 1 && (limit % (rlim_t)unit->factor || limit < 1 << 20))
		unit++;
	snprintf(buf, size, "%" PRIu64 "%s", (uint64_t)limit / (uint64_t)unit->factor, unit->name);
	return buf;
}

static bool print_rlimit(const struct key *key, const void *value, FILE *out)
{
	const struct cage_limit *limit = value;
	char soft[40], hard[40];

	if (!limit->set)
		return false;
	fprintf(out, "%s = %s", key->name, limit_text(limit->soft, soft, sizeof(soft)));
	if (limit->hard != limit->soft)
		fprintf(out, ":%s", limit_text(limit->hard, hard, sizeof(hard)));
	return fputc('\n', out) != EOF;
}

static bool equal_rlimits(const void *a, const void *b)
{
	const struct cage_limit *x = a, *y = b;

	return x->set == y->set && x->soft == y->soft && x->hard == y->hard;
}

const struct key_type type_rlimit = {
	.name = "rlimit",
	.help = "a number, with k, m, g or t after it, or unlimited; or two of these as SOFT:HARD",
	.bytes = sizeof(struct cage_limit),
	.parse = parse_rlimit,
	.print = print_rlimit,
	.equal = equal_rlimits,
};

/* --- sizes beyond 4 GiB --- */

static int parse_size(const struct setting *set)
{
	rlim_t size;

	if (parse_one_limit(set->value, &size) && size && size != RLIM_INFINITY) {
		*(uint64_t *)set->out = size;
		return 0;
	}
	TYPE_FAIL(set, "%s: '%s' is not a number of bytes, with k, m, g or t after it", set->name,
		set->value);
	return -1;
}

static bool print_size(const struct key *key, const void *value, FILE *out)
{
	uint64_t size = *(const uint64_t *)value;
	char text[40];

	return size && fprintf(out, "%s = %s\n", key->name,
			       limit_text((rlim_t)size, text, sizeof(text))) > 0;
}

const struct key_type type_size = {
	.name = "size",
	.help = "a number of bytes, with k, m, g or t after it",
	.bytes = sizeof(uint64_t),
	.parse = parse_size,
	.print = print_size,
};
