/* dialect_warnings: what a file means here that it does not mean to every inetd, while nothing says
 * in whose words it is written. One warning of a kind for the lines of a file, at the first of
 * them: all lines of an old file are alike, and what helps them is one line that names the dialect.
 */
#ifndef CONFIG_DIALECT_WARNINGS_H
#define CONFIG_DIALECT_WARNINGS_H

#include "config/load.h"

/* Adds the warnings for all drafts that services were made of. */
void dialect_warnings_load(struct load *load);

#endif
