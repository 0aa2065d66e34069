/* key_text: see key_text.h. */
#include "config/keys/key_text.h"

#include <inttypes.h>

#include "config/keys/protocol.h"

static const struct {
	const char *name, *help;
} types[] = {
	[KEY_TEXT] = {"text",
		"text up to the end of the line; all within $'...' it may have escapes"},
	[KEY_WORD] = {"word", "one of the words"},
	[KEY_PROTO] = {"word", "one of the words"},
	[KEY_YESNO] = {"yesno", "yes or no; on and off, true and false, 1 and 0 mean the same"},
	[KEY_NUMBER] = {"number", "a whole number"},
	[KEY_LIMIT] = {"limit", "a whole number, unlimited, or none: not even one"},
	[KEY_PER_TIME] = {"rate", "N/s, N/min or N/hour, unlimited, or none: not even one"},
	[KEY_BYTES] = {"bytes", "a number of bytes, or with k or m behind"},
	[KEY_TIME] = {"time", "a number of seconds, or with ms, s, min or h behind"},
	[KEY_MODE] = {"mode", "an octal number"},
	[KEY_LOAD] = {"load", "a number with at most two digits behind its point"},
	[KEY_EVENTS] = {"events", "words with blanks or commas between, or none"},
	[KEY_OUTPUT] = {"output", "one of the words, or an absolute path"},
	[KEY_MESSAGE] = {"message",
		"a text, with \\n \\t \\r \\\\ and \\xHH for what a line cannot hold, or the "
		"absolute path of a file with it"},
	[KEY_LISTENERS] = {"list", "items with blanks or commas between; += adds more"},
	[KEY_COMMAND] = {"words",
		"words with blanks between; quotes group, $'...' has escapes; += adds more"},
	[KEY_NETWORKS] = {"networks",
		"addresses and networks (192.0.2.0/24, 2001:db8::/32) with blanks or commas "
		"between; += adds more"},
	[KEY_TIMES] = {"times", "spans of a week with commas between; += adds more"},
	[KEY_ENVIRONMENT] = {"words",
		"words like NAME=VALUE with blanks between; quotes group, $'...' has escapes; += "
		"adds more"},
	[KEY_NAMES] = {"names", "names with blanks or commas between; += adds more"},
};

const char *key_type_text(const struct key *key)
{
	return types[key->type].name;
}

const char *key_type_help(const struct key *key)
{
	return types[key->type].help;
}

static void add(char *buf, size_t size, const char *text)
{
	strlcat(buf, *buf ? ", " : "", size);
	strlcat(buf, text, size);
}

/* Milliseconds in the largest unit that divides them. */
static void time_text(int64_t ms, char *buf, size_t size)
{
	static const struct {
		const char *name;
		int64_t ms;
	} units[] = {{"h", 3600000}, {"min", 60000}, {"s", 1000}, {"ms", 1}};
	size_t unit = 0;

	while (ms % units[unit].ms)
		unit++;
	snprintf(buf, size, "%" PRId64 "%s", ms / units[unit].ms, units[unit].name);
}

static void words_text(const struct key *key, char *buf, size_t size)
{
	for (const struct key_word *word = key->words; word && word->word; word++)
		add(buf, size, word->word);
	for (const struct protocol *row = protocol_table; key->type == KEY_PROTO && row->name;
		row++)
		add(buf, size, row->name);
}

char *key_range_text(const struct key *key, char *buf, size_t size)
{
	char low[32], high[32];

	buf[0] = 0;
	switch (key->type) {
	case KEY_WORD:
	case KEY_PROTO:
		words_text(key, buf, size);
		break;
	case KEY_NUMBER:
	case KEY_LIMIT:
	case KEY_PER_TIME:
	case KEY_BYTES:
		snprintf(buf, size, "%" PRId64 " to %" PRId64, key->min, key->max);
		break;
	case KEY_TIME:
		time_text(key->min, low, sizeof(low));
		time_text(key->max, high, sizeof(high));
		snprintf(buf, size, "%s to %s", low, high);
		break;
	case KEY_LOAD:
		snprintf(buf, size, "%" PRId64 ".%02" PRId64 " to %" PRId64, key->min / 100,
			key->min % 100, key->max / 100);
		break;
	case KEY_MODE:
		snprintf(buf, size, "0 to %" PRIo64, key->max);
		break;
	case KEY_EVENTS:
		strlcpy(buf, "start, exit, refuse, none", size);
		break;
	case KEY_OUTPUT:
		strlcpy(buf, "socket, log, null, /path", size);
		break;
	default:
		strlcpy(buf, "-", size);
	}
	if (key->flags & KEY_MAY_BE_UNSET) {
		strlcat(buf, ", ", size);
		strlcat(buf, key->unset, size);
	}
	return buf;
}

char *key_where_text(const struct key *key, char *buf, size_t size)
{
	static const struct {
		unsigned flag;
		const char *name;
	} places[] = {
		{KEY_IN_SERVICE, "service"},
		{KEY_IN_DEFAULTS, "defaults"},
		{KEY_IN_DAEMON, "inetd"},
		{KEY_IN_PROTOCOL, "line"},
	};

	buf[0] = 0;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (key->flags & places[i].flag)
			add(buf, size, places[i].name);
	return buf;
}
