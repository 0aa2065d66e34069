/* fuzz_config: what the targets for whole files share: reading and checking as the daemon does, but
 * that no other file is read; and a look at each service that comes out. */
#ifndef FUZZ_CONFIG_H
#define FUZZ_CONFIG_H

#include <assert.h>
#include <stdint.h>

#include "config/config_load.h"
#include "config/syntax/syntax.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void fuzz_look(const struct service *service)
{
	assert(service->name && service->label && service->bind && service->protocol);
	assert(service->id && service->where.file && service->where.line);
	assert(service->policy->identity.user && service->policy->identity.home &&
		service->policy->identity.shell);
	assert(service->mux == !(service->endpoint_count || service->name_count));
	assert(!service->mux || (service->mux_name && *service->mux_name));
	if (service->builtin)
		assert(!service->server && !service->argv);
	else
		assert(service->server && service->argv && service->argv[0]);
	assert(service->policy->limits.prefix4 && service->policy->limits.prefix4 <= 32);
	assert(service->policy->limits.prefix6 && service->policy->limits.prefix6 <= 128);
	for (size_t i = 0; i < service->endpoint_count; i++) {
		struct sockaddr_len room;

		assert(sockaddr_whole(&service->endpoints[i].addr, &room)->len);
		assert(service->endpoints[i].socktype == service->socktype);
	}
	assert(service_equal(service, service));
}

static inline void fuzz_read(struct load *load, const char *name, const char *text, size_t len)
{
	struct input input = {.load = load, .text = text, .len = len};

	input.source = load_source(load, name, NULL);
	syntax_read(&input);
}

/* Reads `conf` (may be empty) and then the data as a file of that name. */
static inline void fuzz_load(const char *conf, const char *name, const uint8_t *data, size_t size)
{
	struct conf_options options = {
		.plain_families = FAMILY_INET | FAMILY_INET6,
		.defaults = conf_default_limits(),
		.backlog = 128,
		.directory = "/nonexistent",
		.advise = true,
	};
	struct config *config;
	struct load load;

	assert(load_begin(&load, &options) == 0);
	fuzz_read(&load, "first.conf", conf, strlen(conf));
	fuzz_read(&load, name, (const char *)data, size);
	config = config_load_finish(&load);
	assert(config);
	assert(config->service_count <= config->entry_count);
	for (size_t i = 0; i < config->service_count; i++)
		fuzz_look(config->services[i]);
	config_unref(config);
}

#endif
