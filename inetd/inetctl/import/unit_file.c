/* unit_file: see unit_file.h. */
#include "inetctl/import/unit_file.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "inetctl/ctl.h"

struct reader {
	struct conversion *conversion;
	struct unit *unit;
	struct source source;
	const char *section;
};

/* "%i" and its like; those that are not known stay, and are seen in what comes of them. */
static char *specified(const struct reader *reader, const char *text, bool *is_open)
{
	const struct unit *unit = reader->unit;
	char *out = NULL;
	size_t len = 0;
	FILE *stream = open_memstream(&out, &len);
	char *kept;

	if (!stream)
		err(CTL_FAILED, "import");
	for (; *text; text++) {
		if (*text != '%' || !text[1] || !strchr("iIpPnNtTS%", text[1])) {
			*is_open |= *text == '%';
			putc(*text, stream);
			continue;
		}
		switch (*++text) {
		case 'i':
		case 'I':
			fputs(unit->instance, stream);
			break;
		case 'p':
		case 'P':
			fputs(unit->prefix, stream);
			break;
		case 'n':
			fputs(unit->name, stream);
			break;
		case 'N':
			fprintf(stream, "%.*s", (int)(strrchr(unit->name, '.') - unit->name),
				unit->name);
			break;
		case 't':
			fputs("/run", stream);
			break;
		case 'T':
			fputs("/tmp", stream);
			break;
		case 'S':
			fputs("/var/lib", stream);
			break;
		default:
			putc('%', stream);
		}
	}
	fclose(stream);
	kept = conversion_text(reader->conversion, "%s", out);
	free(out);
	return kept;
}

static void drop(struct unit *unit, const char *section, const char *name)
{
	struct setting *setting, *next;

	STAILQ_FOREACH_SAFE (setting, &unit->settings, in_unit, next)
		if (setting->name && !strcmp(setting->name, name) &&
			!strcmp(setting->section, section))
			STAILQ_REMOVE(&unit->settings, setting, setting, in_unit);
}

static void add(const struct reader *reader, const char *name, const char *value, const char *text)
{
	struct setting *setting = arena_alloc(&reader->conversion->arena, sizeof(*setting));

	if (!setting)
		err(CTL_FAILED, "import");
	*setting = (struct setting){.section = reader->section,
		.name = name,
		.origin = {reader->source.path, reader->source.line, text}};
	setting->value = specified(reader, value, &setting->is_open);
	STAILQ_INSERT_TAIL(&reader->unit->settings, setting, in_unit);
}

/* A line with those that a backslash at its end puts after it. */
static char *whole_line(struct reader *reader)
{
	char *line = source_line(&reader->source), *more;
	size_t len;

	while (line && (len = strlen(line)) && line[len - 1] == '\\') {
		line[len - 1] = 0;
		more = source_line(&reader->source);
		while (more && (*more == '#' || *more == ';'))
			more = source_line(&reader->source);
		line = conversion_text(reader->conversion, "%s %s", line, more ? more : "");
	}
	return line ? source_trim(line) : NULL;
}

static bool take(struct reader *reader, char *line)
{
	char *equals = strchr(line, '='), *value;
	const char *text = conversion_text(reader->conversion, "%s", line);

	if (!*line)
		return true;
	if (*line == '#' || *line == ';') {
		add(reader, NULL, source_trim(line + 1), text);
		return true;
	}
	if (*line == '[') {
		line[strcspn(line, "]")] = 0;
		reader->section = line + 1;
		return true;
	}
	if (!equals) {
		fprintf(stderr, "inetctl: %s:%u: neither [SECTION] nor NAME=VALUE\n",
			reader->source.path, reader->source.line);
		return false;
	}
	*equals = 0;
	value = source_trim(equals + 1);
	line = source_trim(line);
	if (*value)
		add(reader, line, value, text);
	else
		drop(reader->unit, reader->section, line);
	return true;
}

static bool read_one(struct conversion *conversion, struct unit *unit, const char *path)
{
	struct reader reader = {.conversion = conversion, .unit = unit, .section = ""};
	char *line;

	if (!source_open(&reader.source, conversion, path))
		return false;
	while ((line = whole_line(&reader)))
		if (!take(&reader, line))
			return false;
	return true;
}

static bool read_drop_ins(struct conversion *conversion, struct unit *unit, const char *path)
{
	const char *directory = conversion_text(conversion, "%s.d", path);
	char **names = access(directory, F_OK) ? NULL : source_names(conversion, directory);
	bool good = true;

	for (; names && *names; names++) {
		const char *dot = strrchr(*names, '.');

		if (dot && !strcmp(dot, ".conf"))
			good &= read_one(conversion, unit,
				conversion_text(conversion, "%s/%s", directory, *names));
	}
	return good;
}

bool unit_file_read(struct conversion *conversion, const char *path, struct unit *unit)
{
	const char *name = strrchr(path, '/'), *at, *dot, *template = path;

	name = name ? name + 1 : path;
	at = strchr(name, '@');
	dot = strrchr(name, '.');
	*unit = (struct unit){.path = path, .name = name, .instance = ""};
	STAILQ_INIT(&unit->settings);
	unit->prefix = conversion_text(conversion, "%.*s", (int)((at ? at : dot) - name), name);
	if (at) {
		unit->instance = conversion_text(conversion, "%.*s", (int)(dot - at - 1), at + 1);
		template = conversion_text(conversion, "%.*s%s", (int)(at + 1 - path), path, dot);
	}
	if (!read_one(conversion, unit, access(path, F_OK) ? template : path))
		return false;
	return (template == path || !strcmp(template, path) ||
		       read_drop_ins(conversion, unit, template)) &&
	       read_drop_ins(conversion, unit, path);
}

const struct setting *unit_file_find(const struct unit *unit, const char *section, const char *name)
{
	const struct setting *setting, *found = NULL;

	STAILQ_FOREACH (setting, &unit->settings, in_unit)
		if (setting->name && !strcmp(setting->name, name) &&
			!strcmp(setting->section, section))
			found = setting;
	return found;
}

const char *unit_file_value(const struct unit *unit, const char *section, const char *name)
{
	const struct setting *setting = unit_file_find(unit, section, name);

	return setting ? setting->value : NULL;
}

bool unit_file_is_yes(const char *value)
{
	return value && (!strcasecmp(value, "yes") || !strcasecmp(value, "true") ||
				!strcasecmp(value, "on") || !strcmp(value, "1"));
}
