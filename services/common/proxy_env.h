/* proxy_env: what a PROXY header says, as the variables by which inetd tells a program who is
 * calling.
 */
#ifndef SERVICES_COMMON_PROXY_ENV_H
#define SERVICES_COMMON_PROXY_ENV_H

#include "base/proxy.h"

/* Puts the caller of the header in the place of the proxy, in the environment of this process:
 * inetd(8), ENVIRONMENT. What cannot be said of the caller (names, counts, credentials) goes.
 * Changes nothing where the header names nobody (PROXY_OWN): what inetd has set is right then. */
void proxy_set_environment(const struct proxy *proxy);

#endif
