/* classic_shape: which fields the words of a classic line are, by what they look like; and lines
 * whose fields are not in their places, which get one message for what is wrong instead of one for
 * each field that is moved. */
#ifndef CONFIG_CLASSIC_SHAPE_H
#define CONFIG_CLASSIC_SHAPE_H

#include "config/load.h"
#include "config/text/lexer.h"

/* The places of fields. */
enum { SERVICE, TYPE, PROTOCOL, WAIT, USER, SERVER, ARGV0, FIELDS = ARGV0 };

/* True if the words are a whole entry: type, protocol and wait word are valid. */
bool classic_is_entry(const struct words *words);

/* True if all of these but one are valid: an entry with a typo. */
bool classic_is_nearly(const struct words *words);

/* True after an error that tells what is wrong with the line as a whole. */
bool classic_shape(struct input *input, const struct words *words);

#endif
