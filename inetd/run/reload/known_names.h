/* known_names: what name services have answered while the configuration was read last. It is handed
 * over at an upgrade, so that the program that takes the daemon's place asks nobody for it: a name
 * service that is silent then would keep all sockets waiting. */
#ifndef RUN_KNOWN_NAMES_H
#define RUN_KNOWN_NAMES_H

#include <stdio.h>

#include "config/check/names.h"

/* Around a reading; what is noted after the first call takes the place of what there was before the
 * second one, which forgets nothing without `whole`: not all have answered. */
void known_names_begin(void);
void known_names_end(bool whole);

/* Notes an answer. Without memory it is not known. */
void known_names_note(const struct name_question *question, const struct name_answer *answer);

/* True with what was noted; answer->groups is the caller's. */
bool known_names_find(const struct name_question *question, struct name_answer *answer);

/* For the daemon that takes our place, as records of base/handover.h; and from them. */
void known_names_put_all(FILE *out);
void known_names_get_all(void);

#endif
