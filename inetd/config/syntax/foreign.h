/* foreign: files that are meant for another program, or written in another notation than their name
 * tells: one message for all of it, instead of one for each line. */
#ifndef CONFIG_FOREIGN_H
#define CONFIG_FOREIGN_H

#include "config/load.h"

/* True if the text of an input, `ini` by its name, is such a file; then an error has been reported,
 * and there is nothing to read. */
bool foreign_file(struct input *input, bool ini);

/* A key or directive of xinetd.conf(5) or of systemd, as what to write instead: "is a key of
 * xinetd: write rate = N/s". NULL where the name is none of them. */
const char *foreign_key(const char *name);

#endif
