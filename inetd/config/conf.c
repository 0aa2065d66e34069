/* conf: see conf.h. */
#include "config/conf.h"

#include "base/slice.h"
#include "config/text/map.h"

struct config *config_ref(struct config *config)
{
	config->refs++;
	return config;
}

void config_unref(struct config *config)
{
	if (!config || --config->refs)
		return;
	free(config->services);
	while (arena_free_some(&config->arena))
		slice_breathe();
	free(config);
}

enum entry_state entry_state(const struct config *config, const char *id)
{
	return (enum entry_state)(uintptr_t)map_get(config->entries, id, strlen(id));
}
