/* quoting: words as values of configuration files: those that need it stand in quotes. */
#ifndef INETCTL_QUOTING_H
#define INETCTL_QUOTING_H

#include <stdio.h>

#include "base/arena.h"

/* A word of a line of inetd.conf. */
void quoting_put_word(FILE *out, const char *word);

/* A word in a list of an INI file. */
void quoting_put_item(FILE *out, const char *word);

/* A value of an INI file that is one text, to the end of its line. */
void quoting_put_value(FILE *out, const char *text);

/* The items of a list, ended by NULL, with a blank between; in the arena. NULL with errno ENOMEM.
 */
char *quoting_words(struct arena *arena, char *const *words);

#endif
