/* dialect: see dialect.h. */
#include "config/dialect.h"

#include <string.h>

const struct dialect dialect_auto = {.name = "auto"};

static const struct dialect dialects[] = {
	{.name = "debian", .root_keeps_group = true, .last_counts = true},
	{.name = "freebsd", .plain_is_ipv4 = true, .unix_mode = "0600", .last_counts = true},
	/* What its umask leaves of 0777: it sets no mode. */
	{.name = "netbsd", .plain_is_ipv4 = true, .unix_mode = "0755", .last_counts = true},
	{.name = "openbsd", .plain_is_ipv4 = true, .last_counts = true},
	{.name = "gnu",
		.plain_is_ipv4 = true,
		.six_takes_ipv4 = true,
		.every_file = true,
		.pidfile_alone = true,
		.root_keeps_group = true,
		.indented_entries = true,
		.last_counts = true},
	{.name = "busybox",
		.plain_is_ipv4 = true,
		.six_takes_ipv4 = true,
		.searches_path = true,
		.runs_bare_files = true,
		.unix_mode = "0755",
		.indented_entries = true,
		.last_counts = true},
};

const struct dialect *dialect_find(const char *name)
{
	for (size_t i = 0; i < sizeof(dialects) / sizeof(dialects[0]); i++)
		if (!strcmp(dialects[i].name, name))
			return &dialects[i];
	return strcmp(name, dialect_auto.name) ? NULL : &dialect_auto;
}
