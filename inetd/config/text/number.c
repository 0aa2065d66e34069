/* number: see number.h. */
#include "config/text/number.h"

enum number number_scan(const char *text, int base, int64_t *value, const char **rest)
{
	enum number result = NUMBER_OK;
	int64_t sum = 0;

	if (*text < '0' || *text >= '0' + base)
		return NUMBER_NOT;
	for (; *text >= '0' && *text < '0' + base; text++)
		if (__builtin_mul_overflow(sum, base, &sum) ||
			__builtin_add_overflow(sum, *text - '0', &sum))
			result = NUMBER_HIGH;
	*value = sum;
	*rest = text;
	return result;
}

enum number number_parse(const char *text, int64_t min, int64_t max, int64_t *value)
{
	const char *rest = text;
	enum number result = number_scan(text + (*text == '-'), 10, value, &rest);

	if (result == NUMBER_NOT || *rest)
		return NUMBER_NOT;
	if (*text == '-')
		return NUMBER_LOW;
	if (result == NUMBER_HIGH || *value > max)
		return NUMBER_HIGH;
	return *value < min ? NUMBER_LOW : NUMBER_OK;
}
