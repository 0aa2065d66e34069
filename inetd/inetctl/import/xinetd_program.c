/* xinetd_program: see xinetd.h. */
#include <string.h>

#include "inetctl/adhoc_service.h"
#include "inetctl/import/xinetd.h"
#include "inetctl/quoting.h"

void xinetd_groups(struct xinetd_service *service, const struct attribute *attribute)
{
	if (xinetd_file_has_word(attribute, "no"))
		conversion_key(service->section, attribute->origin, "groups", "no");
	else
		conversion_implied(service->section, attribute->origin,
			"a program has the groups of its user");
}

/* True, and told, where the service has another program than its server, or none. */
static bool has_no_server(struct xinetd_service *service, const struct attribute *attribute)
{
	if (!service->is_redirect && !service->is_builtin)
		return false;
	conversion_implied(service->section, attribute->origin,
		service->is_redirect ? "redirect is in its place" : XINETD_NO_PROGRAM);
	return true;
}

void xinetd_server(struct xinetd_service *service, const struct attribute *attribute)
{
	const struct attribute *flags = xinetd_file_find(service->entry, "flags");
	const char *path = xinetd_file_values(service->conversion, attribute);

	if (has_no_server(service, attribute))
		return;
	conversion_key(service->section, attribute->origin, "server", path);
	if (!xinetd_file_has_word(flags, "NAMEINARGS"))
		conversion_key(service->section, attribute->origin, "argv0", adhoc_base_name(path));
}

void xinetd_server_args(struct xinetd_service *service, const struct attribute *attribute)
{
	const struct attribute *flags = xinetd_file_find(service->entry, "flags");
	char **words = attribute->words;

	if (has_no_server(service, attribute))
		return;
	if (xinetd_file_has_word(flags, "NAMEINARGS") && *words)
		conversion_key(service->section, attribute->origin, "argv0", *words++);
	if (*words)
		conversion_key(service->section, attribute->origin, "server_args",
			quoting_words(&service->conversion->arena, words));
	else if (!attribute->count)
		conversion_implied(service->section, attribute->origin, "no arguments");
}

void xinetd_redirect(struct xinetd_service *service, const struct attribute *attribute)
{
	conversion_key(service->section, attribute->origin, "server",
		INETD_LIBEXECDIR "/services/redirect");
	conversion_key(service->section, attribute->origin, "server_args",
		xinetd_file_values(service->conversion, attribute));
	if (!xinetd_file_find(service->entry, "user"))
		conversion_key(service->section, attribute->origin, "user", "nobody");
}

void xinetd_env(struct xinetd_service *service, const struct attribute *attribute)
{
	char **good = arena_calloc(
		&service->conversion->arena, attribute->count + 1, sizeof(*attribute->words));
	size_t count = 0;
	char *words;

	for (size_t i = 0; good && i < attribute->count; i++)
		if (service->is_builtin ||
			conversion_takes(service->conversion, "env", attribute->words[i]))
			good[count++] = attribute->words[i];
		else
			conversion_lost(service->section, attribute->origin,
				"'%s' is no NAME=VALUE (xinetd knows no quotes)",
				attribute->words[i]);
	if (!count)
		return;
	words = quoting_words(&service->conversion->arena, good);
	if (service->is_builtin)
		conversion_implied(service->section, attribute->origin, XINETD_NO_PROGRAM);
	else if (attribute->sign == '+')
		conversion_add(service->section, attribute->origin, "env", words);
	else
		conversion_key(service->section, attribute->origin, "env", words);
}

void xinetd_passenv(struct xinetd_service *service, const struct attribute *attribute)
{
	char sign, **words = xinetd_set(service, "passenv", &sign);
	char *names = quoting_words(&service->conversion->arena, words);

	if (!*names && service->defaults) /* in the place of what [defaults] has */
		conversion_key(service->section, attribute->origin, "passenv", "PATH");
	else if (!*names)
		conversion_implied(service->section, attribute->origin,
			"programs get PATH and few more variables of the daemon");
	else if (sign == '+')
		conversion_add(service->section, attribute->origin, "passenv", names);
	else
		conversion_key(service->section, attribute->origin, "passenv", names);
}
