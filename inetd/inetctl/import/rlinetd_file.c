/* rlinetd_file: see rlinetd_file.h. */
#include "inetctl/import/rlinetd_file.h"

#include <string.h>

bool rlinetd_file_open(struct rlinetd_file *file, struct conversion *conversion, const char *path)
{
	struct source source;

	if (!source_open(&source, conversion, path))
		return false;
	*file = (struct rlinetd_file){
		.conversion = conversion, .path = source.path, .at = source.rest, .line = 1};
	return true;
}

static bool wrong(struct rlinetd_file *file, const char *what)
{
	fprintf(stderr, "inetctl: %s:%u: %s\n", file->path, file->line, what);
	file->failed = true;
	return false;
}

/* Blanks and comments. */
static void skip_blanks(struct rlinetd_file *file)
{
	for (;; file->at++) {
		if (*file->at == '#') {
			size_t len = strcspn(file->at, "\n");

			if (file->section)
				conversion_comment(file->section,
					source_trim(conversion_text(file->conversion, "%.*s",
						(int)len - 1, file->at + 1)));
			file->at += len;
		}
		if (*file->at == '\n')
			file->line++;
		else if (!*file->at || !strchr(" \t\r,", *file->at))
			return;
	}
}

static char *take_string(struct rlinetd_file *file)
{
	char *begin = ++file->at;

	file->at += strcspn(file->at, "\"");
	if (!*file->at) {
		wrong(file, "a quote is not closed");
		return NULL;
	}
	*file->at++ = 0;
	return begin;
}

static char *take_word(struct rlinetd_file *file)
{
	size_t len = strcspn(file->at, " \t\r\n,;{}\"#");
	char *word = conversion_text(file->conversion, "%.*s", (int)len, file->at);

	file->at += len;
	return word;
}

static void finish(struct rlinetd_file *file, struct statement *statement)
{
	char *text = conversion_text(file->conversion, "%s", "");

	for (size_t i = 0; i < statement->count; i++)
		text = conversion_text(
			file->conversion, "%s%s%s", text, i ? " " : "", statement->words[i]);
	for (char *at = text; *at; at++)
		if (*at == '\n')
			*at = ' ';
	statement->origin.text = text;
}

bool rlinetd_file_next(struct rlinetd_file *file, struct statement *statement)
{
	*statement = (struct statement){0};
	for (;;) {
		char *word;

		skip_blanks(file);
		if (!statement->count)
			statement->origin = (struct origin){file->path, file->line, ""};
		if (!*file->at)
			return statement->count ? wrong(file, "a ';' is missing") : false;
		if (*file->at == ';' || *file->at == '{') {
			statement->opens = *file->at++ == '{';
			if (!statement->count && !statement->opens)
				continue;
			finish(file, statement);
			return statement->count || wrong(file, "a '{' without a name");
		}
		if (*file->at == '}') {
			file->at++;
			return statement->count ? wrong(file, "a ';' is missing") : false;
		}
		word = *file->at == '"' ? take_string(file) : take_word(file);
		if (!word || statement->count == RLINETD_WORDS)
			return word ? wrong(file, "too many words") : false;
		statement->words[statement->count++] = word;
	}
}

void rlinetd_file_skip(struct rlinetd_file *file)
{
	struct statement statement;

	while (rlinetd_file_next(file, &statement))
		if (statement.opens)
			rlinetd_file_skip(file);
}
