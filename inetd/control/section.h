/* section: a service as a section of an INI file, as far as the one who asks may see it: values of
 * `env`, where secrets are, are for those who may change something. */
#ifndef CONTROL_SECTION_H
#define CONTROL_SECTION_H

#include <stdio.h>

#include "config/service.h"

/* show_service(), but for these values, which a comment stands for. */
void section_write(FILE *out, const struct service *service);

#endif
