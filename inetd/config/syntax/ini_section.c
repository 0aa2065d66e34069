/* ini_section: see ini_section.h. */
#include "config/syntax/ini_section.h"

#include <errno.h>

#include "config/keys/key.h"
#include "config/keys/protocol.h"
#include "config/syntax/foreign.h"
#include "config/text/escape.h"
#include "config/text/list.h"

#define NO_BREAK_SPACE "\xc2\xa0" /* U+00A0 in UTF-8 */

/* Takes the quotes off a text in $'...', and its escapes out, in place. Others stay as
 * they are. False after a diagnostic. */
static bool unquote(struct ini_section *ini, const char *what, char *text)
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
	INI_FAIL(ini, "%s: %s", what,
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
static void section_name(struct ini_section *ini, char *name)
{
	struct draft *draft = ini->draft;
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
		INI_FAIL(ini, "a section without a name");
	else if (*name == '[')
		INI_FAIL(ini, "a section has one pair of brackets: write [%.*s]",
			(int)strcspn(name + 1, "]"), name + 1);
}

/* Warns of a head that is in the file already: its keys go to one service. */
static void check_again(struct ini_section *ini, const char *text, size_t len)
{
	void **line = load_memory(ini->load, map_slot(&ini->heads, text, len));

	if (line && *line)
		diag_add(ini->load->diag, DIAG_WARNING, ini_section_where(ini),
			"the section [%.*s] is here a second time, first on line %u: both are one",
			(int)len, text, (unsigned)(uintptr_t)*line);
	else if (line)
		*line = (void *)(uintptr_t)ini->line;
}

void ini_section_begin(struct ini_section *ini, const char *text, size_t len)
{
	struct load *load = ini->load;
	char *name = load_memory(load, arena_strndup(&load->entries, text, len));

	if (load->options->advise)
		check_again(ini, text, len);
	ini->spoilt = name && !unquote(ini, "the name of the section", name);
	if (!name || ini->spoilt)
		return;
	if (!strcmp(name, "defaults")) {
		ini->draft = load->defaults;
		ini->flag = KEY_IN_DEFAULTS;
	} else if (!strcmp(name, "inetd")) {
		ini->draft = load->daemon;
		ini->flag = KEY_IN_DAEMON;
	} else {
		ini->flag = KEY_IN_SERVICE;
		ini->draft = load_section(ini->input, ini->line);
		if (ini->draft)
			section_name(ini, name);
	}
}

static void unknown_key(struct ini_section *ini, const char *name)
{
	const char *foreign = foreign_key(name), *near = key_near(name, ini->flag, NULL);

	if (strstr(name, NO_BREAK_SPACE))
		INI_FAIL_LINE(ini,
			"unknown key '%s': it holds a non-breaking space (U+00A0): replace it "
			"with a plain blank",
			name);
	else if (foreign)
		INI_FAIL_LINE(ini, "unknown key '%s': it %s", name, foreign);
	else if (near)
		INI_FAIL_LINE(ini, "unknown key '%s': did you mean '%s'?", name, near);
	else
		INI_FAIL_LINE(ini, "unknown key '%s': 'inetctl keys' shows all", name);
}

/* A key that exists, but not for this section. */
static void misplaced_key(struct ini_section *ini, const struct key *key)
{
	if (ini->flag == KEY_IN_DAEMON)
		INI_FAIL_LINE(ini, "%s: cannot be set in [inetd]: it is of a service", key->name);
	else if (key->flags & KEY_IN_DAEMON)
		INI_FAIL_LINE(ini, "%s: is for all services together: it belongs into [inetd]%s",
			key->name,
			key_id_of(key) == KEY_CHILDREN ? "; for one service it is instances" : "");
	else
		INI_FAIL_LINE(ini, "%s: cannot be set in [defaults]: each service has its own",
			key->name);
}

/* Those of a keyboard, and those that editors of letters make of them. */
static bool is_in_quotes(const char *value)
{
	size_t len = strlen(value);

	return (len > 1 && strchr("\"'", *value) && value[len - 1] == *value) ||
	       !strncmp(value, "\xe2\x80\x9c", 3) || !strncmp(value, "\xe2\x80\x98", 3);
}

/* True after an error: what looks like a comment, or like quotes, is a part of the value. */
static bool is_misread(struct ini_section *ini, const struct key *key, const char *value)
{
	size_t len = strlen(value);
	/* Names of unix sockets may hold anything. */
	bool list = key->type->separators && !key->type->is_words &&
		    !(key_id_of(key) == KEY_LISTEN && strpbrk(value, "/@"));
	bool one = !key->type->separators && key->type != &type_message;

	if ((one || list) && is_in_quotes(value))
		INI_FAIL(ini, "%s: the quotes are a part of the value: write it without quotes",
			key->name);
	else if ((list || key->type->is_quoted) && strstr(value, NO_BREAK_SPACE))
		INI_FAIL(ini,
			"%s: the value holds a non-breaking space (U+00A0): replace it with a "
			"plain blank",
			key->name);
	else if ((one && !key->type->is_quoted && strchr(value, '#')) ||
		 (list && strstr(value, " #")))
		INI_FAIL(ini,
			"%s: '#' begins no comment after a value: put the comment on a line of its "
			"own, or "
			"after a blank and ';'",
			key->name);
	else if ((one || list) && len && value[len - 1] == ';')
		INI_FAIL(ini, "%s: the ';' at the end is a part of the value: leave it out",
			key->name);
	else if (one && !key->type->is_quoted && strchr(value, ';'))
		INI_FAIL(ini, "%s: a blank must come before the ';' of a comment", key->name);
	else
		return false;
	ini->draft->bad[key_id_of(key)] = true;
	return true;
}

/* Sets a key. Texts may be quoted: an empty one is a value only so. */
static void set_value(struct ini_section *ini, const struct key *key, char *value)
{
	bool empty = !*value;

	if (is_misread(ini, key, value))
		return;
	if (key->type->is_quoted && strstr(value, " #") && ini->load->options->advise)
		diag_add(ini->load->diag, DIAG_WARNING, ini_section_where(ini),
			"%s: ' #' is a part of the value: a comment needs a line of its own, or a "
			"blank and "
			"';' before it",
			key->name);
	if (key->type->is_quoted && !unquote(ini, key->name, value)) {
		ini->draft->bad[key_id_of(key)] = true;
	} else if (key->type->is_quoted && empty && key->flags & KEY_MAY_BE_EMPTY) {
		ini->draft->bad[key_id_of(key)] = true;
		INI_FAIL(ini, "%s: is empty", key->name);
	} else {
		key_set(ini->draft, key, value, ini_section_where(ini), ini->load->diag);
	}
}

void ini_section_set(struct ini_section *ini, char *name, char *value)
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
	if (!ini->draft) {
		if (!ini->spoilt)
			INI_FAIL(ini, "%s: is in no [section]", name);
	} else if (!key) {
		unknown_key(ini, name);
	} else if (!(key->flags & ini->flag)) {
		misplaced_key(ini, key);
	} else if (adds) {
		key_add(ini->draft, key, value, ini_section_where(ini), ini->load->diag);
	} else {
		set_value(ini, key, value);
	}
}
