/* ident: see ident.h. */
#include "common/ident.h"

#include <string.h>

#define USER_MOST   512
#define DIGITS_MOST 5

static const char *skip_blanks(const char *at, const char *end)
{
	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
	return at;
}

/* A number with blanks around it; returns what follows, or NULL where there is none. */
static const char *parse_port(const char *at, const char *end, unsigned *out)
{
	unsigned value = 0;
	int digits = 0;

	at = skip_blanks(at, end);
	for (; at < end && *at >= '0' && *at <= '9'; at++) {
		if (++digits > DIGITS_MOST)
			return NULL;
		value = value * 10 + (unsigned)(*at - '0');
	}
	if (digits == 0)
		return NULL;
	*out = value;
	return skip_blanks(at, end);
}

static bool is_port(unsigned number)
{
	return number >= 1 && number <= 65535;
}

bool ident_parse(const char *line, size_t len, struct ident_query *out)
{
	const char *end = line + len, *at;

	*out = (struct ident_query){0};
	at = parse_port(line, end, &out->here);
	if (!at || at == end || *at != ',')
		return false;
	at = parse_port(at + 1, end, &out->there);
	return at == end && is_port(out->here) && is_port(out->there);
}

bool ident_is_user(const char *text)
{
	size_t len = strlen(text);

	return len > 0 && len <= USER_MOST && !strpbrk(text, "\r\n");
}
