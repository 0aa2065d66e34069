/* ini_text: lines of an INI file, written so that the reader (ini.h) takes back what was meant: a
 * blank in front of ';' would begin a comment, blanks at the ends of a value would be lost, what
 * a line cannot hold has escapes, long lists go on with "+=". Private to config/. */
#ifndef CONFIG_INI_TEXT_H
#define CONFIG_INI_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* One list while it is written. */
struct ini_list {
	FILE *out;
	const char *name; /* of the key */
	size_t column;    /* where the next item would be; 0: nothing is written yet */
};

/* True if a value that is one text can be written as it is, without quotes. */
bool ini_is_plain(const char *text);

/* Writes a value that is one text, quoted where it needs to be. */
void ini_write_text(FILE *out, const char *text);

/* Writes the head of a section, a line: "[name]", quoted where it needs to be. */
void ini_write_head(FILE *out, const char *name);

/* Makes room for an item of `len` bytes, which the caller writes next: after `separator` (empty or
 * ",", a blank follows), or on a line of its own. */
void ini_list_item(struct ini_list *list, const char *separator, size_t len);

/* Ends the line, if one was begun. Returns true if so. */
bool ini_list_end(struct ini_list *list);

/* Adds an item that needs no quotes. */
void ini_list_add(struct ini_list *list, const char *separator, const char *item);

/* Adds a word, in quotes where it needs them (see list_words()). */
void ini_list_word(struct ini_list *list, const char *word);

/* Writes a text with the escapes that list_unescape() takes out. */
void ini_write_message(FILE *out, const char *text);

#endif
