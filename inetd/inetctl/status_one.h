/* status_one: everything about the services of one name, in sections. */
#ifndef INETCTL_STATUS_ONE_H
#define INETCTL_STATUS_ONE_H

#include "inetctl/ctl.h"

/* For a ctl with an argument. Returns the exit code. */
int status_one(const struct ctl *ctl);

#endif
