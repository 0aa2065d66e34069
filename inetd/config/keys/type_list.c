/* type_list: the types of lists, which "+=" adds to. */
#include <ctype.h>
#include <errno.h>

#include "config/keys/key.h"
#include "config/text/escape.h"
#include "config/text/ini_text.h"
#include "config/text/list.h"

/* --- lists that end in NULL: words, names, items of listen --- */

static size_t count_words(char *const *words)
{
	size_t count = 0;

	while (words && words[count])
		count++;
	return count;
}

static int join_words(void *out, const void *first, const void *second, struct arena *arena)
{
	char **one = *(char **const *)first, **two = *(char **const *)second;
	size_t ones = count_words(one), twos = count_words(two);
	char **both = arena_calloc(arena, ones + twos + 1, sizeof(*both));

	if (!both)
		return -1;
	memcpy(both, one, ones * sizeof(*both));
	memcpy(both + ones, two, twos * sizeof(*both));
	*(char ***)out = both;
	return 0;
}

static bool equal_words(const void *a, const void *b)
{
	char *const *x = *(char *const *const *)a, *const *y = *(char *const *const *)b;

	if (!x || !y)
		return x == y;
	for (; *x && *y; x++, y++)
		if (strcmp(*x, *y) != 0)
			return false;
	return *x == *y;
}

static char **copy_words(char *const *words, struct arena *arena)
{
	size_t count = count_words(words);
	char **copy = arena_calloc(arena, count + 1, sizeof(*copy));

	for (size_t i = 0; copy && i < count; i++) {
		copy[i] = arena_strdup(arena, words[i]);
		if (!copy[i])
			return NULL;
	}
	return copy;
}

/* False after a diagnostic. */
typedef bool piece_fn(const struct setting *set, const char *piece);

static int parse_words(const struct setting *set, piece_fn *check)
{
	char **words = set->words ? copy_words(set->words, set->arena)
				  : list_words(set->value, set->arena, NULL);
	bool good = true;

	if (!words) {
		TYPE_FAIL(set, "%s: %s", set->key->name,
			errno == EINVAL   ? "a quote is not closed"
			: errno == EILSEQ ? ESCAPE_UNKNOWN
					  : strerror(errno));
		return -1;
	}
	for (char **word = words; check && *word; word++)
		good &= check(set, *word);
	if (!*words && !(set->key->flags & KEY_MAY_BE_EMPTY)) {
		TYPE_FAIL(set, "%s: is empty", set->key->name);
		return -1;
	}
	*(char ***)set->out = words;
	return good ? 0 : -1;
}

/* An empty list where that is a value too: it is what an entry may have to lose. */
static bool print_words(const struct key *key, const void *value, FILE *out)
{
	struct ini_list list = {.out = out, .name = key->name};
	char *const *words = *(char *const *const *)value;

	for (; words && *words; words++)
		ini_list_word(&list, *words);
	return ini_list_end(&list) ||
	       (key->flags & KEY_MAY_BE_EMPTY && fprintf(out, "%s =\n", key->name) > 0);
}

static int parse_command(const struct setting *set)
{
	return parse_words(set, NULL);
}

const struct key_type type_command = {
	.name = "words",
	.help = "words with blanks between; quotes group, $'...' has escapes; += adds more",
	.bytes = sizeof(char **),
	.separators = LIST_BLANKS,
	.is_words = true,
	.parse = parse_command,
	.print = print_words,
	.equal = equal_words,
	.join = join_words,
};

static bool is_variable(const char *name, size_t len)
{
	if (!len || isdigit((unsigned char)*name))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)name[i]) && name[i] != '_')
			return false;
	return true;
}

static bool check_assignment(const struct setting *set, const char *word)
{
	size_t len = strcspn(word, "=");

	if (word[len] && is_variable(word, len))
		return true;
	TYPE_FAIL(set, "%s: '%s' is not NAME=VALUE", set->key->name, word);
	return false;
}

static int parse_environment(const struct setting *set)
{
	return parse_words(set, check_assignment);
}

const struct key_type type_environment = {
	.name = "words",
	.help = "words like NAME=VALUE with blanks between; quotes group, $'...' has escapes; += "
		"adds more",
	.bytes = sizeof(char **),
	.separators = LIST_BLANKS,
	.is_words = true,
	.parse = parse_environment,
	.print = print_words,
	.equal = equal_words,
	.join = join_words,
};

static int parse_pieces(const struct setting *set, piece_fn *check)
{
	char **pieces = list_names(set->value, set->arena);
	bool good = true;

	if (!pieces)
		return type_no_memory(set);
	if (!*pieces) {
		TYPE_FAIL(set, "%s: is empty", set->key->name);
		return -1;
	}
	for (char **piece = pieces; *piece; piece++)
		good &= check(set, *piece);
	*(char ***)set->out = pieces;
	return good ? 0 : -1;
}

static bool print_pieces(const struct key *key, const void *value, FILE *out)
{
	struct ini_list list = {.out = out, .name = key->name};
	char *const *pieces = *(char *const *const *)value;

	for (; pieces && *pieces; pieces++)
		ini_list_add(&list, "", *pieces);
	return ini_list_end(&list);
}

static bool check_name(const struct setting *set, const char *name)
{
	if (is_variable(name, strlen(name)))
		return true;
	TYPE_FAIL(set, "%s: '%s' is not the name of a variable", set->key->name, name);
	return false;
}

static int parse_names(const struct setting *set)
{
	return parse_pieces(set, check_name);
}

const struct key_type type_names = {
	.name = "names",
	.help = "names with blanks or commas between; += adds more",
	.bytes = sizeof(char **),
	.separators = LIST_BOTH,
	.parse = parse_names,
	.print = print_pieces,
	.equal = equal_words,
	.join = join_words,
};

/* What else is wrong with an item is reported when endpoints are made of it. */
static bool check_item(const struct setting *set, const char *item)
{
	for (const char *at = item; *at; at++)
		if (iscntrl((unsigned char)*at)) {
			TYPE_FAIL(set,
				"%s: '%s': only port can have a path with control characters",
				set->key->name, item);
			return false;
		}
	return true;
}

static int parse_listen(const struct setting *set)
{
	return parse_pieces(set, check_item);
}

const struct key_type type_listen = {
	.name = "list",
	.help = "items with blanks or commas between; += adds more",
	.bytes = sizeof(char **),
	.separators = LIST_BOTH,
	.parse = parse_listen,
	.print = print_pieces,
	.equal = equal_words,
	.join = join_words,
};

/* --- lists that are counted: networks, spans of time --- */

static int parse_networks(const struct setting *set)
{
	struct networks *networks = set->out;
	const char *rest = set->value, *name = set->key->name;
	char piece[LIST_PIECE], text[NETWORK_TEXT];
	struct network *list = arena_calloc(
		set->arena, list_count(set->value, LIST_BOTH), sizeof(*networks->list));
	size_t count = 0;
	bool good = true;

	if (!list)
		return type_no_memory(set);
	for (; list_next(&rest, LIST_BOTH, piece, sizeof(piece)); count++) {
		struct network *network = &list[count];

		switch (network_parse(piece, network)) {
		case NETWORK_NOT:
			TYPE_FAIL(set, "%s: '%s' is not an address or network, as in 192.0.2.0/24",
				name, piece);
			good = false;
			break;
		case NETWORK_PREFIX:
			TYPE_FAIL(set,
				"%s: '%s': after the slash comes the length of the prefix, 0 to %d",
				name, piece, network->v4 ? 32 : 128);
			good = false;
			break;
		case NETWORK_STRAY:
			diag_add(set->diag, DIAG_WARNING, set->where, "%s: '%s' is taken as %s",
				name, piece, network_text(network, text, sizeof(text)));
			break;
		case NETWORK_OK:
			break;
		}
	}
	if (!count)
		TYPE_FAIL(set, "%s: is empty", name);
	*networks = (struct networks){list, count};
	return good && count ? 0 : -1;
}

static bool print_networks(const struct key *key, const void *value, FILE *out)
{
	struct ini_list list = {.out = out, .name = key->name};
	const struct networks *networks = value;
	char text[NETWORK_TEXT];

	for (size_t i = 0; i < networks->count; i++)
		ini_list_add(&list, "", network_text(&networks->list[i], text, sizeof(text)));
	return ini_list_end(&list);
}

static bool equal_networks(const void *a, const void *b)
{
	const struct networks *x = a, *y = b;

	if (x->count != y->count)
		return false;
	for (size_t i = 0; i < x->count; i++)
		if (network_compare(&x->list[i], &y->list[i]) != 0)
			return false;
	return true;
}

static int join_networks(void *out, const void *first, const void *second, struct arena *arena)
{
	const struct networks *one = first, *two = second;
	struct network *list = arena_calloc(arena, one->count + two->count, sizeof(struct network));

	if (!list)
		return -1;
	memcpy(list, one->list, one->count * sizeof(*list));
	memcpy(list + one->count, two->list, two->count * sizeof(*list));
	*(struct networks *)out = (struct networks){list, one->count + two->count};
	return 0;
}

const struct key_type type_networks = {
	.name = "networks",
	.help = "addresses and networks (192.0.2.0/24, 2001:db8::/32) with blanks or commas "
		"between; += adds more",
	.bytes = sizeof(struct networks),
	.separators = LIST_BOTH,
	.parse = parse_networks,
	.print = print_networks,
	.equal = equal_networks,
	.join = join_networks,
};

static int parse_times(const struct setting *set)
{
	struct week_spans *spans = set->out;
	struct week_span *list = arena_calloc(
		set->arena, list_count(set->value, LIST_COMMAS) * WEEK_PIECE, sizeof(*spans->list));
	const char *rest = set->value;
	char piece[LIST_PIECE];
	size_t count = 0, pieces = 0;
	bool good = true;

	if (!list)
		return type_no_memory(set);
	for (; list_next(&rest, LIST_COMMAS, piece, sizeof(piece)); pieces++) {
		size_t found = week_parse(piece, list + count);

		if (!found)
			TYPE_FAIL(set, "%s: '%s' is no time of a week, as in Mon-Fri 08:00-18:00",
				set->key->name, piece);
		good &= found > 0;
		count += found;
	}
	if (!pieces)
		TYPE_FAIL(set, "%s: is empty", set->key->name);
	*spans = (struct week_spans){list, count};
	return good && pieces ? 0 : -1;
}

static bool print_times(const struct key *key, const void *value, FILE *out)
{
	struct ini_list list = {.out = out, .name = key->name};
	const struct week_spans *spans = value;
	char text[WEEK_TEXT];

	for (size_t i = 0; i < spans->count; i++)
		ini_list_add(&list, ",", week_text(&spans->list[i], text, sizeof(text)));
	return ini_list_end(&list);
}

static bool equal_times(const void *a, const void *b)
{
	const struct week_spans *x = a, *y = b;

	if (x->count != y->count)
		return false;
	for (size_t i = 0; i < x->count; i++)
		if (x->list[i].from != y->list[i].from || x->list[i].minutes != y->list[i].minutes)
			return false;
	return true;
}

static int join_times(void *out, const void *first, const void *second, struct arena *arena)
{
	const struct week_spans *one = first, *two = second;
	struct week_span *list =
		arena_calloc(arena, one->count + two->count, sizeof(struct week_span));

	if (!list)
		return -1;
	memcpy(list, one->list, one->count * sizeof(*list));
	memcpy(list + one->count, two->list, two->count * sizeof(*list));
	*(struct week_spans *)out = (struct week_spans){list, one->count + two->count};
	return 0;
}

const struct key_type type_times = {
	.name = "times",
	.help = "spans of a week with commas between; += adds more",
	.bytes = sizeof(struct week_spans),
	.separators = LIST_COMMAS,
	.parse = parse_times,
	.print = print_times,
	.equal = equal_times,
	.join = join_times,
};
