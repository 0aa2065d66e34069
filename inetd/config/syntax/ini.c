/* ini: see ini.h. inih splits lines into names and values. It cuts long lines and section names
 * without a word, joins indented lines and says nothing of empty sections; so the lines come from
 * a reader of our own, which numbers them, hands over long ones in pieces and sees the headers.
 * What stands behind a blank and ';' is a comment to inih, in values too. */
#include "config/syntax/ini.h"

#include <errno.h>
#include <ini.h>

#include "config/keys/key.h"
#include "config/keys/protocol.h"
#include "config/syntax/ini_long.h"
#include "config/text/escape.h"
#include "config/text/lexer.h"
#include "config/text/list.h"

#define LINE_BYTES 190 /* inih's default buffer of 200, with room to spare */

/* One file while it is read. */
struct ini {
	struct input *input;
	struct load *load;
	struct lexer lexer;
	struct draft *section; /* that keys belong to; NULL before the first header */
	unsigned flag;         /* KEY_IN_... of that section */
	bool spoilt;           /* the header was wrong: its keys are passed over */
	unsigned line;
	struct ini_parts parts; /* of that line */
	struct ini_long piece;  /* of a long one */
	bool is_long;
};

static struct where ini_where(const struct ini *ini)
{
	return input_where(ini->input, ini->line);
}

#define FAIL(ini, ...)                                                                             \
	do {                                                                                       \
		diag_add((ini)->load->diag, DIAG_ERROR, ini_where(ini), __VA_ARGS__);              \
		if ((ini)->section)                                                                \
			(ini)->section->failed = true;                                             \
	} while (0)

/* A mistake that leaves open what else the section would set. */
#define FAIL_LINE(ini, ...)                                                                        \
	do {                                                                                       \
		FAIL(ini, __VA_ARGS__);                                                            \
		if ((ini)->section)                                                                \
			(ini)->section->incomplete = true;                                         \
	} while (0)

/* Takes the quotes off a text that stands in $'...', and its escapes out, in place. Others stay as
 * they are. False after a diagnostic. */
static bool unquote(struct ini *ini, const char *what, char *text)
{
	const char *rest;
	char *out = text;

	if (strncmp(text, ESCAPE_QUOTE, strlen(ESCAPE_QUOTE)) != 0)
		return true;
	errno = 0;
	rest = escape_unquote(text + strlen(ESCAPE_QUOTE), text + strlen(text), &out);
	if (rest && !*rest) {
		*out = 0;
		return true;
	}
	FAIL(ini, "%s: %s", what,
		!rest && errno == EILSEQ ? ESCAPE_UNKNOWN
					 : "what begins with $' must end with the next quote");
	return false;
}

/* The colon behind the bind part of a head, or NULL. Paths and names may hold colons themselves. */
static char *behind_bind(char *name)
{
	char *path = strstr(name, ":/"), *abstract = strstr(name, ":@");

	if (*name == '/' || *name == '@')
		return NULL;
	return path ? path : abstract ? abstract : strrchr(name, ':');
}

/* [bind:]name[/protocol] */
static void section_name(struct ini *ini, char *name)
{
	struct draft *draft = ini->section;
	char *slash = strrchr(name, '/'), *colon;

	if (slash && slash > name && protocol_find(slash + 1)) {
		draft->of_protocol = protocol_find(slash + 1);
		*slash = 0;
	}
	colon = behind_bind(name);
	if (colon) {
		*colon = 0;
		draft->of_bind = *name ? name : "*";
		name = colon + 1;
	}
	draft->name = name;
	if (!*name)
		FAIL(ini, "a section without a name");
}

static void section_begin(struct ini *ini, const char *text, size_t len)
{
	struct load *load = ini->load;
	char *name = load_memory(load, arena_strndup(&load->scratch, text, len));

	ini->spoilt = name && !unquote(ini, "the name of the section", name);
	if (!name || ini->spoilt)
		return;
	if (!strcmp(name, "defaults")) {
		ini->section = load->defaults;
		ini->flag = KEY_IN_DEFAULTS;
	} else if (!strcmp(name, "inetd")) {
		ini->section = load->daemon;
		ini->flag = KEY_IN_DAEMON;
	} else {
		ini->flag = KEY_IN_SERVICE;
		ini->section = load_section(ini->input, ini->line);
		if (ini->section)
			section_name(ini, name);
	}
}

/* Where a comment behind a header begins, or the end. */
static size_t without_comment(const char *text, size_t len)
{
	for (size_t i = 1; i < len; i++)
		if ((text[i] == ';' || text[i] == '#') &&
			(text[i - 1] == ' ' || text[i - 1] == '\t'))
			len = i;
	while (len && (text[len - 1] == ' ' || text[len - 1] == '\t'))
		len--;
	return len;
}

/* A line that begins with '['. The brackets of an IPv6 address may stand in the name. */
static void header(struct ini *ini, const char *text, size_t len)
{
	len = without_comment(text, len);
	ini->section = NULL;
	ini->spoilt = text[len - 1] != ']';
	if (ini->spoilt)
		FAIL(ini, "the name of a section ends in ']', and nothing follows it");
	else
		section_begin(ini, text + 1, len - 2);
}

static void unknown_key(struct ini *ini, const char *name)
{
	const char *near = key_near(name, ini->flag, NULL);

	if (near)
		FAIL_LINE(ini, "unknown key '%s': did you mean '%s'?", name, near);
	else
		FAIL_LINE(ini, "unknown key '%s': 'inetctl keys' shows all", name);
}

/* A line that is to be "key = value", into inih's buffer. */
static void key_line(struct ini *ini, const struct line *line, char *buf, size_t size)
{
	struct load *load = ini->load;
	char *name;

	if (!ini_divide(line->text, line->len, &ini->parts)) {
		FAIL_LINE(ini, "neither 'key = value' nor [section]");
	} else if (ini->parts.name_len > INI_NAME_MOST) {
		name = load_memory(
			load, arena_strndup(&load->scratch, ini->parts.name, ini->parts.name_len));
		if (name)
			unknown_key(ini, name);
	} else if (line->len <= LINE_BYTES && line->len + 2 <= size) {
		memcpy(buf, line->text, line->len);
		buf[line->len] = 0;
	} else if (ini_long_begin(&ini->piece, &ini->parts, &load->scratch) < 0) {
		load->no_memory = true;
	} else {
		ini->is_long = true;
		ini_long_write(&ini->piece, &ini->parts, buf, size);
	}
}

/* inih's reader: one line, or piece of one, at a time into buf, as fgets(3) does. What is no key is
 * dealt with here and handed on as an empty line. */
static char *next_line(char *buf, int size, void *stream)
{
	struct ini *ini = stream;
	struct line line;
	size_t skip = 0;

	if (size < INI_NAME_MOST + 10)
		return NULL;
	if (ini->is_long && ini->piece.rest) {
		ini_long_write(&ini->piece, &ini->parts, buf, (size_t)size);
		return buf;
	}
	ini->is_long = false;
	if (!lexer_next(&ini->lexer, &line))
		return NULL;
	ini->line = line.number;
	if (line.goes_on)
		line.len++; /* a backslash means nothing here */
	while (skip < line.len && (line.text[skip] == ' ' || line.text[skip] == '\t'))
		skip++;
	line.text += skip;
	line.len -= skip;
	buf[0] = 0;
	if (!line.len || line.comment || line.text[0] == ';')
		return buf;
	if (memchr(line.text, 0, line.len))
		FAIL_LINE(ini, "the line holds a NUL byte");
	else if (line.len > INI_LINE_MOST)
		FAIL_LINE(ini, "the line has %zu bytes: %d at most", line.len, INI_LINE_MOST);
	else if (line.text[0] == '[')
		header(ini, line.text, line.len);
	else
		key_line(ini, &line, buf, (size_t)size);
	return buf;
}

/* Sets a key. Texts may be quoted: nothing at all is a value only so. */
static void set_value(struct ini *ini, const struct key *key, char *value)
{
	bool empty = !*value;

	if (key->type->is_quoted && !unquote(ini, key->name, value)) {
		ini->section->bad[key_id_of(key)] = true;
	} else if (key->type->is_quoted && empty && key->flags & KEY_MAY_BE_EMPTY) {
		ini->section->bad[key_id_of(key)] = true;
		FAIL(ini, "%s: is empty", key->name);
	} else
		key_set(ini->section, key, value, ini_where(ini), ini->load->diag);
}

/* Sets "name" or, where "+=" stood, adds to it. */
static void set_key(struct ini *ini, char *name, char *value)
{
	size_t len = strlen(name);
	bool adds = len && name[len - 1] == '+';
	const struct key *key;

	if (adds)
		len--;
	while (len && strchr(LIST_BLANKS, name[len - 1]))
		len--;
	name[len] = 0;
	key = key_find(name);
	if (!ini->section) {
		if (!ini->spoilt)
			FAIL(ini, "%s: is in no [section]", name);
	} else if (!key) {
		unknown_key(ini, name);
	} else if (!(key->flags & ini->flag)) {
		FAIL_LINE(ini, "%s: cannot stand in this section", name);
	} else if (adds) {
		key_add(ini->section, key, value, ini_where(ini), ini->load->diag);
	} else {
		set_value(ini, key, value);
	}
}

/* inih's handler: one key of the current section, or a piece of its value. */
static int found_key(void *user, const char *section, const char *name, const char *value)
{
	struct ini *ini = user;
	char *copy_name, *copy;

	(void)section; /* cut to 49 bytes by inih */
	if (ini->is_long) {
		ini_long_take(&ini->piece, value);
		if (ini->piece.rest)
			return 1;
		value = ini->piece.value;
	}
	copy_name = load_memory(ini->load, arena_strdup(&ini->load->scratch, name));
	copy = load_memory(ini->load, arena_strdup(&ini->load->scratch, value));
	if (copy_name && copy)
		set_key(ini, copy_name, copy);
	return 1;
}

void ini_read(struct input *input)
{
	struct ini ini = {.input = input, .load = input->load};

	lexer_init(&ini.lexer, input->text, input->len);
	ini_parse_stream(next_line, &ini, found_key, &ini);
}
