/* classic: see classic.h. Here: which physical lines make one entry, comments and directives. */
#include "config/syntax/classic.h"

#include "config/syntax/block.h"
#include "config/syntax/classic_shape.h"
#include "config/text/list.h"

/* What an indented line would continue. */
enum above { ABOVE_NOTHING, ABOVE_COMMENT };

/* One file while its lines are put together. */
struct reader {
	struct input *input;
	struct lexer lexer;
	struct words words; /* of the entry being collected */
	enum above above;
};

static void report_lex(struct reader *reader, enum lex lex, unsigned line)
{
	struct load *load = reader->input->load;
	struct where where = input_where(reader->input, line);

	if (lex == LEX_QUOTE)
		diag_add(load->diag, DIAG_ERROR, where,
			"a quote is not closed on the line where it is opened");
	else if (lex == LEX_NUL)
		diag_add(load->diag, DIAG_ERROR, where, "the line holds a NUL byte");
	else
		load->no_memory = true;
}

/* Warns of what is taken for more of an entry, and may not be meant so. */
static void warn_continuation(struct reader *reader, const struct line *line)
{
	struct load *load = reader->input->load;
	struct where where = input_where(reader->input, line->number);
	struct words words = {0};
	size_t len = line->len;

	if (!load->options->advise)
		return;
	if (line->indented && lexer_split(line, &load->work, &words) == LEX_OK &&
		classic_is_nearly(&words))
		diag_add(load->diag, DIAG_WARNING, where,
			"begins with a blank, so these are arguments of the entry above, on line "
			"%u: an "
			"entry of its own begins without blank",
			reader->words.word[0].line);
	words_free(&words);
	while (len && strchr(LIST_BLANKS, line->text[len - 1]))
		len--;
	if (len && len < line->len && line->text[len - 1] == '\\' &&
		(len == 1 || strchr(LIST_BLANKS, line->text[len - 2])))
		diag_add(load->diag, DIAG_WARNING, where,
			"a blank follows the backslash at the end of the line, so that the "
			"backslash is "
			"an argument: remove the blank");
}

/* Adds a line to the entry being collected. False if the entry is spoilt. */
static bool take_line(struct reader *reader, const struct line *line)
{
	enum lex lex;

	warn_continuation(reader, line);
	lex = lexer_split(line, &reader->input->load->work, &reader->words);
	if (lex != LEX_OK)
		report_lex(reader, lex, line->number);
	return lex == LEX_OK;
}

/* True if an indented line is an entry by itself. */
static bool stands_alone(struct reader *reader, const struct line *line)
{
	struct words words = {0};
	bool alone = lexer_split(line, &reader->input->load->work, &words) == LEX_OK &&
		     classic_is_entry(&words);

	words_free(&words);
	return alone;
}

/* True if the next line belongs to an entry whose last line was `last`; then it is in *next and
 * taken. Comments inside an entry are passed over. */
static bool next_of_entry(struct reader *reader, const struct line *last, struct line *next)
{
	struct lexer ahead = reader->lexer;
	bool goes_on = last->goes_on;

	while (lexer_next(&ahead, next)) {
		if (!goes_on && (next->empty || !next->indented))
			return false;
		if (!next->comment && !goes_on && !next->blank && stands_alone(reader, next))
			return false;
		if (next->comment)
			continue;
		reader->lexer = ahead;
		return true;
	}
	return false;
}

static void include_line(struct reader *reader)
{
	struct input *input = reader->input;
	const struct words *words = &reader->words;
	struct where where = input_where(input, words->word[0].line);
	struct load *load = input->load;
	const char *pattern;

	if (words->count < 2) {
		diag_add(load->diag, DIAG_ERROR, where, ".include: no file is named");
		return;
	}
	if (words->count > 2)
		diag_add(load->diag, DIAG_WARNING, where, ".include: what follows '%s' is ignored",
			words->word[1].text);
	pattern = load_memory(load, arena_strdup(&load->scratch, words->word[1].text));
	if (load->include && pattern) /* entries of the file take the place of these words */
		load->include(input, pattern, where);
}

/* "ADDR:" alone: the default address of the lines that follow. */
static void default_line(struct reader *reader)
{
	const struct word *word = &reader->words.word[0];
	size_t len = strlen(word->text) - 1;
	struct load *load = reader->input->load;

	reader->input->bind =
		len ? load_memory(load, arena_strndup(&load->scratch, word->text, len)) : "*";
	reader->input->bind_line = word->line;
}

static void finish_entry(struct reader *reader)
{
	const struct words *words = &reader->words;
	const char *first = words->word[0].text;
	size_t len = strlen(first);

	if (!strcmp(first, ".include"))
		include_line(reader);
	else if (first[0] == '.')
		diag_add(reader->input->load->diag, DIAG_ERROR,
			input_where(reader->input, words->word[0].line),
			"unknown directive '%s': only .include is known", first);
	else if (words->count == 1 && len && first[len - 1] == ':')
		default_line(reader);
	else
		classic_entry(reader->input, words);
}

static void collect_entry(struct reader *reader, const struct line *first)
{
	struct line line = *first, next;
	bool good;

	if (lexer_is_block(first)) {
		block_read(reader->input, &reader->lexer, first);
		return;
	}
	arena_clear(&reader->input->load->work);
	reader->words.count = 0;
	good = take_line(reader, &line);
	while (next_of_entry(reader, &line, &next)) {
		line = next;
		if (good)
			good = take_line(reader, &line);
	}
	if (!good)
		reader->input->load->config->entry_count++;
	else if (reader->words.count)
		finish_entry(reader);
}

/* An indented line that continues no entry. */
static void indented_line(struct reader *reader, const struct line *line)
{
	struct diag *diag = reader->input->load->diag;
	struct where where = input_where(reader->input, line->number);

	if (lexer_is_block(line)) {
		reader->above = ABOVE_NOTHING;
		collect_entry(reader, line);
	} else if (stands_alone(reader, line)) {
		if (!reader->input->dialect->indented_entries)
			diag_add(diag, DIAG_WARNING, where,
				"begins with a blank and is a whole entry: read as one, not as the "
				"continuation of the line above");
		reader->above = ABOVE_NOTHING;
		collect_entry(reader, line);
	} else if (reader->above == ABOVE_COMMENT) {
		diag_add(diag, DIAG_WARNING, where,
			"continues a comment: ignored; begin the line with # or without blank");
	} else {
		diag_add(diag, DIAG_ERROR, where,
			"begins with a blank, but there is no entry above it to continue");
	}
}

/* "# dialect: NAME" says in whose words the lines that follow are written. */
static void dialect_comment(struct reader *reader, const struct line *line)
{
	struct load *load = reader->input->load;
	const struct dialect *dialect;
	char text[80], name[32];
	int end = 0;

	if (line->len >= sizeof(text))
		return;
	snprintf(text, sizeof(text), "%.*s", (int)line->len, line->text);
	if (load->options->advise &&
		sscanf(text, " # dialect%*[= \t]%31[a-z] %n", name, &end) == 1 && end &&
		!text[end] && dialect_find(name))
		diag_add(load->diag, DIAG_WARNING, input_where(reader->input, line->number),
			"a comment: to set the dialect write '# dialect: %s'", name);
	if (sscanf(text, " # dialect : %31[^ \t] %n", name, &end) != 1 || !end || text[end])
		return;
	dialect = dialect_find(name);
	if (dialect)
		reader->input->dialect = dialect;
	else
		diag_add(load->diag, DIAG_ERROR, input_where(reader->input, line->number),
			"unknown dialect '%s': one of %s", name, DIALECT_NAMES);
}

static void comment_line(struct reader *reader, const struct line *line)
{
	static const char ipsec[] = "#@";

	if (!line->indented)
		reader->above = ABOVE_COMMENT;
	dialect_comment(reader, line);
	if (line->len > 2 && !memcmp(line->text, ipsec, 2) &&
		memmem(line->text, line->len, "ipsec", 5))
		diag_add(reader->input->load->diag, DIAG_WARNING,
			input_where(reader->input, line->number),
			"IPsec policies are not applied: use ip-xfrm(8)");
}

void classic_read(struct input *input)
{
	struct reader reader = {.input = input};
	struct line line;

	lexer_init(&reader.lexer, input->text, input->len);
	while (!input->load->no_memory && lexer_next(&reader.lexer, &line)) {
		load_breathe(input->load);
		if (line.comment) {
			comment_line(&reader, &line);
		} else if (line.blank) {
			if (line.empty)
				reader.above = ABOVE_NOTHING;
		} else if (line.indented) {
			indented_line(&reader, &line);
		} else {
			reader.above = ABOVE_NOTHING;
			collect_entry(&reader, &line);
		}
	}
	words_free(&reader.words);
}
