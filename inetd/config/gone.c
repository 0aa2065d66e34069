/* gone: see gone.h. */
#include "config/gone.h"

#include <errno.h>

#include "base/patience.h"

static struct service *copy(struct config *config, const struct service *service)
{
	struct service *gone = arena_alloc(&config->arena, sizeof(*gone));
	struct policy *policy = arena_alloc(&config->arena, sizeof(*policy));

	if (!gone || !policy)
		return NULL;
	gone->label = arena_strdup(&config->arena, service->label);
	gone->name = arena_strdup(&config->arena, service->name);
	gone->server = service->server ? arena_strdup(&config->arena, service->server) : NULL;
	if (!gone->label || !gone->name || (service->server && !gone->server))
		return NULL;
	gone->id = gone->bind = gone->protocol = "";
	gone->config = config;
	gone->builtin = service->builtin;
	gone->socktype = service->socktype;
	gone->wait = service->wait;
	policy->limits = service->policy->limits;
	policy->max_time_ms = service->policy->max_time_ms;
	policy->kill_after_ms = service->policy->kill_after_ms;
	policy->events = service->policy->events;
	policy->log_level = service->policy->log_level;
	gone->policy = policy;
	return gone;
}

struct config *config_of_gone(const struct service *service)
{
	struct config *config = patience_calloc(1, sizeof(*config));

	if (!config)
		return NULL;
	config->refs = 1;
	arena_init(&config->arena);
	config->services = patience_calloc(1, sizeof(*config->services));
	if (config->services)
		config->services[0] = copy(config, service);
	if (config->services && config->services[0]) {
		config->service_count = 1;
		return config;
	}
	config_unref(config);
	errno = ENOMEM;
	return NULL;
}
