/* ucspi: command lines of tcpserver and its relatives, as run scripts have them, as sections. */
#ifndef IMPORT_UCSPI_H
#define IMPORT_UCSPI_H

#include "inetctl/import/source.h"

/* True if the line calls such a program. */
bool ucspi_is_command(const char *line);

/* Writes a section for each such line of a file, and notes the other lines. False after a message
 * on standard error. */
bool ucspi_convert(struct conversion *conversion, const char *path);

#endif
