/* type_word: the types whose values are words of a list. */
#include <strings.h>

#include "config/keys/key.h"
#include "config/keys/protocol.h"
#include "config/text/list.h"

static void add_word(char *buf, size_t size, const char *word)
{
	strlcat(buf, *buf ? ", " : "", size);
	strlcat(buf, word, size);
}

static void range_words(const struct key *key, char *buf, size_t size)
{
	buf[0] = 0;
	for (const struct key_word *word = key->words; word->word; word++)
		add_word(buf, size, word->word);
}

static const struct key_word *find_word(const struct key *key, const char *text)
{
	const struct key_word *word = key->words;

	while (word->word && strcmp(word->word, text) != 0)
		word++;
	return word->word ? word : NULL;
}

static int unknown_word(const struct setting *set)
{
	const struct key *key = set->key;
	char words[200];

	key->type->range(key, words, sizeof(words));
	TYPE_FAIL(set, "unknown %s '%s': one of %s", key->title ? key->title : key->name,
		set->value, words);
	return -1;
}

static int parse_word(const struct setting *set)
{
	const struct key_word *word = find_word(set->key, set->value);

	if (!word)
		return unknown_word(set);
	*(int *)set->out = word->value;
	return 0;
}

static bool print_word(const struct key *key, const void *value, FILE *out)
{
	for (const struct key_word *word = key->words; word->word; word++)
		if (word->value == *(const int *)value)
			return fprintf(out, "%s = %s\n", key->name, word->word) > 0;
	return false;
}

const struct key_type type_word = {
	.name = "word",
	.help = "one of the words",
	.bytes = sizeof(int),
	.parse = parse_word,
	.print = print_word,
	.range = range_words,
};

/* What is taken for a protocol, or written instead of one: what is meant. */
static const char *protocol_meant(const char *word)
{
	static const char *const rows[][2] = {{"ipv6", "tcp6 or udp6"}, {"ip6", "tcp6 or udp6"},
		{"inet6", "tcp6 or udp6"}, {"ipv4", "tcp4 or udp4"}, {"ip", "tcp or udp"},
		{"inet", "tcp4 or udp4"}, {"local", "unix"}, {"http", "tcp"}, {"https", "tcp"},
		{"tls", "tcp; the program itself speaks TLS"},
		{"ssl", "tcp; the program itself speaks TLS"}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (!strcasecmp(rows[i][0], word))
			return rows[i][1];
	return NULL;
}

static int parse_protocol(const struct setting *set)
{
	const struct protocol *protocol = protocol_find(set->value);
	const char *meant = protocol_meant(set->value);

	if (!protocol && meant) {
		TYPE_FAIL(set, "'%s' is not one of the protocols: write %s", set->value, meant);
		return -1;
	}
	if (!protocol) {
		TYPE_FAIL(set,
			"unknown protocol '%s': one of tcp, udp, mptcp, sctp and udplite, or as "
			"tcp4, tcp6 and tcp46 for one family or both on one socket; unix, vsock",
			set->value);
		return -1;
	}
	*(const struct protocol **)set->out = protocol;
	return 0;
}

static bool print_protocol(const struct key *key, const void *value, FILE *out)
{
	const struct protocol *protocol = *(const struct protocol *const *)value;

	return protocol && fprintf(out, "%s = %s\n", key->name, protocol->name) > 0;
}

static void range_protocols(const struct key *key, char *buf, size_t size)
{
	(void)key;
	buf[0] = 0;
	for (const struct protocol *row = protocol_table; row->name; row++)
		add_word(buf, size, row->name);
}

const struct key_type type_protocol = {
	.name = "word",
	.help = "one of the words",
	.bytes = sizeof(void *),
	.parse = parse_protocol,
	.print = print_protocol,
	.range = range_protocols,
};

static int parse_yesno(const struct setting *set)
{
	static const char *const words[] = {"no", "yes", "off", "on", "false", "true", "0", "1"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcasecmp(words[i], set->value)) {
			*(bool *)set->out = i % 2;
			return 0;
		}
	TYPE_FAIL(set, "%s: '%s' is neither yes nor no", set->name, set->value);
	return -1;
}

static bool print_yesno(const struct key *key, const void *value, FILE *out)
{
	return fprintf(out, "%s = %s\n", key->name, *(const bool *)value ? "yes" : "no") > 0;
}

const struct key_type type_yesno = {
	.name = "yesno",
	.help = "yes or no; on and off, true and false, 1 and 0 mean the same",
	.bytes = sizeof(bool),
	.parse = parse_yesno,
	.print = print_yesno,
};

static int parse_events(const struct setting *set)
{
	const char *rest = set->value;
	char piece[LIST_PIECE], words[200];
	uint32_t bits = 0;
	size_t count = 0;
	bool none = false;

	for (; list_next(&rest, LIST_BOTH, piece, sizeof(piece)); count++) {
		const struct key_word *event = find_word(set->key, piece);

		if (!event) {
			range_words(set->key, words, sizeof(words));
			TYPE_FAIL(set, "%s: '%s' is not one of %s", set->name, piece, words);
			return -1;
		}
		bits |= (uint32_t)event->value;
		none |= !event->value;
	}
	if (!count) {
		TYPE_FAIL(set, "%s: is empty", set->name);
		return -1;
	}
	if (none && count > 1) {
		TYPE_FAIL(set, "%s: none cannot be combined with others", set->name);
		return -1;
	}
	*(uint32_t *)set->out = bits;
	return 0;
}

static bool print_events(const struct key *key, const void *value, FILE *out)
{
	uint32_t bits = *(const uint32_t *)value;

	fprintf(out, "%s =", key->name);
	for (const struct key_word *word = key->words; word->word; word++)
		if (bits ? bits & (uint32_t)word->value : !word->value)
			fprintf(out, " %s", word->word);
	return fprintf(out, "\n") > 0;
}

const struct key_type type_events = {
	.name = "events",
	.help = "words with blanks or commas between, or none",
	.bytes = sizeof(uint32_t),
	.separators = LIST_BOTH,
	.parse = parse_events,
	.print = print_events,
	.range = range_words,
};
