/* proxy: see proxy.h. */
#include "base/proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>

#define V1_START "PROXY "
#define V1_MOST  107 /* with CR and LF */

#define V2_START "\r\n\r\n\0\r\nQUIT\n"
#define V2_FIXED 16 /* start, version and command, family, length */
#define V2_PATH  108
#define TLV_HEAD 3 /* type, length */

static bool starts(const char *data, size_t len, const char *start, size_t start_len)
{
	return memcmp(data, start, len < start_len ? len : start_len) == 0;
}

static unsigned be16(const char *at)
{
	return (unsigned)(unsigned char)at[0] << 8 | (unsigned char)at[1];
}

static void set_host(int family, const void *address, struct proxy_end *out)
{
	if (family == AF_INET6 && IN6_IS_ADDR_V4MAPPED((const struct in6_addr *)address)) {
		family = AF_INET;
		address = (const char *)address + 12;
	}
	inet_ntop(family, address, out->host, sizeof(out->host));
}

/* Version 1 */

/* A number as the text form has it: digits only, no zeros in front. */
static bool parse_port(const char *text, uint16_t *out)
{
	unsigned value = 0;
	size_t len = strspn(text, "0123456789");

	if (len == 0 || len > 5 || text[len] || (text[0] == '0' && len > 1))
		return false;
	for (const char *c = text; *c; c++)
		value = value * 10 + (unsigned)(*c - '0');
	*out = (uint16_t)value;
	return value <= UINT16_MAX;
}

static bool parse_host(int family, const char *text, struct proxy_end *out)
{
	struct in6_addr address;

	if (inet_pton(family, text, &address) != 1)
		return false;
	set_host(family, &address, out);
	return true;
}

/* What follows "PROXY ", without the end of the line. */
static enum proxy_result parse_line(char *line, struct proxy *out)
{
	char *word[4];
	int family;
	const char *kind = strsep(&line, " ");

	if (!strcmp(kind, "UNKNOWN"))
		return PROXY_WHOLE;
	family = !strcmp(kind, "TCP4") ? AF_INET : AF_INET6;
	if (family == AF_INET6 && strcmp(kind, "TCP6") != 0)
		return PROXY_FAMILY;
	for (int i = 0; i < 4; i++)
		if (!(word[i] = strsep(&line, " ")) || !*word[i])
			return PROXY_WORDS;
	if (line)
		return PROXY_WORDS;
	if (!parse_host(family, word[0], &out->source) ||
		!parse_host(family, word[1], &out->target))
		return PROXY_ADDRESS;
	if (!parse_port(word[2], &out->source.port) || !parse_port(word[3], &out->target.port))
		return PROXY_PORT;
	out->kind = PROXY_TCP;
	return PROXY_WHOLE;
}

static enum proxy_result scan_v1(const char *data, size_t len, struct proxy *out, size_t *size)
{
	size_t text_len = 0;
	char line[V1_MOST];

	if (!starts(data, len, V1_START, strlen(V1_START)))
		return PROXY_NONE;
	while (text_len < len && data[text_len] >= ' ' && data[text_len] <= '~')
		text_len++;
	if (text_len > V1_MOST - 2)
		return PROXY_LONG;
	if (text_len < len && data[text_len] != '\r')
		return PROXY_LINE;
	if (text_len + 1 >= len)
		return PROXY_PART;
	if (data[text_len + 1] != '\n')
		return PROXY_LINE;
	*size = text_len + 2;
	memcpy(line, data, text_len);
	line[text_len] = '\0';
	return parse_line(line + strlen(V1_START), out);
}

/* Version 2 */

/* What the byte after the command means; reserved values have no row. */
static const struct v2_family {
	unsigned char byte;
	enum proxy_kind kind;
	int family;
	size_t len; /* of both addresses and their ports */
} v2_families[] = {
	{0x11, PROXY_TCP, AF_INET, 12},
	{0x12, PROXY_UDP, AF_INET, 12},
	{0x21, PROXY_TCP, AF_INET6, 36},
	{0x22, PROXY_UDP, AF_INET6, 36},
	{0x31, PROXY_UNIX, AF_UNIX, 2 * (size_t)V2_PATH},
	{0x32, PROXY_UNIX, AF_UNIX, 2 * (size_t)V2_PATH},
};

static const struct v2_family *find_family(char byte)
{
	for (size_t i = 0; i < sizeof(v2_families) / sizeof(v2_families[0]); i++)
		if (v2_families[i].byte == (unsigned char)byte)
			return &v2_families[i];
	return NULL;
}

/* A path ends at its first NUL; an abstract name starts with one. */
static void set_path(const char *path, struct proxy_end *out)
{
	size_t len = 0;

	while (len < V2_PATH && (path[len] || (len == 0 && path[1]))) {
		bool printable = path[len] >= ' ' && path[len] <= '~';

		out->host[len] = printable ? path[len] : '?';
		len++;
	}
	out->host[len] = '\0';
	if (len > 0 && path[0] == '\0')
		out->host[0] = '@';
}

static void set_ends(const struct v2_family *family, const char *at, struct proxy *out)
{
	size_t host_len = (family->len - 4) / 2;

	out->kind = family->kind;
	if (family->family == AF_UNIX) {
		set_path(at, &out->source);
		set_path(at + V2_PATH, &out->target);
		return;
	}
	set_host(family->family, at, &out->source);
	set_host(family->family, at + host_len, &out->target);
	out->source.port = (uint16_t)be16(at + 2 * host_len);
	out->target.port = (uint16_t)be16(at + 2 * host_len + 2);
}

/* Further values are skipped, but they must fill the rest exactly. */
static bool fits(const char *at, size_t left)
{
	while (left >= TLV_HEAD) {
		size_t len = TLV_HEAD + be16(at + 1);

		if (len > left)
			return false;
		at += len;
		left -= len;
	}
	return left == 0;
}

static enum proxy_result parse_block(const char *data, size_t size, struct proxy *out)
{
	const struct v2_family *family = find_family(data[13]);
	size_t left = size - V2_FIXED;

	if (data[12] == 0x20 || data[13] == 0)
		return PROXY_WHOLE; /* whatever is in it */
	if (!family)
		return PROXY_FAMILY;
	if (left < family->len)
		return PROXY_SHORT;
	set_ends(family, data + V2_FIXED, out);
	return fits(data + V2_FIXED + family->len, left - family->len) ? PROXY_WHOLE : PROXY_VALUES;
}

static enum proxy_result scan_v2(const char *data, size_t len, struct proxy *out, size_t *size)
{
	if (!starts(data, len, V2_START, sizeof(V2_START) - 1))
		return PROXY_NONE;
	if (len < V2_FIXED)
		return PROXY_PART;
	if (data[12] != 0x20 && data[12] != 0x21)
		return PROXY_COMMAND;
	*size = V2_FIXED + be16(data + 14);
	if (*size > PROXY_MOST)
		return PROXY_LONG;
	return len < *size ? PROXY_PART : parse_block(data, *size, out);
}

enum proxy_result proxy_scan(const void *data, size_t len, struct proxy *out, size_t *size)
{
	const char *bytes = data;
	struct proxy found = {.kind = PROXY_OWN};
	size_t found_size = 0;
	enum proxy_result result;

	if (len == 0)
		return PROXY_PART;
	if (bytes[0] == V2_START[0])
		result = scan_v2(bytes, len, &found, &found_size);
	else
		result = scan_v1(bytes, len, &found, &found_size);
	if (result == PROXY_WHOLE) {
		*out = found;
		*size = found_size;
	}
	return result;
}

const char *proxy_wrong(enum proxy_result result)
{
	static const char *const texts[] = {
		[PROXY_NONE] = "no PROXY header",
		[PROXY_LONG] = "the header is too long",
		[PROXY_LINE] = "the header is no line of ASCII that ends with CR LF",
		[PROXY_WORDS] =
			"the header has not two addresses and two ports with a blank between",
		[PROXY_ADDRESS] = "the header has an address that is none of its family",
		[PROXY_PORT] = "the header has a port that is none",
		[PROXY_COMMAND] = "the header has an unknown version or command",
		[PROXY_FAMILY] = "the header has an unknown family or protocol",
		[PROXY_SHORT] = "the header is too short for its addresses",
		[PROXY_VALUES] = "the header has values that do not fill it",
		[PROXY_ENDED] = "the connection ended before its header did",
		[PROXY_LATE] = "no whole header in time",
	};

	return (unsigned)result < PROXY_RESULTS ? texts[result] : NULL;
}
