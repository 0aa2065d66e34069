/* unit_value: see unit_value.h. */
#include "inetctl/import/unit_value.h"

#include <ctype.h>
#include <err.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "inetctl/ctl.h"

static const struct {
	const char *name;
	double ms;
} spans[] = {
	{"us", 0.001},
	{"usec", 0.001},
	{"ms", 1},
	{"msec", 1},
	{"s", 1000},
	{"sec", 1000},
	{"second", 1000},
	{"seconds", 1000},
	{"", 1000},
	{"m", 60000},
	{"min", 60000},
	{"minute", 60000},
	{"minutes", 60000},
	{"h", 3600000},
	{"hr", 3600000},
	{"hour", 3600000},
	{"hours", 3600000},
	{"d", 86400000},
	{"day", 86400000},
	{"days", 86400000},
	{"w", 604800000},
	{"week", 604800000},
	{"weeks", 604800000},
};

static double span_of(const char *unit, size_t len)
{
	for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++)
		if (strlen(spans[i].name) == len && !strncmp(spans[i].name, unit, len))
			return spans[i].ms;
	return 0;
}

const char *unit_value_time(struct conversion *conversion, const char *value, const char *never)
{
	double total = 0;
	uint64_t ms;

	if (!strcmp(value, "infinity"))
		return never;
	while (*value) {
		char *end;
		double count = strtod(value, &end);
		size_t len;

		if (end == value)
			return NULL;
		end += strspn(end, " ");
		for (len = 0; isalpha((unsigned char)end[len]);)
			len++;
		if (span_of(end, len) == 0)
			return NULL;
		total += count * span_of(end, len);
		value = end + len + strspn(end + len, " ");
	}
	ms = (uint64_t)(total + 0.5);
	if (ms % 1000)
		return conversion_text(conversion, "%" PRIu64 "ms", ms);
	if (ms && ms % 60000 == 0)
		return conversion_text(conversion, "%" PRIu64 "min", ms / 60000);
	return conversion_text(conversion, "%" PRIu64 "s", ms / 1000);
}

const char *unit_value_bytes(struct conversion *conversion, const char *value)
{
	char *end;
	uintmax_t count = strtoumax(value, &end, 10);

	if (end == value || (*end && end[1]))
		return NULL;
	switch (toupper((unsigned char)*end)) {
	case 0:
		return conversion_text(conversion, "%ju", count);
	case 'K':
		return conversion_text(conversion, "%juk", count);
	case 'M':
		return conversion_text(conversion, "%jum", count);
	case 'G':
		return conversion_text(conversion, "%jum", count * 1024);
	default:
		return NULL;
	}
}

/* The byte that a backslash stands before. */
static char unescaped(const char **at)
{
	static const char escapes[] = "a\ab\bf\fn\nr\rt\tv\vs ";
	const char *found;
	char hex[3] = "";

	(*at)++;
	if (**at == 'x' && isxdigit((unsigned char)(*at)[1]) && isxdigit((unsigned char)(*at)[2])) {
		memcpy(hex, *at + 1, 2);
		*at += 2;
		return (char)strtol(hex, NULL, 16);
	}
	for (found = escapes; *found; found += 2)
		if (*found == **at)
			return found[1];
	return **at;
}

char **unit_value_words(struct conversion *conversion, const char *value)
{
	size_t most = strlen(value) + 1, count = 0;
	char **words = arena_calloc(&conversion->arena, most / 2 + 2, sizeof(*words));
	char *to = arena_alloc(&conversion->arena, most + 1), quote;

	if (!words || !to)
		err(CTL_FAILED, "import");
	for (;;) {
		value += strspn(value, " \t");
		if (!*value)
			return words;
		words[count++] = to;
		for (quote = 0; *value && (quote || !strchr(" \t", *value)); value++) {
			if (quote ? *value == quote : *value == '"' || *value == '\'')
				quote = quote ? 0 : *value;
			else if (*value == '\\' && value[1])
				*to++ = unescaped(&value);
			else
				*to++ = *value;
		}
		if (quote)
			return NULL;
		*to++ = 0;
	}
}
