/* name_helper: names_ask() for a reading of the configuration in the daemon that serves meanwhile.
 * Where nsswitch.conf(5) names more than files (LDAP, sssd, systemd), a helper asks, and the
 * reading, which is done in slices, goes on when the answer is there. A name service that is silent
 * for NAME_HELPER_MS knows nothing for the rest of that reading: what it should have known is an
 * error of the entry, which keeps what it was, and run/reload/users.h asks again. */
#ifndef RUN_NAME_HELPER_H
#define RUN_NAME_HELPER_H

#include "config/check/names.h"

#define NAME_HELPER_MS 5000

/* Around each reading. */
void name_helper_begin(void);
void name_helper_end(void);

/* For conf_options.ask, as names_ask(). Outside of slices it is that: at the start, when nobody is
 * served yet, and where there are no slices (base/slice.h). */
bool name_helper_ask(const struct name_question *question, struct name_answer *answer);

#endif
