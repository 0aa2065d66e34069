/* http_host: see http_host.h. */
#include "common/http_host.h"

#include <ctype.h>
#include <string.h>

#include "base/sockaddr.h"

#define ADDRESS_BYTES 64

/* How long the host is, with its brackets; what follows is nothing or ":port". */
static size_t host_length(const char *text)
{
	return *text == '[' ? strcspn(text, "]") + (strchr(text, ']') != NULL) : strcspn(text, ":");
}

static bool is_port(const char *text)
{
	return !*text || (*text == ':' && !text[1 + strspn(text + 1, "0123456789")]);
}

/* Unreserved characters, sub-delims and %XX. */
static bool is_name(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '%' && len - i > 2 && isxdigit((unsigned char)text[i + 1]) &&
			isxdigit((unsigned char)text[i + 2]))
			i += 2;
		else if (!isalnum((unsigned char)text[i]) && !strchr("-._~!$&'()*+,;=", text[i]))
			return false;
	}
	return true;
}

static bool parse_address(const char *text, size_t len)
{
	char copy[ADDRESS_BYTES];
	struct sockaddr_len address;

	if (len >= sizeof(copy))
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	return sockaddr_parse(copy, &address);
}

bool http_host_valid(const char *text)
{
	size_t len = host_length(text);

	if (!is_port(text + len))
		return false;
	return *text == '[' ? parse_address(text, len) : is_name(text, len);
}

bool http_host_is(const char *text, const char *name)
{
	size_t len = host_length(text);

	/* A dot at the end says that the name is whole. */
	if (len > 1 && text[len - 1] == '.')
		len--;
	return len == strlen(name) && strncasecmp(text, name, len) == 0;
}

bool http_host_is_address(const char *text)
{
	return parse_address(text, host_length(text));
}
