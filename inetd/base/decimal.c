/* decimal: see decimal.h. */
#include "base/decimal.h"

#include <string.h>

char *decimal_text(uint64_t value, char buf[static DECIMAL_BYTES])
{
	char digits[DECIMAL_BYTES], *first = digits + sizeof(digits) - 1;

	*first = 0;
	do
		*--first = (char)('0' + value % 10);
	while (value /= 10);
	return memcpy(buf, first, (size_t)(digits + sizeof(digits) - first));
}

char *decimal_seconds(uint64_t ms, char buf[static DECIMAL_SECONDS_BYTES])
{
	char *end = buf + strlen(decimal_text(ms / 1000, buf));
	unsigned rest = (unsigned)(ms % 1000);

	end[0] = '.';
	end[1] = (char)('0' + rest / 100);
	end[2] = (char)('0' + rest / 10 % 10);
	end[3] = (char)('0' + rest % 10);
	end[4] = 0;
	return buf;
}
