/* ini: *.ini files: [service] sections, [defaults] for all services, [inetd] for the daemon. */
#ifndef CONFIG_INI_H
#define CONFIG_INI_H

#include "config/load.h"

#define INI_LINE_MOST (64 << 10) /* bytes of a line */

/* Reads the whole text of an input into section drafts; every mistake becomes a diagnostic of its
 * line. A key costs its section, a line that cannot be read too. */
void ini_read(struct input *input);

#endif
