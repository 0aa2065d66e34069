/* host_name: names of hosts and domains as lists of access have them. Pure: nothing is looked up.
 */
#ifndef BASE_HOST_NAME_H
#define BASE_HOST_NAME_H

#include <stdbool.h>

#define HOST_NAME_TEXT 256 /* RFC 1035, 2.3.4, and a NUL */

/* True for "host", "host.example.com" and, with a dot in front, ".example.com": labels of letters,
 * digits, '-' and '_' of at most 63 bytes, not all of digits in the last one (RFC 1123, 2.1). */
bool host_name_valid(const char *text);

/* True if a list, ended by NULL (NULL: empty), holds the name itself or a domain that it is in:
 * ".example.com" holds "a.example.com" and "a.b.example.com", not "example.com". Case does not
 * matter. */
bool host_name_in(char *const *list, const char *name);

#endif
