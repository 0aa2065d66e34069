/* config_files: which files are read, and whether they may be: operands, directories, .include;
 * owners and modes. */
#ifndef CONFIG_CONFIG_FILES_H
#define CONFIG_CONFIG_FILES_H

#include "config/load.h"

/* Reads a file or directory of the command line. A path that does not exist is only noted, in
 * *missing, if options say that this is no error; the caller then asks config_files_missing(). */
void config_files_operand(struct load *load, const char *path, struct source_file **missing);

/* Reports a path that did not exist: an error if nothing else could be read, else a note. */
void config_files_missing(struct load *load, struct source_file *source);

/* Reads what the pattern of an .include names. */
void config_files_include(struct input *input, const char *pattern, struct where where);

#endif
