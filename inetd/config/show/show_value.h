/* show_value: the lines of keys that a service has in another form than they are set in. Private to
 * show.c. */
#ifndef CONFIG_SHOW_VALUE_H
#define CONFIG_SHOW_VALUE_H

#include "config/keys/key.h"
#include "config/text/ini_text.h"

/* Writes the lines for a key of the service. False, and nothing is written, where it has nothing
 * that a line could set. */
typedef bool show_fn(const struct key *key, const struct service *service, FILE *out);

show_fn show_bind, show_protocol, show_user, show_group, show_server, show_arguments, show_argv0;
show_fn show_mux, show_owner, show_owner_group;
show_fn show_disable; /* services that are disabled do not exist */

/* show_listen.c */
show_fn show_listen, show_port;

#endif
