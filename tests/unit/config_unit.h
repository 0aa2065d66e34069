/* config_unit: what the cmocka programs of config/ share: a configuration from a text. */
#ifndef UNIT_CONFIG_UNIT_H
#define UNIT_CONFIG_UNIT_H

#include "unit.h"

#include <string.h>

#include "config/config_load.h"
#include "config/syntax/syntax.h"

/* Options as the daemon has them without arguments, but that programs are taken from /. */
static inline struct conf_options unit_options(void)
{
	return (struct conf_options){
		.plain_families = FAMILY_INET | FAMILY_INET6,
		.defaults = conf_default_limits(),
		.backlog = 4096,
		.directory = "/",
		.missing_is_error = true,
	};
}

/* The configuration that a text makes as the file `name`; .include is not followed. */
static inline struct config *unit_load_as(
	const char *name, const char *text, const struct conf_options *options)
{
	struct input input = {.text = text, .len = strlen(text)};
	struct load load;

	assert_int_equal(load_begin(&load, options), 0);
	input.load = &load;
	input.source = load_source(&load, name, NULL);
	assert_non_null(input.source);
	syntax_read(&input);
	return config_load_finish(&load);
}

static inline struct config *unit_load(const char *text)
{
	struct conf_options options = unit_options();
	struct config *config = unit_load_as("x.conf", text, &options);

	assert_non_null(config);
	return config;
}

/* The first diagnostic as text, "" for none. */
static inline const char *unit_first(const struct config *config)
{
	static char text[2048];

	text[0] = 0;
	if (config->diag.first)
		diag_format(config->diag.first, text, sizeof(text));
	return text;
}

#endif
