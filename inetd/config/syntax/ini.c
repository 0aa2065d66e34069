/* ini: see ini.h. inih divides each line into key and value, without its comment and blanks. What
 * its limits do not allow is done here:
 * - it cuts lines at 200 bytes: longer ones are handed over in pieces (see hand_piece());
 * - it does not report an empty section, and cuts names of sections at 49 bytes, so that heads are
 *   read here (an IPv6 address or a path is longer);
 * - it takes an indented line for more of the value above, and passes over lines that are no
 *   "key = value": blanks are taken away before, and a line that comes to nothing is noticed. */
#include "config/syntax/ini.h"

#include <errno.h>
#include <ini.h>

#include "config/keys/key.h"
#include "config/keys/protocol.h"
#include "config/text/escape.h"
#include "config/text/lexer.h"
#include "config/text/list.h"

#define GUARD                                                                                      \
	'\001' /* at the ends of pieces: inih finds no blank to take away there, no comment        \
		*/
#define INIH_NO_MEMORY (-2)

/* One file while it is read. */
struct ini {
	struct input *input;
	struct load *load;
	struct lexer lexer;
	struct draft *section; /* that keys belong to; NULL before the first header */
	unsigned flag;         /* KEY_IN_... of that section */
	bool spoilt;           /* the header was wrong: its keys are passed over */
	unsigned line;
	bool unread;      /* inih has been given the line, and has not given its key back */
	const char *rest; /* of the line, that inih has not been given yet */
	size_t rest_len;
	char *name, *value; /* what inih made of it so far; NULL at the start of a line */
	size_t value_len;
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

/* Takes the quotes off a text in $'...', and its escapes out, in place. Others stay as
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

/* The colon after the bind part of a head, or NULL. Paths and names may hold colons themselves. */
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

/* The length of a text without the comment at its end, which one of `marks` begins after a blank,
 * and without blanks there. */
static size_t without_comment(const char *text, size_t len, const char *marks)
{
	for (size_t i = 1; i < len; i++)
		if (strchr(marks, text[i]) && strchr(LIST_BLANKS, text[i - 1]))
			len = i;
	while (len && strchr(LIST_BLANKS, text[len - 1]))
		len--;
	return len;
}

/* A line that begins with '['. The brackets of an IPv6 address may be in the name. */
static void header(struct ini *ini, const char *text, size_t len)
{
	len = without_comment(text, len, ";#");
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

/* The rest of a line, or as much of it as there is room for, into inih's buffer. What follows goes
 * on as a line that begins with a blank, which inih takes for more of the same value. */
static void hand_piece(struct ini *ini, char *buf, size_t size)
{
	bool first = !ini->unread && !ini->value;
	size_t room = size - 4, take = ini->rest_len < room ? ini->rest_len : room;
	static const char guard[] = {GUARD, 0}, onward[] = {' ', GUARD, 0};

	snprintf(buf, size, "%s%.*s%s", first ? "" : onward, (int)take, ini->rest,
		take < ini->rest_len ? guard : "");
	ini->rest += take;
	ini->rest_len -= take;
	ini->unread |= first;
}

/* Reports a line that inih made nothing of. */
static void check_read(struct ini *ini)
{
	if (ini->unread)
		FAIL_LINE(ini, "neither 'key = value' nor [section]");
	if (ini->unread)
		ini->rest_len = 0;
	ini->unread = false;
}

/* inih's reader: one line, or piece of one, at a time into buf, as fgets(3) does. What is no key is
 * dealt with here and handed on as an empty line. */
static char *next_line(char *buf, int size, void *stream)
{
	struct ini *ini = stream;
	struct line line;

	check_read(ini);
	if (ini->rest_len) {
		hand_piece(ini, buf, (size_t)size);
		return buf;
	}
	if (!lexer_next(&ini->lexer, &line))
		return NULL;
	ini->line = line.number;
	ini->name = ini->value = NULL;
	if (line.goes_on)
		line.len++; /* a backslash means nothing here */
	for (; line.len && strchr(LIST_BLANKS, *line.text); line.len--)
		line.text++;
	buf[0] = 0;
	if (!line.len || line.comment || line.text[0] == ';')
		return buf;
	if (memchr(line.text, 0, line.len)) {
		FAIL_LINE(ini, "the line holds a NUL byte");
	} else if (line.len > INI_LINE_MOST) {
		FAIL_LINE(ini, "the line has %zu bytes: %d at most", line.len, INI_LINE_MOST);
	} else if (line.text[0] == '[') {
		header(ini, line.text, line.len);
	} else {
		ini->rest = line.text;
		ini->rest_len = line.len;
		if (line.len + 4 > (size_t)size)
			ini->rest_len = without_comment(line.text, line.len, ";");
		hand_piece(ini, buf, (size_t)size);
	}
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
		FAIL_LINE(ini, "%s: cannot be set in this section", name);
	} else if (adds) {
		key_add(ini->section, key, value, ini_where(ini), ini->load->diag);
	} else {
		set_value(ini, key, value);
	}
}

/* inih's handler: a key of the current section, with its value or a piece of that. */
static int found_key(void *user, const char *section, const char *name, const char *value)
{
	struct ini *ini = user;
	struct arena *arena = &ini->load->scratch;
	size_t len = strlen(value);

	(void)section; /* cut to 49 bytes */
	if (!*name)
		return 0;
	if (!ini->value) {
		ini->name = load_memory(ini->load, arena_strdup(arena, name));
		ini->value = load_memory(ini->load, arena_alloc(arena, len + ini->rest_len + 1));
		ini->value_len = 0;
	} else { /* without its guard */
		value++;
		len--;
	}
	ini->unread = false;
	if (!ini->name || !ini->value)
		return 0;
	if (ini->rest_len)
		len--;
	memcpy(ini->value + ini->value_len, value, len);
	ini->value_len += len;
	if (!ini->rest_len)
		set_key(ini, ini->name, ini->value);
	return 1;
}

void ini_read(struct input *input)
{
	struct ini ini = {.input = input, .load = input->load};

	lexer_init(&ini.lexer, input->text, input->len);
	if (ini_parse_stream(next_line, &ini, found_key, &ini) == INIH_NO_MEMORY)
		load_memory(input->load, NULL);
	check_read(&ini);
}
