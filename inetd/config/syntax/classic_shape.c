/* classic_shape: see classic_shape.h. */
#include "config/syntax/classic_shape.h"

#include "config/keys/key.h"
#include "config/keys/protocol.h"

#define NO_BREAK "\xc2\xa0" /* U+00A0 in UTF-8 */

static const char *text_at(const struct words *words, size_t at)
{
	return at < words->count ? words->word[at].text : "";
}

static bool is_type(const char *word)
{
	size_t len = strcspn(word, ",:");

	for (const struct key_word *row = key_table[KEY_SOCKET_TYPE].words; row->word; row++)
		if (strlen(row->word) == len && !memcmp(row->word, word, len))
			return true;
	return false;
}

static bool is_protocol(const char *word)
{
	return protocol_find_part(word, strcspn(word, ",")) || !strncmp(word, "rpc/", 4);
}

static bool is_wait(const char *word)
{
	size_t len = strcspn(word, ".:/");

	return (len == 4 && !memcmp(word, "wait", 4)) || (len == 6 && !memcmp(word, "nowait", 6));
}

static bool is_server(const char *word)
{
	return *word == '/' || !strcmp(word, "internal");
}

bool classic_is_entry(const struct words *words)
{
	return words->count > WAIT && is_type(text_at(words, TYPE)) &&
	       is_protocol(text_at(words, PROTOCOL)) && is_wait(text_at(words, WAIT));
}

bool classic_is_nearly(const struct words *words)
{
	return words->count > USER && is_type(text_at(words, TYPE)) +
						      is_protocol(text_at(words, PROTOCOL)) +
						      is_wait(text_at(words, WAIT)) ==
					      2;
}

/* A line as far as it is looked at. */
struct shape {
	struct input *input;
	const struct words *words;
};

#define FAIL(shape, at, ...)                                                                       \
	diag_add((shape)->input->load->diag, DIAG_ERROR,                                           \
		input_where((shape)->input, (shape)->words->word[at].line), __VA_ARGS__)

static bool report_missing(const struct shape *shape, size_t at, const char *what)
{
	FAIL(shape, at,
		"%s is missing: '%s' is in its place; a line is: service type protocol nowait user "
		"program arguments",
		what, text_at(shape->words, at));
	return true;
}

static bool report_exchanged(const struct shape *shape, size_t at, const char *order)
{
	FAIL(shape, at, "'%s' and '%s' are exchanged: the order is %s", text_at(shape->words, at),
		text_at(shape->words, at + 1), order);
	return true;
}

/* A field is missing, or two are exchanged. */
static bool fields_moved(const struct shape *shape)
{
	const struct words *words = shape->words;
	const char *first = text_at(words, TYPE), *second = text_at(words, PROTOCOL);
	const char *third = text_at(words, WAIT), *user = text_at(words, USER);
	const char *server = text_at(words, SERVER);

	if (classic_is_entry(words) && !is_server(user)) /* all is well */
		return false;
	if (is_type(text_at(words, SERVICE)) && is_protocol(first) && is_wait(second))
		return report_missing(shape, SERVICE, "the service, a port or its name,");
	if (is_protocol(first) && is_wait(second))
		return report_missing(shape, TYPE, "the socket type");
	if (is_protocol(first) && is_type(second) && is_wait(third))
		return report_exchanged(shape, TYPE, "socket type, protocol");
	if (is_type(first) && is_wait(second) && is_protocol(third))
		return report_exchanged(shape, PROTOCOL, "protocol, wait or nowait");
	if (is_type(first) && is_wait(second))
		return report_missing(shape, PROTOCOL, "the protocol");
	if (!is_type(first) || !is_protocol(second))
		return false;
	if (!strcmp(third, "no") && !strcmp(user, "wait")) {
		FAIL(shape, WAIT, "'no wait' is one word: nowait");
		return true;
	}
	if (!is_wait(third) && is_wait(user))
		return report_exchanged(shape, WAIT, "wait or nowait, user");
	if (!is_wait(third) && is_server(user))
		return report_missing(shape, WAIT, "wait or nowait");
	if (!is_wait(third) || !is_server(user))
		return false;
	if (words->count > FIELDS && !is_server(server) &&
		lookup_is_user(&shape->input->load->lookup, server) &&
		strcmp(server, strrchr(user, '/') ? strrchr(user, '/') + 1 : user) != 0)
		return report_exchanged(shape, USER, "user, program");
	return report_missing(shape, USER, "the user");
}

static bool is_digits(const char *word)
{
	return *word && !word[strspn(word, "0123456789")];
}

/* True if the line is an entry without the word at `at`. */
static bool is_whole_without(const struct words *words, size_t at)
{
	const char *field[FIELDS];

	for (size_t i = 0; i < FIELDS; i++)
		field[i] = text_at(words, i + (i >= at));
	return is_type(field[TYPE]) && is_protocol(field[PROTOCOL]) && is_wait(field[WAIT]) &&
	       is_server(field[SERVER]);
}

/* True if a word stands after the wait field of an entry that is whole without it. */
static bool is_beside_user(const struct shape *shape, size_t at)
{
	const struct lookup *lookup = &shape->input->load->lookup;
	const struct dialect *dialect = shape->input->dialect;
	bool first = lookup_is_user(lookup, text_at(shape->words, USER));
	gid_t gid;

	return at == USER ? !first && lookup_is_user(lookup, text_at(shape->words, SERVER))
			  : first && !dialect->searches_path &&
				    lookup_gid(lookup, text_at(shape->words, SERVER), &gid);
}

/* A blank divides what is one word, or a word is one too many. */
static bool has_word_too_many(const struct shape *shape)
{
	const struct words *words = shape->words;
	const char *word = text_at(words, SERVICE), *next;
	size_t at = is_digits(word) ? TYPE : SERVICE;

	if (classic_is_entry(words) && is_server(text_at(words, SERVER)))
		return false;
	if (!strcmp(text_at(words, WAIT), "no")) /* wait: told by itself */
		return false;
	while (at < FIELDS &&
		!(is_whole_without(words, at) && (at < USER || is_beside_user(shape, at))))
		at++;
	if (at == FIELDS)
		return false;
	word = text_at(words, at);
	next = text_at(words, at + 1);
	if (at == SERVICE)
		FAIL(shape, at, "'%s' and '%s' have a blank between them: write %s%s%s", word, next,
			word, *word && word[strlen(word) - 1] == ':' ? "" : ":", next);
	else if (at == USER && is_digits(word))
		FAIL(shape, at, "'%s' and '%s' have a blank between them: a limit is written %s.%s",
			text_at(words, WAIT), word, text_at(words, WAIT), word);
	else if (at == SERVER)
		FAIL(shape, at, "'%s' is one word too many: user and group are written %s:%s", word,
			text_at(words, USER), word);
	else
		FAIL(shape, at,
			"'%s' is one word too many before '%s': a line is: service type protocol "
			"nowait user program arguments",
			word, next);
	return true;
}

/* What only looks like the beginning of an entry. */
static bool is_stray(const struct shape *shape)
{
	const char *first = text_at(shape->words, 0), *second = text_at(shape->words, 1);

	if (!strcmp(first, "dialect:"))
		FAIL(shape, 0, "the dialect is set by a comment: write '# dialect: %s'", second);
	else if (!strcmp(second, "=") && key_find(first))
		FAIL(shape, 0,
			"'%s =' belongs to no block: keys are separated by commas, and ';' ends "
			"the block",
			first);
	else
		return false;
	return true;
}

/* Something else than blanks between the words. */
static bool is_divided_badly(const struct shape *shape)
{
	const struct words *words = shape->words;
	const char *first = text_at(words, 0), *second = text_at(words, 1);
	size_t commas = 0;

	for (size_t i = 0; i < words->count && i < FIELDS; i++) {
		const char *text = text_at(words, i);

		commas += *text && text[strlen(text) - 1] == ',';
		if (!strstr(text, NO_BREAK))
			continue;
		FAIL(shape, i,
			"the line holds a non-breaking space (U+00A0): replace it with a plain "
			"blank");
		return true;
	}
	if (commas > 1)
		FAIL(shape, 0, "the fields are separated by blanks, not by commas");
	else if (*first == ';')
		FAIL(shape, 0, "';' begins no comment in this file: a comment begins with '#'");
	else if (words->count == 2 && (!strcmp(first, "include") || !strcmp(first, "includedir")))
		FAIL(shape, 0, "unknown word '%s': write '.include %s'", first, second);
	else
		return false;
	return true;
}

bool classic_shape(struct input *input, const struct words *words)
{
	struct shape shape = {input, words};
	struct sockaddr_len addr;

	if (words->count == 1 && sockaddr_parse(text_at(words, 0), &addr)) {
		FAIL(&shape, 0,
			"an address alone needs a colon to be the default of the lines below: "
			"write "
			"'%s:'",
			text_at(words, 0));
		return true;
	}
	return is_divided_badly(&shape) || is_stray(&shape) || has_word_too_many(&shape) ||
	       fields_moved(&shape);
}
