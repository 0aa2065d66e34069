/* classic_entry: the fields of one positional line (inetd.conf of Debian, FreeBSD, NetBSD, OpenBSD,
 * GNU inetutils, busybox). Only syntax: types, ranges and look-ups are left to key.c and check.c.
 */
#include "config/keys/key.h"
#include "config/keys/protocol.h"
#include "config/syntax/classic.h"
#include "config/syntax/classic_shape.h"
#include "config/syntax/field.h"
#include "config/syntax/freebsd_auth.h"

/* One entry while its fields are read. */
struct entry {
	struct load *load;
	struct input *input;
	struct draft *draft;
	const struct words *words;
};

static struct where entry_where(const struct entry *entry, size_t word)
{
	return input_where(entry->input, entry->words->word[word].line);
}

#define FAIL(entry, word, ...)                                                                     \
	do {                                                                                       \
		diag_add((entry)->load->diag, DIAG_ERROR, entry_where(entry, word), __VA_ARGS__);  \
		(entry)->draft->failed = true;                                                     \
	} while (0)

static void set(struct entry *entry, enum key_id id, const char *value, size_t word)
{
	key_set(entry->draft, &key_table[id], value, entry_where(entry, word), entry->load->diag);
}

/* Sets a limit of a field, which messages call by the field. */
static void set_limit(struct entry *entry, enum key_id id, const char *value, size_t word)
{
	struct arena *arena = &entry->load->entries;

	draft_set_name(entry->draft, id,
		load_memory(
			entry->load, arena_printf(arena, "%s (%s)", entry->words->word[word].text,
					     key_table[id].name)));
	set(entry, id, value, word);
}

/* A copy of the text from `from` to `to`, until the entry is read; "" without memory. */
static const char *part(struct entry *entry, const char *from, const char *to)
{
	struct arena *arena = &entry->load->work;
	char *copy = load_memory(entry->load, arena_strndup(arena, from, (size_t)(to - from)));

	return copy ? copy : "";
}

/* stream[,N][:filter] (NetBSD): N at once, and an accept filter (accept_filter(9)). */
static void read_type(struct entry *entry)
{
	const char *at = entry->words->word[TYPE].text, *end = at + strcspn(at, ",:");

	set(entry, KEY_SOCKET_TYPE, part(entry, at, end), TYPE);
	while (*end) {
		char mark = *end;
		const char *value;

		at = end + 1;
		end = at + strcspn(at, ",:");
		value = part(entry, at, end);
		if (!*value) {
			FAIL(entry, TYPE, "'%s': nothing follows the '%c'",
				entry->words->word[TYPE].text, mark);
		} else if (mark == ',') {
			set_limit(entry, KEY_INSTANCES, strcmp(value, "0") ? value : "none", TYPE);
		} else if (!strcmp(value, "dataready") || !strcmp(value, "httpready")) {
			set(entry, KEY_DEFER_ACCEPT, "yes", TYPE);
		} else {
			FAIL(entry, TYPE, "unknown accept filter '%s': dataready or httpready",
				value);
		}
	}
}

/* tcp46,sndbuf=64k,rcvbuf=1m */
static void read_protocol(struct entry *entry)
{
	const char *at = entry->words->word[PROTOCOL].text, *end = at + strcspn(at, ",");

	set(entry, KEY_PROTOCOL,
		field_protocol(entry->input, entry->draft, part(entry, at, end),
			entry->words->word[SERVICE].text),
		PROTOCOL);
	while (*end) {
		const struct key *key = NULL;
		const char *equal;

		at = end + 1;
		end = at + strcspn(at, ",");
		equal = memchr(at, '=', (size_t)(end - at));
		if (equal)
			key = key_find(part(entry, at, equal));
		if (key && key->flags & KEY_IN_PROTOCOL)
			set(entry, key_id_of(key), part(entry, equal + 1, end), PROTOCOL);
		else if (at == end)
			FAIL(entry, PROTOCOL, "'%s': nothing follows the ','",
				entry->words->word[PROTOCOL].text);
		else
			FAIL(entry, PROTOCOL,
				"unknown option '%s' after the protocol: sndbuf=N or rcvbuf=N",
				part(entry, at, end));
	}
}

/* ".N" and ":N": N starts a minute. 0 differs: no limit on Debian and FreeBSD, where a dot is
 * written; none allowed on NetBSD, where a colon is. */
static const char *read_rate(struct entry *entry, const char *at)
{
	char mark = *at++;
	const char *end = at + strcspn(at, ".:/"), *value = part(entry, at, end);
	char text[40];

	if (entry->draft->set[KEY_RATE]) {
		FAIL(entry, WAIT, "'%s' sets the starts a minute twice",
			entry->words->word[WAIT].text);
		return end;
	}
	if (!strcmp(value, "0") && mark == '.') {
		diag_add(entry->load->diag, DIAG_NOTE, entry_where(entry, WAIT),
			"'.0' sets no limit of starts a minute; ':0' would allow none");
		set_limit(entry, KEY_RATE, "unlimited", WAIT);
	} else if (!strcmp(value, "0")) {
		diag_add(entry->load->diag, DIAG_NOTE, entry_where(entry, WAIT),
			"':0' allows no start at all; '.0' would set no limit");
		set_limit(entry, KEY_RATE, "none", WAIT);
	} else if (strlen(value) < 20 && strspn(value, "0123456789") == strlen(value) && *value) {
		snprintf(text, sizeof(text), "%s/min", value);
		set_limit(entry, KEY_RATE, text, WAIT);
	} else if (!*value) {
		FAIL(entry, WAIT, "'%s': no number of starts a minute follows the '%c'",
			entry->words->word[WAIT].text, mark);
	} else {
		FAIL(entry, WAIT, "'%c%s' is not a number of starts a minute", mark, value);
	}
	return end;
}

/* "/max/cpm/perip" (FreeBSD): at once, a minute and source, at once and source; 0 = no limit, an
 * empty part sets nothing. */
static const char *read_limits(struct entry *entry, const char *at)
{
	static const enum key_id ids[] = {KEY_INSTANCES, KEY_PER_SOURCE_RATE, KEY_PER_SOURCE};
	size_t count = 0;

	while (*at == '/') {
		const char *end = at + 1 + strcspn(at + 1, ".:/");
		const char *value = part(entry, at + 1, end);
		char text[40];

		if (count == sizeof(ids) / sizeof(ids[0])) {
			FAIL(entry, WAIT, "'/%s' is one limit too many: /max/cpm/perip", value);
		} else if (!strcmp(value, "0")) {
			set_limit(entry, ids[count], "unlimited", WAIT);
		} else if (strspn(value, "0123456789") != strlen(value) || strlen(value) > 19) {
			FAIL(entry, WAIT, "'/%s' is not a number", value);
		} else if (*value) {
			snprintf(text, sizeof(text), "%s%s", value,
				ids[count] == KEY_PER_SOURCE_RATE ? "/min" : "");
			set_limit(entry, ids[count], text, WAIT);
		} else if (!*end) {
			diag_add(entry->load->diag, DIAG_WARNING, entry_where(entry, WAIT),
				"'%s': no number follows the last slash, which sets no limit",
				entry->words->word[WAIT].text);
		}
		count += count < sizeof(ids) / sizeof(ids[0]);
		at = end;
	}
	return at;
}

/* A word that is neither wait nor nowait. */
static void wait_mistake(struct entry *entry, const char *word)
{
	size_t letters = strspn(word, "nowait");
	bool begins = (letters == 4 || letters == 6) && !strncmp(word + letters - 4, "wait", 4);

	if (strchr(word, '=') || (begins && strchr(",;-0123456789", word[letters])))
		FAIL(entry, WAIT,
			"'%s': a limit is written as nowait.20 (starts a minute) or nowait/20 (at "
			"once)",
			word);
	else if (!strcasecmp(word, "wait") || !strcasecmp(word, "nowait"))
		FAIL(entry, WAIT, "'%s' is written in small letters: wait or nowait", word);
	else
		FAIL(entry, WAIT, "'%s' is neither wait nor nowait", word);
}

static void read_wait(struct entry *entry)
{
	const char *text = entry->words->word[WAIT].text, *at = text + strcspn(text, ".:/");
	const char *word = part(entry, text, at);

	if (strcmp(word, "wait") != 0 && strcmp(word, "nowait") != 0) {
		wait_mistake(entry, word);
		return;
	}
	set(entry, KEY_WAIT, *word == 'w' ? "yes" : "no", WAIT);
	while (*at)
		at = *at == '/' ? read_limits(entry, at) : read_rate(entry, at);
}

/* FreeBSD's identd inside inetd: "internal auth ...", or a service of that name. */
static bool is_identd(const struct words *words)
{
	const char *name = words->word[words->count > ARGV0 ? ARGV0 : SERVICE].text;

	return !strcmp(name, "auth");
}

static void read_internal(struct entry *entry)
{
	const struct words *words = entry->words;

	entry->draft->internal = true;
	if (is_identd(words)) {
		set(entry, KEY_INTERNAL, "auth", SERVER);
		freebsd_auth_options(entry->input, entry->draft, words, ARGV0 + 1);
		return;
	}
	/* The BSDs want the word twice, in the place of argv[0] too. */
	if (words->count == ARGV0 || !strcmp(words->word[ARGV0].text, "internal"))
		return;
	set(entry, KEY_INTERNAL, words->word[ARGV0].text, ARGV0);
	if (words->count > ARGV0 + 1 && *words->word[ARGV0 + 1].text == '#')
		FAIL(entry, ARGV0 + 1,
			"internal %s: '#' begins no comment here: a comment needs a line of its "
			"own",
			words->word[ARGV0].text);
	else if (words->count > ARGV0 + 1)
		FAIL(entry, ARGV0 + 1, "internal %s: '%s' is one word too many",
			words->word[ARGV0].text, words->word[ARGV0 + 1].text);
}

static void read_server(struct entry *entry)
{
	const struct words *words = entry->words;
	size_t count = words->count - ARGV0;

	if (!strcmp(words->word[SERVER].text, "internal")) {
		read_internal(entry);
		return;
	}
	set(entry, KEY_SERVER, words->word[SERVER].text, SERVER);
	if (count)
		field_arguments(entry->input, entry->draft, words, ARGV0);
}

void classic_entry(struct input *input, const struct words *words)
{
	static const char *const fields[] = {
		"service", "socket type", "protocol", "wait or nowait", "user", "server"};
	struct entry entry = {.load = input->load, .input = input, .words = words};

	entry.draft = load_draft(input, words->word[0].line);
	if (!entry.draft)
		return;
	entry.draft->positional = true;
	entry.draft->dialect = input->dialect;
	if (classic_shape(input, words)) {
		entry.draft->failed = entry.draft->incomplete = true;
		return;
	}
	if (words->count < FIELDS) {
		entry.draft->incomplete = true;
		FAIL(&entry, words->count - 1, "the entry ends after '%s': no %s",
			words->word[words->count - 1].text, fields[words->count]);
		return;
	}
	read_type(&entry);
	read_protocol(&entry);
	if (!entry.draft->incomplete)
		field_service(input, entry.draft, words->word[SERVICE].text,
			entry_where(&entry, SERVICE));
	read_wait(&entry);
	set(&entry, KEY_USER, words->word[USER].text, USER);
	read_server(&entry);
}
