/* type_list: the types of lists of texts, which "+=" adds to: words, names, items of listen. They
 * end in NULL. */
#include <ctype.h>
#include <errno.h>

#include "config/keys/key.h"
#include "config/text/escape.h"
#include "config/text/ini_text.h"
#include "config/text/list.h"

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
	static char *none[] = {NULL};
	size_t count = count_words(words);
	char **copy = count ? arena_calloc(arena, count + 1, sizeof(*copy)) : none;

	for (size_t i = 0; copy && i < count; i++) {
		copy[i] = (char *)(uintptr_t)arena_share_text(arena, words[i]);
		if (!copy[i])
			return NULL;
	}
	return copy;
}

/* False after a diagnostic. */
typedef bool piece_fn(const struct setting *set, const char *piece);

static bool has_sign_alone(char *const *words)
{
	while (*words && strcmp(*words, "=") != 0)
		words++;
	return *words;
}

static int parse_words(const struct setting *set, piece_fn *check)
{
	char **words = set->words ? copy_words(set->words, set->arena)
				  : list_words(set->value, set->arena, NULL);
	bool good = true;

	if (!words) {
		TYPE_FAIL(set, "%s: %s", set->name,
			errno == EINVAL   ? "a quote is not closed"
			: errno == EILSEQ ? ESCAPE_UNKNOWN
					  : strerror(errno));
		return -1;
	}
	if (set->key->type == &type_environment && has_sign_alone(words)) {
		TYPE_FAIL(set, "%s: no blanks stand around the '=' of NAME=VALUE", set->name);
		return -1;
	}
	for (char **word = words; check && *word; word++)
		good &= check(set, *word);
	if (!*words && !(set->key->flags & KEY_MAY_BE_EMPTY)) {
		TYPE_FAIL(set, "%s: is empty", set->name);
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

static bool check_path(const struct setting *set, const char *word)
{
	if (word[*word == '-'] == '/')
		return true;
	TYPE_FAIL(set, "%s: '%s' is not an absolute path", set->name, word);
	return false;
}

/* None at all is not the same as an empty list, which allows nothing. */
static bool print_paths(const struct key *key, const void *value, FILE *out)
{
	return *(char *const *const *)value && print_words(key, value, out);
}

static int parse_paths(const struct setting *set)
{
	return parse_words(set, check_path);
}

const struct key_type type_paths = {
	.name = "paths",
	.help = "absolute paths with blanks between; quotes group, $'...' has escapes; one that "
		"begins with - may be missing; += adds more",
	.bytes = sizeof(char **),
	.separators = LIST_BLANKS,
	.is_words = true,
	.parse = parse_paths,
	.print = print_paths,
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
	TYPE_FAIL(set, "%s: '%s' is not NAME=VALUE", set->name, word);
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
		TYPE_FAIL(set, "%s: is empty", set->name);
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
	TYPE_FAIL(set, "%s: '%s' is not the name of a variable", set->name, name);
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
				set->name, item);
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
