/* gone: a service that no configuration has any more, of which something still runs. */
#ifndef CONFIG_GONE_H
#define CONFIG_GONE_H

#include "config/conf.h"

/* A configuration of one service, with the label, name, server, limits of time and ways to log of
 * that one, whose texts are copied. The caller has the reference. NULL with errno ENOMEM. */
struct config *config_of_gone(const struct service *service);

#endif
