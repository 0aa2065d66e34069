/* config_shown: what show prints of a service, read as an INI file, gives that service again:
 * alone, and beside the configuration that it comes from. */
#ifndef UNIT_CONFIG_SHOWN_H
#define UNIT_CONFIG_SHOWN_H

#include "config_unit.h"

#include "config/check/check.h"
#include "config/keys/key.h"
#include "config/show/show.h"

static unsigned services_seen; /* by the property */
static bool keys_seen[KEY_COUNT];

/* Both texts as files of one configuration; the second may be NULL. */
static inline struct config *load_both(
	const char *name, const char *text, const char *more, const struct conf_options *options)
{
	struct input first = {.text = text, .len = strlen(text)}, second = {0};
	struct load load;

	assert_int_equal(load_begin(&load, options), 0);
	first.load = second.load = &load;
	first.source = load_source(&load, name, NULL);
	assert_non_null(first.source);
	syntax_read(&first);
	if (more) {
		second.text = more;
		second.len = strlen(more);
		second.source = load_source(&load, "shown.ini", NULL);
		assert_non_null(second.source);
		syntax_read(&second);
	}
	return config_load_finish(&load);
}

/* Freed by the caller. A copy: gcc takes what a memory stream fills in for a pointer to the
 * variable itself. */
static inline char *shown(const struct service *service)
{
	size_t len = 0;
	char *text = NULL, *copy;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	show_service(service, out);
	assert_int_equal(fclose(out), 0);
	copy = strdup(text);
	free(text);
	assert_non_null(copy);
	return copy;
}

/* Takes away what cannot be the same in another configuration, or is not part of what is asked for:
 * - name, label and the number behind "port 0" tell a service from others of its configuration;
 * - the marks that nobody has set a limit go when show has said it;
 * none of them changes what is served, or how. */
static inline struct service unmarked(const struct service *service, struct policy *policy)
{
	struct service copy = *service;

	copy.name = copy.label = "";
	*policy = *service->policy;
	policy->limits.instances_default = policy->limits.per_source_default = false;
	copy.policy = policy;
	for (size_t i = 0; i < copy.endpoint_count; i++)
		copy.endpoints[i].ordinal &= 0xffff0000;
	return copy;
}

static inline bool is_same(const struct service *a, const struct service *b)
{
	struct policy policies[2];
	struct service x = unmarked(a, &policies[0]), y = unmarked(b, &policies[1]);

	return service_equal(&x, &y);
}

/* What stands behind the head, and behind the remark that others are meant by it too. */
static inline const char *keys_of(const char *text)
{
	const char *keys = strchr(text, '\n') + 1;

	return strncmp(keys, "# other entries", 15) ? keys : strchr(keys, '\n') + 1;
}

static inline void note_keys(const char *text)
{
	for (size_t i = 0; i < KEY_COUNT; i++) {
		char start[64];

		snprintf(start, sizeof(start), "\n%s = ", key_table[i].name);
		keys_seen[i] |= strstr(text, start) != NULL;
	}
}

/* Alone: the same service, and nothing to complain of that its own entry does not give cause for;
 * shown again, the same lines (not the head: alone, a name needs neither address nor protocol). */
static inline void check_alone(
	const struct service *service, const char *text, const struct conf_options *options)
{
	/* What tcpmux passes on needs another entry. */
	bool clean = !service->config->diag.warnings && !service->mux;
	struct config *config = load_both("shown.ini", text, NULL, options);
	char *again;

	assert_non_null(config);
	if (config->diag.errors || config->service_count != 1)
		print_error("%s:%u: %s\n%s", service->where.file, service->where.line,
			unit_first(config), text);
	assert_int_equal(config->diag.errors, 0);
	if (clean && config->diag.warnings)
		fail_msg("%s\n%s", unit_first(config), text);
	assert_int_equal(config->service_count, 1);
	again = shown(config->services[0]);
	assert_string_equal(keys_of(again), keys_of(text));
	if (!is_same(service, config->services[0]))
		print_error(
			"%s:%u: not the same\n%s", service->where.file, service->where.line, text);
	assert_true(is_same(service, config->services[0]));
	free(again);
	config_unref(config);
}

/* True if the head of a section means one entry only. Several on "any free port" of one protocol,
 * for one, cannot be told apart, nor one that is switched off or wrong. */
static inline bool has_own_head(const struct config *config, const struct service *service)
{
	unsigned count = 0;

	for (size_t i = 0; i < config->service_count; i++) {
		const struct service *other = config->services[i];

		count += !strcmp(other->name, service->name) &&
			 !strcmp(other->bind, service->bind) &&
			 !strcmp(other->protocol, service->protocol);
	}
	return count == 1 && entry_state(config, service->id) == ENTRY_UNKNOWN;
}

/* Beside the configuration that it comes from: nothing changes. */
static inline void check_beside(const struct config *config, const char *source, const char *text,
	const struct conf_options *options)
{
	struct config *both = load_both(config->files[0]->path, source, text, options);

	if (both->diag.errors != config->diag.errors ||
		both->service_count != config->service_count)
		print_error("%s: %s\n%s", config->files[0]->path, unit_first(both), text);
	assert_int_equal(both->diag.errors, config->diag.errors);
	assert_int_equal(both->service_count, config->service_count);
	for (size_t i = 0; i < config->service_count; i++) {
		if (!is_same(config->services[i], both->services[i]))
			print_error("%s: changes %s\n%s", config->files[0]->path,
				config->services[i]->label, text);
		assert_true(is_same(config->services[i], both->services[i]));
		assert_string_equal(config->services[i]->label, both->services[i]->label);
	}
	config_unref(both);
}

static inline void check_text(
	const char *name, const char *source, const struct conf_options *options)
{
	struct config *config = load_both(name, source, NULL, options);

	assert_non_null(config);
	for (size_t i = 0; i < config->service_count; i++) {
		const struct service *service = config->services[i];
		char *text = shown(service);

		assert_true(show_is_called(service, service->label));
		note_keys(text);
		services_seen++;
		check_alone(service, text, options);
		if (!strstr(text, "\n# other entries"))
			check_beside(config, source, text, options);
		else
			assert_false(has_own_head(config, service));
		free(text);
	}
	config_unref(config);
}

static inline void check_with_options(const char *name, const char *source)
{
	struct conf_options options = unit_options();

	check_text(name, source, &options);
	options.bind_default = "127.0.0.1";
	check_text(name, source, &options);
	options.plain_families = FAMILY_INET;
	options.keep_env = true;
	options.backlog = 7;
	options.events = EVENT_START | EVENT_EXIT | EVENT_REFUSE;
	options.defaults.instances = 9;
	options.defaults.per_source = LIMIT_NONE;
	options.defaults.instances_default = options.defaults.per_source_default = false;
	options.defaults.rate = options.defaults.per_source_rate = (struct rate){30, 60000, 30};
	check_text(name, source, &options);
}

#endif
