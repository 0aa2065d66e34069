/* block: see block.h. The notation is that of inetd.conf(5) of NetBSD 10; a 0 allows none. */
#include "config/block.h"

#include "config/block_lex.h"
#include "config/field.h"
#include "config/key.h"

/* One block while it is read. */
struct block {
	struct input *input;
	struct load *load;
	struct draft *draft;
	struct block_lex lex;
	struct words values; /* of the key being read */
	unsigned line;       /* that diagnostics are about */
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

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* How many bytes of `line` its word at `from` has; *from is moved to where it begins. */
static size_t word_at(const struct line *line, size_t *from)
{
	size_t end;

	while (*from < line->len && is_blank(line->text[*from]))
		(*from)++;
	for (end = *from; end < line->len && !is_blank(line->text[end]); end++)
		;
	return end - *from;
}

static bool is_word(const char *text, size_t len, const char *word)
{
	return len == strlen(word) && !memcmp(text, word, len);
}

bool block_begins(const struct line *line)
{
	size_t at = 0, len = word_at(line, &at);

	if (!len || line->text[at] == '.')
		return false;
	at += len;
	len = word_at(line, &at);
	return is_word(line->text + at, len, "on") || is_word(line->text + at, len, "off");
}

/* How a key of a block becomes one of the key table. */
struct translation {
	const char *name;
	enum key_id id;
	const char *suffix; /* behind a number; NULL: the value as it is, 0 too */
};

static const struct translation translations[] = {
	{"bind", KEY_BIND, NULL},
	{"socktype", KEY_SOCKET_TYPE, NULL},
	{"protocol", KEY_PROTOCOL, NULL},
	{"sndbuf", KEY_SNDBUF, NULL},
	{"recvbuf", KEY_RCVBUF, NULL},
	{"rcvbuf", KEY_RCVBUF, NULL},
	{"wait", KEY_WAIT, NULL},
	{"service_max", KEY_RATE, "/min"},
	{"ip_max", KEY_PER_SOURCE_RATE, "/min"},
	{"accept_max", KEY_INSTANCES, ""},
	{"user", KEY_USER, NULL},
	{"group", KEY_GROUP, NULL},
	{NULL, 0, NULL},
};

static void set_key(struct block *block, enum key_id id, const char *value)
{
	key_set(block->draft, &key_table[id], value, block_where(block), block->load->diag);
}

static void set_translated(struct block *block, const struct translation *row, const char *value)
{
	struct load *load = block->load;

	if (row->id == KEY_PROTOCOL && !strncmp(value, "rpc/", 4)) {
		FAIL(block, "RPC services are not supported");
		return;
	}
	if (row->suffix && value[strspn(value, "0123456789")]) {
		FAIL(block, "%s: '%s' is not a number", row->name, value);
		return;
	}
	if (row->suffix && !strcmp(value, "0"))
		value = "none";
	else if (row->suffix)
		value = load_memory(load, arena_printf(&load->scratch, "%s%s", value, row->suffix));
	if (value)
		set_key(block, row->id, value);
}

static void set_filter(struct block *block, const char *value)
{
	if (!strcmp(value, "dataready") || !strcmp(value, "httpready"))
		set_key(block, KEY_DEFER_ACCEPT, "yes");
	else
		FAIL(block, "unknown accept filter '%s': dataready or httpready", value);
}

static void set_args(struct block *block)
{
	size_t count = block->values.count;
	struct load *load = block->load;
	char **argv;

	if (block->draft->argv) {
		FAIL(block, "args: said twice");
		return;
	}
	argv = load_memory(load, arena_calloc(&load->config->arena, count + 1, sizeof(*argv)));
	for (size_t i = 0; argv && i < count; i++)
		argv[i] = block->values.word[i].text;
	block->draft->argv = argv;
}

static void set_exec(struct block *block, const char *value)
{
	if (strcmp(value, "internal") != 0)
		set_key(block, KEY_SERVER, value);
	else
		block->draft->internal = true;
}

/* Gives the values of one key to the draft. */
static void set_values(struct block *block, const char *name)
{
	size_t count = block->values.count;
	const char *value = count ? block->values.word[0].text : NULL;
	const struct translation *row = translations;

	while (row->name && strcmp(row->name, name) != 0)
		row++;
	if (!strcmp(name, "ipsec")) {
		diag_add(block->load->diag, DIAG_WARNING, block_where(block),
			"IPsec policies are not applied: use ip-xfrm(8)");
	} else if (!row->name && strcmp(name, "args") != 0 && strcmp(name, "exec") != 0 &&
		   strcmp(name, "acceptfilter") != 0) {
		FAIL(block,
			"unknown key '%s': one of bind, socktype, acceptfilter, protocol, sndbuf, "
			"recvbuf, wait, service_max, ip_max, accept_max, user, group, exec, args",
			name);
	} else if (!count) {
		FAIL(block, "%s: no value behind '='", name);
	} else if (!strcmp(name, "args")) {
		set_args(block);
	} else if (count > 1) {
		FAIL(block, "%s: one value, but '%s' follows; is a comma missing?", name,
			block->values.word[1].text);
	} else if (!strcmp(name, "exec")) {
		set_exec(block, value);
	} else if (!strcmp(name, "acceptfilter")) {
		set_filter(block, value);
	} else {
		set_translated(block, row, value);
	}
}

static bool lex_failed(struct block *block, enum block_result result)
{
	block->line = result == BLOCK_END ? block->line : block->lex.line;
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
 * mistake behind which nothing makes sense. */
static bool read_pair(struct block *block)
{
	struct block_lex *lex = &block->lex;
	const char *name = lex->word;
	unsigned line = lex->line;

	block->line = line;
	if (lex->mark != 'w') {
		FAIL(block, "'%c' where a key is expected", lex->mark);
		return false;
	}
	if (lex_failed(block, block_next(lex)))
		return false;
	if (lex->mark != '=') {
		FAIL(block, "no '=' behind '%s'", name);
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
	block->line = block->draft->where.line;
	if (!block->draft->set[KEY_SERVER])
		block->draft->internal = true;
	field_service(block->input, block->draft, field, block_where(block));
}

void block_read(struct input *input, struct lexer *lexer, const struct line *line)
{
	struct load *load = input->load;
	struct block block = {.input = input, .load = load, .line = line->number};
	size_t at = 0, len = word_at(line, &at);
	char *field = load_memory(load, arena_strndup(&load->scratch, line->text + at, len));

	block.draft = load_draft(input, line->number);
	if (!field || !block.draft)
		return;
	at += len;
	len = word_at(line, &at);
	if (is_word(line->text + at, len, "off"))
		set_key(&block, KEY_DISABLE, "yes");
	block.lex = (struct block_lex){.lexer = *lexer,
		.keep = &load->config->arena,
		.scratch = &load->scratch,
		.line = line->number};
	block.lex.lexer.at = line->text + at + len;
	block.lex.lexer.line = line->number;
	read_pairs(&block);
	block_skip(&block.lex);
	while (block.lex.lexer.at < lexer->end && is_blank(*block.lex.lexer.at))
		block.lex.lexer.at++;
	*lexer = block.lex.lexer;
	finish(&block, field);
	words_free(&block.values);
}
