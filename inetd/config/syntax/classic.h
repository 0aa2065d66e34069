/* classic: the positional lines of inetd.conf in all their dialects. */
#ifndef CONFIG_CLASSIC_H
#define CONFIG_CLASSIC_H

#include "config/load.h"
#include "config/text/lexer.h"

/* Reads the whole text of an input into drafts; every mistake becomes a diagnostic of its line
 * and costs that entry alone. */
void classic_read(struct input *input);

/* Turns the words of one line into a draft. Private to classic*.c. */
void classic_entry(struct input *input, const struct words *words);

#endif
