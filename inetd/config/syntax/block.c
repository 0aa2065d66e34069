/* block: see block.h. The notation is that of inetd.conf(5) of NetBSD 10, whose keys come first; a
 * 0 in them allows none. Every other key of the table that a service may have is one here, too. */
#include "config/syntax/block.h"

#include "config/keys/key.h"
#include "config/syntax/block_lex.h"
#include "config/syntax/block_value.h"
#include "config/syntax/field.h"
#include "config/syntax/foreign.h"
#include "config/text/list.h"

/* One block while it is read. */
struct block {
	struct input *input;
	struct load *load;
	struct draft *draft;
	struct block_lex lex;
	struct words values; /* of the key being read */
	unsigned line;       /* that diagnostics are about */
	const char *field;   /* that it begins with */
	bool has_args;
};

static struct where block_where(const struct block *block)
{
	return input_where(block->input, block->line);
}

#define FAIL(block, ...)                                                                           \
	do {                                                                                       \
		diag_add((block)->load->diag, DIAG_ERROR, block_where(block), __VA_ARGS__);        \
		(block)->draft->failed = true;                                                     \
	} while (0)

/* How a key that the table calls otherwise becomes one of it. */
struct translation {
	const char *name;
	enum key_id id;
	const char *suffix; /* after a number; NULL: the value as it is, 0 too */
};

static const struct translation translations[] = {
	{"socktype", KEY_SOCKET_TYPE, NULL},
	{"service_max", KEY_RATE, "/min"},
	{"ip_max", KEY_PER_SOURCE_RATE, "/min"},
	{"accept_max", KEY_INSTANCES, ""},
	{NULL, 0, NULL},
};

/* What else may be meant by a word that is no key. */
static const char *const own_names[] = {"socktype", "service_max", "ip_max", "accept_max",
	"acceptfilter", "exec", "args", "recvbuf", "ipsec", NULL};

static void set_key(struct block *block, enum key_id id, const char *value)
{
	key_set(block->draft, &key_table[id], value, block_where(block), block->load->diag);
}

static void set_translated(struct block *block, const struct translation *row, const char *value)
{
	struct load *load = block->load;

	if (row->suffix && value[strspn(value, "0123456789")]) {
		FAIL(block, "%s: '%s' is not a number", row->name, value);
		return;
	}
	if (row->suffix && !strcmp(value, "0"))
		value = "none";
	else if (row->suffix)
		value = load_memory(load, arena_printf(&load->work, "%s%s", value, row->suffix));
	draft_set_name(block->draft, row->id, row->name);
	if (value)
		set_key(block, row->id, value);
}

/* A key that is called as in the table. */
static void set_values_of(struct block *block, const struct key *key)
{
	struct load *load = block->load;
	struct draft *draft = block->draft;

	if (key_id_of(key) == KEY_ARGV0 && block->has_args) /* for the first word of args */
		draft->set[KEY_ARGV0] = false;
	if (key_id_of(key) == KEY_PROTOCOL) {
		set_key(block, KEY_PROTOCOL,
			field_protocol(
				block->input, draft, block->values.word[0].text, block->field));
	} else if (!key->type->separators || key->type->is_words) {
		char **words = load_memory(load, block_words(&block->values, &load->work));

		if (words)
			key_set_words(draft, key, words, block_where(block), load->diag);
	} else {
		char *text = load_memory(load, block_text(key, &block->values, &load->work));

		if (text)
			key_set(draft, key, text, block_where(block), load->diag);
	}
}

static void unknown_key(struct block *block, const char *name)
{
	const char *foreign = foreign_key(name), *near = key_near(name, KEY_IN_SERVICE, own_names);

	if (foreign)
		FAIL(block, "unknown key '%s': it %s", name, foreign);
	else if (key_find(name))
		FAIL(block, "%s: is for all services: it belongs into [inetd] of an INI file",
			name);
	else if (near)
		FAIL(block, "unknown key '%s': did you mean '%s'?", name, near);
	else
		FAIL(block, "unknown key '%s': 'inetctl keys' shows all", name);
}

static void set_filter(struct block *block, const char *value)
{
	if (!strcmp(value, "dataready") || !strcmp(value, "httpready"))
		set_key(block, KEY_DEFER_ACCEPT, "yes");
	else
		FAIL(block, "unknown accept filter '%s': dataready or httpready", value);
}

static void set_args(struct block *block, const char *value)
{
	(void)value;
	if (block->has_args)
		FAIL(block, "args: set twice");
	else
		field_arguments(block->input, block->draft, &block->values, 0);
	block->has_args = true;
}

static void set_exec(struct block *block, const char *value)
{
	if (strcmp(value, "internal") != 0)
		set_key(block, KEY_SERVER, value);
	else
		block->draft->internal = true;
}

static void set_ipsec(struct block *block, const char *value)
{
	if (value) /* none is no policy */
		diag_add(block->load->diag, DIAG_WARNING, block_where(block),
			"IPsec policies are not applied: use ip-xfrm(8)");
}

/* A key of NetBSD that needs more than another name. */
struct special {
	const char *name;
	void (*set)(struct block *block, const char *value);
};

static const struct special specials[] = {
	{"acceptfilter", set_filter},
	{"exec", set_exec},
	{"args", set_args},
	{"ipsec", set_ipsec},
	{NULL, NULL},
};

/* Gives the values of one key to the draft. */
static void set_values(struct block *block, const char *name)
{
	size_t count = block->values.count;
	const char *value = count ? block->values.word[0].text : NULL;
	const struct translation *row = translations;
	const struct special *special = specials;
	const struct key *key = key_find(name);
	bool known = key && key->flags & KEY_IN_SERVICE;

	while (row->name && strcmp(row->name, name) != 0)
		row++;
	while (special->name && strcmp(special->name, name) != 0)
		special++;
	if (!row->name && !special->name && !known)
		unknown_key(block, name);
	else if (!count && special->set != set_ipsec)
		FAIL(block, "%s: no value after '='", name);
	else if (count > 1 && special->set != set_args && !(known && key->type->separators))
		FAIL(block, "%s: one value, but '%s' follows; is a comma missing?", name,
			block->values.word[1].text);
	else if (special->name)
		special->set(block, value);
	else if (row->name)
		set_translated(block, row, value);
	else
		set_values_of(block, key);
	/* Where a comma or a value is missing, another key may be in the wrong place. */
	block->draft->incomplete |= block->draft->failed;
}

static bool lex_failed(struct block *block, enum block_result result)
{
	block->line = result == BLOCK_END ? block->line : block->lex.line;
	block->draft->incomplete |= result != BLOCK_OK;
	switch (result) {
	case BLOCK_OK:
		return false;
	case BLOCK_END:
		FAIL(block, "the block does not end: no ';'");
		break;
	case BLOCK_QUOTE:
		FAIL(block, "a quote is not closed on the line where it is opened");
		break;
	case BLOCK_ESCAPE:
		FAIL(block, "unknown escape in a quote: one of \\\\ \\n \\t \\r \\' \\\" \\xHH");
		break;
	case BLOCK_NUL:
		FAIL(block, "the line holds a NUL byte");
		break;
	default:
		block->load->no_memory = true;
	}
	return true;
}

/* Reads "key = value..." with what ends it, ',' or ';'; the key has been read. False after a
 * mistake after which nothing makes sense. */
static bool read_pair(struct block *block)
{
	struct block_lex *lex = &block->lex;
	const char *name = lex->word;
	unsigned line = lex->line;

	block->line = line;
	if (lex->mark != 'w') {
		block->draft->incomplete = true;
		FAIL(block, "'%c' where a key is expected", lex->mark);
		return false;
	}
	if (lex_failed(block, block_next(lex)))
		return false;
	if (lex->mark != '=') {
		block->draft->incomplete = true;
		FAIL(block, "no '=' after '%s'%s", name,
			*name == '{' ? ": a block has no braces, it ends with ';'" : "");
		return false;
	}
	block->values.count = 0;
	do {
		if (lex_failed(block, block_next(lex)))
			return false;
		if (lex->mark == 'w' && words_add(&block->values, lex->word, lex->line) < 0)
			block->load->no_memory = true;
	} while (lex->mark == 'w' && !block->load->no_memory);
	block->line = line;
	if (lex->mark == '=') {
		block->draft->incomplete = true;
		FAIL(block, "%s: '=' in its value; is a comma missing?", name);
		return false;
	}
	set_values(block, name);
	return true;
}

static void read_pairs(struct block *block)
{
	do {
		if (lex_failed(block, block_next(&block->lex)) || block->lex.mark == ';')
			return;
	} while (read_pair(block) && block->lex.mark == ',');
}

/* What the key-values notation leaves open. */
static void finish(struct block *block, const char *field)
{
	struct draft *draft = block->draft;

	block->line = draft->where.line;
	if ((!draft->set[KEY_SERVER] && !draft->bad[KEY_SERVER]) || draft->set[KEY_INTERNAL])
		draft->internal = true;
	if (!draft->incomplete)
		field_service(block->input, block->draft, field, block_where(block));
}

void block_read(struct input *input, struct lexer *lexer, const struct line *line)
{
	struct load *load = input->load;
	struct block block = {.input = input, .load = load, .line = line->number};
	size_t at = 0, len = lexer_word(line, &at);
	char *field = load_memory(load, arena_strndup(&load->work, line->text + at, len));

	block.draft = load_draft(input, line->number);
	if (!field || !block.draft)
		return;
	block.draft->dialect = input->dialect;
	block.field = field;
	at += len;
	len = lexer_word(line, &at);
	if (len == 3 && !memcmp(line->text + at, "off", 3))
		set_key(&block, KEY_DISABLE, "yes");
	block.lex =
		(struct block_lex){.lexer = *lexer, .scratch = &load->work, .line = line->number};
	block.lex.lexer.at = line->text + at + len;
	block.lex.lexer.line = line->number;
	read_pairs(&block);
	block_skip(&block.lex);
	while (block.lex.lexer.at < lexer->end && strchr(LIST_BLANKS, *block.lex.lexer.at))
		block.lex.lexer.at++;
	*lexer = block.lex.lexer;
	finish(&block, field);
	words_free(&block.values);
}
