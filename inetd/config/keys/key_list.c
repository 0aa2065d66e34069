/* key_list: the setters for texts and lists (see setting.h). They check each piece and keep the
 * text. */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "config/keys/setting.h"
#include "config/text/escape.h"
#include "config/text/list.h"

#define FAIL(set, ...) diag_add((set)->diag, DIAG_ERROR, (set)->where, __VA_ARGS__)

/* Checks one piece of a list; returns false after a diagnostic. */
typedef bool piece_fn(const struct setting *set, const char *piece);

static bool network_piece(const struct setting *set, const char *piece)
{
	const char *name = set->key->name;
	struct network network;
	char text[NETWORK_TEXT];

	switch (network_parse(piece, &network)) {
	case NETWORK_NOT:
		FAIL(set, "%s: '%s' is not an address or network, as in 192.0.2.0/24", name, piece);
		return false;
	case NETWORK_PREFIX:
		FAIL(set, "%s: '%s': behind the slash stand the bits of its prefix, 0 to %d", name,
			piece, network.v4 ? 32 : 128);
		return false;
	case NETWORK_STRAY:
		diag_add(set->diag, DIAG_WARNING, set->where, "%s: '%s' is taken as %s", name,
			piece, network_text(&network, text, sizeof(text)));
		return true;
	default:
		return true;
	}
}

static bool time_piece(const struct setting *set, const char *piece)
{
	struct week_span spans[WEEK_PIECE];

	if (week_parse(piece, spans))
		return true;
	FAIL(set, "%s: '%s' is no time of a week, as in Mon-Fri 08:00-18:00", set->key->name,
		piece);
	return false;
}

static bool is_variable(const char *name, size_t len)
{
	if (!len || isdigit((unsigned char)*name))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)name[i]) && name[i] != '_')
			return false;
	return true;
}

static bool name_piece(const struct setting *set, const char *piece)
{
	if (is_variable(piece, strlen(piece)))
		return true;
	FAIL(set, "%s: '%s' is not the name of a variable", set->key->name, piece);
	return false;
}

static bool place_piece(const struct setting *set, const char *piece)
{
	for (const char *at = piece; *at; at++)
		if (iscntrl((unsigned char)*at)) {
			FAIL(set, "%s: '%s': only port can say a path with control characters",
				set->key->name, piece);
			return false;
		}
	return true;
}

static int check_pieces(const struct setting *set, const char *separators, piece_fn *check)
{
	const char *rest = set->value;
	char piece[LIST_PIECE];
	bool good = true;
	size_t count = 0;

	for (; list_next(&rest, separators, piece, sizeof(piece)); count++)
		good &= check(set, piece);
	if (!count)
		FAIL(set, "%s: is empty", set->key->name);
	return good && count ? 0 : -1;
}

static bool word_fits(const struct setting *set, const char *word)
{
	size_t len = strcspn(word, "=");

	if (set->key->type == KEY_ENVIRONMENT && (!word[len] || !is_variable(word, len))) {
		FAIL(set, "%s: '%s' is not NAME=VALUE", set->key->name, word);
		return false;
	}
	return true;
}

static int check_words(const struct setting *set)
{
	struct arena arena;
	size_t count = 0;
	char **words;
	bool good = true;

	arena_init(&arena);
	words = list_words(set->value, &arena, &count);
	if (!words)
		FAIL(set, "%s: %s", set->key->name,
			errno == EINVAL   ? "a quote is not closed"
			: errno == EILSEQ ? ESCAPE_UNKNOWN
					  : strerror(errno));
	for (size_t i = 0; words && i < count; i++)
		good &= word_fits(set, words[i]);
	if (words && !count && set->key != &key_table[KEY_SERVER_ARGS]) {
		FAIL(set, "%s: is empty", set->key->name);
		good = false;
	}
	arena_free(&arena);
	return words && good ? 0 : -1;
}

static int check_message(const struct setting *set)
{
	struct arena arena;
	char *text;

	arena_init(&arena);
	text = *set->value == '/' ? NULL : list_unescape(set->value, &arena);
	if (*set->value != '/' && !text)
		FAIL(set, "%s: %s", set->key->name,
			errno == EINVAL ? "unknown escape: one of \\\\ \\n \\t \\r \\xHH"
					: strerror(errno));
	else if (!*set->value)
		FAIL(set, "%s: is empty", set->key->name);
	else if (text && strlen(text) > MESSAGE_MAX)
		FAIL(set, "%s: has %zu bytes: %d at most", set->key->name, strlen(text),
			MESSAGE_MAX);
	else
		text = (char *)set->value;
	arena_free(&arena);
	return text == set->value ? 0 : -1;
}

static int check_output(const struct setting *set)
{
	const char *value = set->value;

	if (*value == '/' || !strcmp(value, "socket") || !strcmp(value, "log") ||
		!strcmp(value, "null"))
		return 0;
	FAIL(set, "%s: '%s' is neither socket, log, null nor an absolute path", set->key->name,
		value);
	return -1;
}

static int set_events(const struct setting *set)
{
	static const struct key_word events[] = {{"start", EVENT_START}, {"exit", EVENT_EXIT},
		{"refuse", EVENT_REFUSE}, {"none", 0}, {NULL, 0}};
	const char *rest = set->value;
	const struct key_word *event;
	char piece[LIST_PIECE];
	uint32_t bits = 0;
	size_t count = 0;
	bool none = false;

	for (; list_next(&rest, LIST_BOTH, piece, sizeof(piece)); count++) {
		for (event = events; event->word && strcmp(event->word, piece) != 0; event++)
			;
		if (!event->word) {
			FAIL(set, "%s: '%s' is not one of start, exit, refuse, none",
				set->key->name, piece);
			return -1;
		}
		bits |= (uint32_t)event->value;
		none |= !event->value;
	}
	if (!count) {
		FAIL(set, "%s: is empty", set->key->name);
		return -1;
	}
	if (none && count > 1) {
		FAIL(set, "%s: none stands alone", set->key->name);
		return -1;
	}
	*(uint32_t *)set->out = bits;
	return 0;
}

static int check_text(const struct setting *set)
{
	switch (set->key->type) {
	case KEY_OUTPUT:
		return check_output(set);
	case KEY_MESSAGE:
		return check_message(set);
	case KEY_NETWORKS:
		return check_pieces(set, LIST_BOTH, network_piece);
	case KEY_TIMES:
		return check_pieces(set, LIST_COMMAS, time_piece);
	case KEY_NAMES:
		return check_pieces(set, LIST_BOTH, name_piece);
	case KEY_COMMAND:
	case KEY_ENVIRONMENT:
		return check_words(set);
	default: /* what is wrong with LISTENERS is said when endpoints are made of them */
		return check_pieces(set, LIST_BOTH, place_piece);
	}
}

int setting_text(const struct setting *set)
{
	if (set->key->type == KEY_EVENTS)
		return set_events(set);
	if (check_text(set) < 0)
		return -1;
	*(const char **)set->out = set->value;
	return 0;
}

bool key_is_list(const struct key *key)
{
	return key->type >= KEY_LISTENERS;
}

char *key_join(const struct key *key, struct arena *arena, const char *first, const char *second)
{
	return arena_printf(arena, "%s%s%s", first, key->type == KEY_TIMES ? ", " : " ", second);
}

int key_add(struct draft *draft, const struct key *key, const char *value, struct where where,
	struct diag *diag)
{
	enum key_id id = key_id_of(key);
	const char **text = (const char **)((char *)draft + key->offset);
	struct setting set = {key, value, where, diag, &value};
	const char *joined;

	if (!key_is_list(key)) {
		FAIL(&set, "%s: is no list that += could add to", key->name);
		draft->failed = true;
		return -1;
	}
	if (!draft->set[id]) {
		draft->added[id] = !key_set(draft, key, value, where, diag);
		return draft->added[id] ? 0 : -1;
	}
	if (setting_text(&set) < 0) {
		draft->failed = true;
		return -1;
	}
	joined = key_join(key, draft->arena, *text, value);
	if (!joined)
		FAIL(&set, "%s: %s", key->name, strerror(errno));
	else
		*text = joined;
	draft->failed |= !joined;
	return joined ? 0 : -1;
}
