/* escape: bytes that a text cannot hold as they are, written with a backslash. Private to
 * config/. */
#ifndef CONFIG_ESCAPE_H
#define CONFIG_ESCAPE_H

#include <stdbool.h>
#include <stdio.h>

#define ESCAPE_QUOTE "$'" /* begins a quoted text with escapes, as in sh(1); "'" ends it */

#define ESCAPE_UNKNOWN "unknown escape in $'...': one of \\\\ \\n \\t \\r \\' \\xHH"

/* The byte that an escape means: n t r \ or xHH at *at, which is moved past it. 0 if there is
 * none, or a NUL byte. Reads no further than the first byte that does not belong to it. */
char escape_take(const char **at);

/* Copies a quoted text, from after its ESCAPE_QUOTE, to *out, which is moved; without a NUL at the
 * end. The escapes above and \' are taken out. Returns what follows the closing quote; NULL with
 * errno EINVAL where there is none before `end`, EILSEQ for an unknown escape. The byte at `end`
 * can be read. */
const char *escape_unquote(const char *at, const char *end, char **out);

/* True if people or machines could take the text for another one: it holds controls, or what is no
 * UTF-8, or characters that are not seen. Without memory to tell, too. */
bool escape_is_needed(const char *text);

/* Writes the text quoted, so that it holds nothing but printable ASCII, and no ';' or '#' that
 * could begin a comment. With `out` NULL only counts. Returns its bytes. */
size_t escape_quote(FILE *out, const char *text);

#endif
