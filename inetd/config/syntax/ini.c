/* ini: see ini.h. inih divides each line into key and value, without its comment and blanks. What
 * its limits do not allow is done here:
 * - it cuts lines at 200 bytes: longer ones are handed over in pieces (see hand_piece());
 * - it does not report an empty section, and cuts names of sections at 49 bytes, so that heads are
 *   read here (an IPv6 address or a path is longer);
 * - it takes an indented line for more of the value above, and passes over lines that are no
 *   "key = value": blanks are taken away before, and a line that comes to nothing is noticed. */
#include "config/syntax/ini.h"

#include <ini.h>

#include "config/syntax/classic_shape.h"
#include "config/syntax/ini_section.h"
#include "config/text/lexer.h"
#include "config/text/list.h"

#define GUARD          '\001' /* ends a piece: inih finds neither a blank nor a comment there */
#define INIH_NO_MEMORY (-2)

/* One file while it is read. */
struct ini {
	struct load *load;
	struct lexer lexer;
	struct ini_section section;
	bool unread;  /* inih has been given the line, and has not given its key back */
	bool goes_on; /* the line before it ended in a backslash */
	bool next_goes_on;
	bool indented;    /* it begins with a blank */
	const char *text; /* of the line, without blanks in front */
	size_t text_len;
	const char *rest; /* of it, that inih has not been given yet */
	size_t rest_len;
	char *name, *value; /* what inih made of it so far; NULL at the start of a line */
	size_t value_len;
};

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
	ini->section.draft = NULL;
	ini->section.spoilt = text[len - 1] != ']';
	if (ini->section.spoilt)
		INI_FAIL(
			&ini->section, "the name of a section ends in ']', and nothing follows it");
	else
		ini_section_begin(&ini->section, text + 1, len - 2);
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

/* True if a line would be an entry of inetd.conf(5). */
static bool is_entry(struct ini *ini)
{
	struct line line = {.text = ini->text, .len = ini->text_len};
	struct words words = {0};
	bool entry =
		lexer_split(&line, &ini->load->work, &words) == LEX_OK && classic_is_entry(&words);

	words_free(&words);
	return entry;
}

/* Reports a line that inih made nothing of. */
static void unread_line(struct ini *ini)
{
	if (is_entry(ini))
		INI_FAIL_LINE(&ini->section,
			"this is a line of inetd.conf(5): it belongs into a file whose name ends "
			"in .conf");
	else if (ini->text_len > 8 && !memcmp(ini->text, ".include", 8))
		INI_FAIL_LINE(&ini->section,
			".include is for inetd.conf(5): put it into a file whose name ends in "
			".conf");
	else if (ini->goes_on)
		INI_FAIL_LINE(&ini->section,
			"neither 'key = value' nor [section]: the backslash above does not "
			"continue a value; 'key += value' does");
	else if (ini->indented)
		INI_FAIL_LINE(&ini->section,
			"neither 'key = value' nor [section]: a line that begins with a blank does "
			"not continue a value; 'key += value' does");
	else
		INI_FAIL_LINE(&ini->section, "neither 'key = value' nor [section]");
}

static void check_read(struct ini *ini)
{
	if (ini->unread)
		unread_line(ini);
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

	load_breathe(ini->load);
	check_read(ini);
	if (ini->rest_len) {
		hand_piece(ini, buf, (size_t)size);
		return buf;
	}
	if (!lexer_next(&ini->lexer, &line))
		return NULL;
	ini->section.line = line.number;
	ini->name = ini->value = NULL;
	ini->goes_on = ini->next_goes_on;
	ini->next_goes_on = line.goes_on;
	ini->indented = line.indented;
	if (line.goes_on)
		line.len++; /* a backslash means nothing here */
	for (; line.len && *line.text && strchr(LIST_BLANKS, *line.text); line.len--)
		line.text++;
	ini->text = line.text;
	ini->text_len = line.len;
	buf[0] = 0;
	if (!line.len || line.comment || line.text[0] == ';')
		return buf;
	if (memchr(line.text, 0, line.len)) {
		INI_FAIL_LINE(&ini->section, "the line holds a NUL byte");
	} else if (line.len > INI_LINE_MOST) {
		INI_FAIL_LINE(&ini->section, "the line has %zu bytes: %d at most", line.len,
			INI_LINE_MOST);
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
		ini_section_set(&ini->section, ini->name, ini->value);
	return 1;
}

void ini_read(struct input *input)
{
	struct ini ini = {.load = input->load, .section = {.input = input, .load = input->load}};

	map_init(&ini.section.heads, &input->load->scratch);
	lexer_init(&ini.lexer, input->text, input->len);
	if (ini_parse_stream(next_line, &ini, found_key, &ini) == INIH_NO_MEMORY)
		load_memory(input->load, NULL);
	check_read(&ini);
}
