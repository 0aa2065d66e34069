/* config_texts: configurations as rows: a text, the services that come of it, the count of errors.
 */
#ifndef UNIT_CONFIG_TEXTS_H
#define UNIT_CONFIG_TEXTS_H

#include "config_describe.h"

struct text_case {
	const char *text;
	const char *services[4]; /* those that are there, in order, as describe() says them */
	unsigned errors;
};

static inline void check_texts(const char *name, const struct text_case *rows, size_t count)
{
	struct conf_options options = unit_options();

	for (size_t i = 0; i < count; i++) {
		struct config *config = unit_load_as(name, rows[i].text, &options);
		size_t services = 0;

		assert_non_null(config);
		while (services < 4 && rows[i].services[services])
			services++;
		if (config->service_count != services || config->diag.errors != rows[i].errors)
			fail_msg("%s\n%zu services, %u errors, %s", rows[i].text,
				config->service_count, config->diag.errors, unit_first(config));
		for (size_t k = 0; k < services; k++)
			assert_string_equal(describe(config->services[k]), rows[i].services[k]);
		config_unref(config);
	}
}

static inline void add_text(struct load *load, const char *name, const char *text)
{
	struct input input = {.load = load, .text = text, .len = strlen(text)};

	input.source = load_source(load, name, NULL);
	syntax_read(&input);
}

/* Two files of one load. */
static inline struct config *unit_load_two(const char *conf, const char *ini)
{
	struct conf_options options = unit_options();
	struct load load;

	assert_int_equal(load_begin(&load, &options), 0);
	add_text(&load, "a.ini", ini); /* before what it extends */
	add_text(&load, "b.conf", conf);
	return config_load_finish(&load);
}

#endif
