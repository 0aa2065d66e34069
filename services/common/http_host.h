/* http_host: the host that a request is for: whether it is written as one, and whose it is. Pure.
 */
#ifndef SERVICES_COMMON_HTTP_HOST_H
#define SERVICES_COMMON_HTTP_HOST_H

#include <stdbool.h>

/* True for `uri-host [":" port]`: a name, which may be empty, or an address. RFC 9110, 7.2; RFC
 * 3986, 3.2.2. */
bool http_host_valid(const char *text);

/* True if such a text is this name, with or without a port, in letters of either case. */
bool http_host_is(const char *text, const char *name);

/* True if it is an address. */
bool http_host_is_address(const char *text);

#endif
