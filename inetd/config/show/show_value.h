/* show_value: one key of a service as a line, or lines, of an INI section. Private to show.c. */
#ifndef CONFIG_SHOW_VALUE_H
#define CONFIG_SHOW_VALUE_H

#include "config/keys/key.h"
#include "config/text/ini_text.h"

/* What a value is shown with. */
struct show {
	FILE *out;
	const struct key *key;
	const struct service *service;
};

/* Writes the lines for a value of the service. False, and nothing is written, where it holds
 * nothing that a line could say. */
typedef bool show_fn(const struct show *show, const void *value);

show_fn show_text, show_word, show_yes, show_no; /* const char *, int, bool, bool that means "no" */
show_fn show_count, show_byte, show_limit, show_bytes, show_time, show_mode, show_load;
show_fn show_rate, show_burst; /* of one struct rate */
show_fn show_reply_rate, show_id, show_events;
show_fn show_words, show_names, show_arguments, show_networks, show_times, show_message;
show_fn show_output, show_mux;
show_fn show_enabled; /* services that are disabled do not exist */

/* show_listen.c */
show_fn show_listen, show_port;

#endif
