/* xinetd_file: see xinetd_file.h. */
#include "inetctl/import/xinetd_file.h"

#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "inetctl/ctl.h"

#define DEPTH_MOST 8 /* of files that include each other */

struct reader {
	struct conversion *conversion;
	struct source source;
	struct entries *entries;
	struct entry *entry;    /* whose block is open, or is to be opened; NULL: none */
	bool open;              /* '{' was read */
	struct attributes lead; /* comments in front of an entry */
	unsigned depth;
};

static bool read_file(
	struct conversion *conversion, const char *path, struct entries *entries, unsigned depth);
static bool read_directory(
	struct conversion *conversion, const char *path, struct entries *entries, unsigned depth);

static bool wrong(const struct reader *reader, const char *what)
{
	fprintf(stderr, "inetctl: %s:%u: %s\n", reader->source.path, reader->source.line, what);
	return false;
}

static void *alloc(const struct reader *reader, size_t count, size_t size)
{
	void *piece = arena_calloc(&reader->conversion->arena, count, size);

	if (!piece)
		err(CTL_FAILED, "import");
	return piece;
}

static struct origin here(const struct reader *reader, const char *text)
{
	return (struct origin){reader->source.path, reader->source.line,
		conversion_text(reader->conversion, "%s", text)};
}

static void add_comment(struct reader *reader, char *text)
{
	struct attribute *comment = alloc(reader, 1, sizeof(*comment));

	comment->words = alloc(reader, 2, sizeof(char *));
	comment->words[0] = source_trim(text);
	STAILQ_INSERT_TAIL(
		reader->open ? &reader->entry->attributes : &reader->lead, comment, in_entry);
}

static void begin(struct reader *reader, const char *name, const char *text)
{
	reader->entry = alloc(reader, 1, sizeof(*reader->entry));
	reader->entry->name = name;
	reader->entry->origin = here(reader, text);
	STAILQ_INIT(&reader->entry->attributes);
	STAILQ_CONCAT(&reader->entry->attributes, &reader->lead);
	STAILQ_INSERT_TAIL(reader->entries, reader->entry, in_file);
}

/* Attributes whose words are taken as they are, a '#' among them too. */
static bool is_verbatim(const char *name)
{
	return !strcmp(name, "server_args") || !strcmp(name, "env") || !strcmp(name, "passenv");
}

static void take_words(const struct reader *reader, struct attribute *attribute, char *values)
{
	char *word;

	attribute->words = alloc(reader, strlen(values) / 2 + 2, sizeof(char *));
	while ((word = source_word(&values))) {
		if (*word == '#' && !is_verbatim(attribute->name)) {
			attribute->has_comment = true;
			break;
		}
		attribute->words[attribute->count++] = word;
	}
}

/* A line with one blank where there are several. */
static char *squeezed(const struct reader *reader, const char *line)
{
	char *copy = conversion_text(reader->conversion, "%s", line), *text = NULL, *word;

	while ((word = source_word(&copy)))
		text = conversion_text(
			reader->conversion, "%s%s%s", text ? text : "", text ? " " : "", word);
	return text;
}

static bool take_attribute(struct reader *reader, char *line)
{
	struct attribute *attribute = alloc(reader, 1, sizeof(*attribute));
	size_t len = strcspn(line, " \t=+-");
	char *sign = line + len + strspn(line + len, " \t"), *name = line;

	attribute->origin = here(reader, squeezed(reader, line));
	attribute->sign = *sign;
	if ((*sign == '+' || *sign == '-') && sign[1] == '=')
		sign++;
	if (!len || *sign != '=')
		return wrong(reader, "an attribute is written as NAME = VALUE");
	name[len] = 0;
	for (char *at = name; *at; at++) /* FLAGS is in stock files */
		*at = (char)tolower((unsigned char)*at);
	attribute->name = name;
	take_words(reader, attribute, sign + 1);
	STAILQ_INSERT_TAIL(&reader->entry->attributes, attribute, in_entry);
	return true;
}

/* The directory of includedir, or one of its name beside the file. */
static const char *beside(const struct reader *reader, const char *directory)
{
	const char *slash = strrchr(reader->source.path, '/'), *last = strrchr(directory, '/');
	const char *near = conversion_text(reader->conversion, "%.*s%s",
		(int)(slash ? slash + 1 - reader->source.path : 0), reader->source.path,
		last ? last + 1 : directory);
	struct stat file;

	return !stat(near, &file) && S_ISDIR(file.st_mode) ? near : directory;
}

static bool take_directive(struct reader *reader, char *line)
{
	const char *text = conversion_text(reader->conversion, "%s", source_trim(line));
	char *word = source_word(&line), *operand = source_word(&line);

	if (!strcmp(word, "defaults")) {
		begin(reader, NULL, text);
		reader->open = operand && *operand == '{';
		return true;
	}
	if (!operand)
		return wrong(reader, "neither 'service NAME', 'defaults' nor an include");
	if (!strcmp(word, "service")) {
		word = source_word(&line);
		begin(reader, operand, text);
		reader->open = word && *word == '{';
		return true;
	}
	if (!strcmp(word, "include"))
		return read_file(reader->conversion, operand, reader->entries, reader->depth + 1);
	if (!strcmp(word, "includedir"))
		return read_directory(reader->conversion, beside(reader, operand), reader->entries,
			reader->depth + 1);
	return wrong(reader, "neither 'service NAME', 'defaults' nor an include");
}

static bool take_line(struct reader *reader, char *line)
{
	if (!*line)
		return true;
	if (*line == '#') {
		add_comment(reader, line + 1);
		return true;
	}
	if (!reader->entry)
		return take_directive(reader, line);
	if (!reader->open) {
		reader->open = *line == '{';
		return reader->open || wrong(reader, "a '{' is missing");
	}
	if (*line == '}') {
		reader->entry = NULL;
		reader->open = false;
		return true;
	}
	return take_attribute(reader, line);
}

static bool read_file(
	struct conversion *conversion, const char *path, struct entries *entries, unsigned depth)
{
	struct reader reader = {.conversion = conversion, .entries = entries, .depth = depth};
	char *line;

	STAILQ_INIT(&reader.lead);
	if (!source_open(&reader.source, conversion, path))
		return false;
	if (depth > DEPTH_MOST)
		return wrong(&reader, "files include each other without an end");
	while ((line = source_line(&reader.source)))
		if (!take_line(&reader, source_trim(line)))
			return false;
	return !reader.entry || wrong(&reader, "a '}' is missing");
}

static bool read_directory(
	struct conversion *conversion, const char *path, struct entries *entries, unsigned depth)
{
	char **names = source_names(conversion, path);
	bool good = names;

	for (; names && *names; names++)
		if (!strchr(*names, '.') && (*names)[strlen(*names) - 1] != '~')
			good &= read_file(conversion,
				conversion_text(conversion, "%s/%s", path, *names), entries, depth);
	return good;
}

bool xinetd_file_read(struct conversion *conversion, const char *path, struct entries *entries)
{
	return read_file(conversion, path, entries, 0);
}

bool xinetd_file_read_directory(
	struct conversion *conversion, const char *directory, struct entries *entries)
{
	return read_directory(conversion, directory, entries, 0);
}

const struct attribute *xinetd_file_find(const struct entry *entry, const char *name)
{
	const struct attribute *attribute, *found = NULL;

	if (!entry)
		return NULL;
	STAILQ_FOREACH (attribute, &entry->attributes, in_entry)
		if (attribute->name && !strcmp(attribute->name, name))
			found = attribute;
	return found;
}

bool xinetd_file_has_word(const struct attribute *attribute, const char *word)
{
	for (size_t i = 0; attribute && i < attribute->count; i++)
		if (!strcasecmp(attribute->words[i], word))
			return true;
	return false;
}

char *xinetd_file_values(struct conversion *conversion, const struct attribute *attribute)
{
	char *text = conversion_text(conversion, "%s", "");

	for (size_t i = 0; i < attribute->count; i++)
		text = conversion_text(
			conversion, "%s%s%s", text, i ? " " : "", attribute->words[i]);
	return text;
}
