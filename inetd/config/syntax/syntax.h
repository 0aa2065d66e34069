/* syntax: which notation a text is in. */
#ifndef CONFIG_SYNTAX_H
#define CONFIG_SYNTAX_H

#include "config/load.h"

/* Reads the text of one file by the syntax that its name asks for: INI for *.ini, else inetd.conf.
 */
void syntax_read(struct input *input);

#endif
