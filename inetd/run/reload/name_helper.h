/* name_helper: names_ask() for a reading of the configuration in the daemon. Where nsswitch.conf(5)
 * names more than files (LDAP, sssd, systemd), a helper asks; in a daemon that serves, the reading,
 * which is done in slices, goes on when the answer is there. A name service that is silent for
 * NAME_HELPER_MS knows nothing for the rest of that reading: what it should have known is an error
 * of the entry, which keeps what it was, and run/reload/users.h asks again. */
#ifndef RUN_NAME_HELPER_H
#define RUN_NAME_HELPER_H

#include "config/check/names.h"

#define NAME_HELPER_MS 5000

/* Around each reading. `hurried`: others wait for it, as after an upgrade: only what the daemon
 * before has not known (run/reload/known_names.h) is asked, for a tenth of a second in all.
 * `whole`: what was not asked this time is known no more. name_helper_end() returns false if a name
 * service was silent. */
void name_helper_begin(bool hurried);
bool name_helper_end(bool whole);

/* For conf_options.ask, as names_ask(). */
bool name_helper_ask(const struct name_question *question, struct name_answer *answer);

#endif
