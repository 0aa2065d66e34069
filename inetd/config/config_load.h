/* config_load: the end of a reading (see config_load() in conf.h), for who brings the texts
 * himself: tests and fuzzers. */
#ifndef CONFIG_CONFIG_LOAD_H
#define CONFIG_CONFIG_LOAD_H

#include "config/load.h"

/* Makes services of the drafts, puts diagnostics in order, marks files in error. Returns the
 * configuration with one reference, or NULL with errno ENOMEM; the load is empty afterwards. */
struct config *config_load_finish(struct load *load);

#endif
