/* rlinetd: rlinetd.conf(5) as sections. */
#ifndef IMPORT_RLINETD_H
#define IMPORT_RLINETD_H

#include "inetctl/import/source.h"

/* Reads a file, and the directories that it names beside it or where they are, into sections. False
 * after a message on standard error. */
bool rlinetd_convert(struct conversion *conversion, const char *path);

#endif
