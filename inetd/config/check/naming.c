/* naming: what each service of one configuration is called, which depends on the others. */
#include "config/check/check.h"

/* What is known of a name. */
struct use {
	const char *protocol; /* of the first that bears it */
	uint32_t count;
	bool many; /* others have it with another protocol */
};

/* Counts one more that bears the name. NULL without memory. */
static struct use *name_use(struct load *load, struct map *names, const char *name)
{
	void **slot = load_memory(load, map_slot_borrow(names, name, strlen(name)));

	if (slot && !*slot)
		*slot = load_memory(load, arena_alloc(names->arena, sizeof(struct use)));
	if (!slot || !*slot)
		return NULL;
	((struct use *)*slot)->count++;
	return *slot;
}

/* "NAME/protocol" where entries of several protocols bear one name. */
static void name_by_protocol(struct load *load, struct map *names)
{
	struct config *config = load->config;
	bool any = false;

	for (size_t i = 0; i < config->service_count && !load->no_memory; i++) {
		const struct service *service = config->services[i];
		struct use *use = name_use(load, names, service->name);

		load_breathe(load);
		if (use && !use->protocol)
			use->protocol = service->protocol;
		if (use && use->protocol != service->protocol)
			any = use->many = true;
	}
	for (size_t i = 0; any && i < config->service_count && !load->no_memory; i++) {
		struct service *service = config->services[i];
		const struct use *use = map_get(names, service->name, strlen(service->name));

		load_breathe(load);
		if (!use->many)
			continue;
		service->name = load_memory(load,
			arena_printf(&config->arena, "%s/%s", service->name, service->protocol));
		if (service->name)
			name_use(load, names, service->name);
	}
}

static bool is_shared(const struct map *names, const char *name)
{
	const struct use *use = map_get(names, name, strlen(name));

	return use && use->count > 1;
}

static void set_labels(struct load *load)
{
	struct config *config = load->config;
	struct arena arena;
	struct map names;

	arena_init(&arena);
	map_init(&names, &arena);
	map_expect(&names, config->service_count);
	name_by_protocol(load, &names);
	for (size_t i = 0; i < config->service_count && !load->no_memory; i++) {
		struct service *service = config->services[i];

		load_breathe(load);
		service->label = service->name;
		if (is_shared(&names, service->name))
			service->label = load_memory(load, arena_printf(&config->arena, "%s:%s",
								   service->bind, service->name));
	}
	load_free(load, &arena);
}

/* Counts a text, from 1. */
static uintptr_t count_text(struct load *load, struct map *map, const char *text)
{
	void **slot = load_memory(load, map_slot_borrow(map, text, strlen(text)));
	uintptr_t count = slot ? (uintptr_t)*slot + 1 : 0;

	if (slot)
		*slot = (void *)count;
	return count;
}

/* Those with one label for several get a number. */
static void number_labels(struct load *load)
{
	struct config *config = load->config;
	struct arena arena;
	struct map labels;

	arena_init(&arena);
	map_init(&labels, &arena);
	map_expect(&labels, config->service_count);
	for (size_t i = 0; i < config->service_count && !load->no_memory; i++) {
		struct service *service = config->services[i];
		uintptr_t count = count_text(load, &labels, service->label);

		load_breathe(load);
		if (count > 1)
			service->label =
				load_memory(load, arena_printf(&config->arena, "%s#%ju",
							  service->label, (uintmax_t)count));
	}
	load_free(load, &arena);
}

void naming_services(struct load *load)
{
	set_labels(load);
	if (!load->no_memory)
		number_labels(load);
}
