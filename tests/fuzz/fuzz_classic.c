/* fuzz_classic: any bytes as an inetd.conf: read and checked as the daemon would, but that no
 * other file is read. Each service that comes out is whole. */
#include <assert.h>
#include <stdint.h>

#include "config/load.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look_at(const struct service *service)
{
	assert(service->name && service->label && service->bind && service->protocol);
	assert(service->where.file && service->where.line);
	assert(service->identity.user && service->identity.home && service->identity.shell);
	assert(service->mux == !(service->endpoint_count || service->name_count));
	assert(!service->mux || (service->mux_name && *service->mux_name));
	if (service->builtin)
		assert(!service->server && !service->argv);
	else
		assert(service->server && service->argv && service->argv[0]);
	for (size_t i = 0; i < service->endpoint_count; i++) {
		assert(service->endpoints[i].addr.len);
		assert(service->endpoints[i].socktype == service->socktype);
	}
	assert(service_equal(service, service));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct conf_options options = {
		.plain_families = FAMILY_INET | FAMILY_INET6,
		.defaults = conf_default_limits(),
		.backlog = 128,
		.directory = "/nonexistent",
	};
	struct input input = {0};
	struct config *config;
	struct load load;

	assert(load_begin(&load, &options) == 0);
	input.load = &load;
	input.source = load_source(&load, "fuzz.conf", NULL);
	input.text = (const char *)data;
	input.len = size;
	load_text(&input);
	config = load_finish(&load);
	assert(config);
	assert(config->service_count <= config->entry_count);
	for (size_t i = 0; i < config->service_count; i++)
		look_at(config->services[i]);
	config_unref(config);
	return 0;
}
