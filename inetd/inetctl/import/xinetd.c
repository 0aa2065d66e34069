/* xinetd: see xinetd.h. The table names every attribute of xinetd.conf(5). */
#include "inetctl/import/xinetd.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ONE_AT_A_TIME "one program at a time is handed the socket"

/* --- attributes that are a key of the same kind --- */

static const struct {
	const char *name, *key;
} keys[] = {
	{"user", "user"},
	{"group", "group"},
	{"nice", "nice"},
	{"umask", "umask"},
	{"max_load", "max_load"},
	{"banner_success", "banner"},
	{"banner_fail", "banner_fail"},
	{"instances", "instances"},
	{"per_source", "per_source"},
	{"rlimit_as", "rlimit_as"},
	{"rlimit_cpu", "rlimit_cpu"},
	{"rlimit_data", "rlimit_data"},
	{"rlimit_files", "rlimit_nofile"},
	{"rlimit_rss", "rlimit_rss"},
	{"rlimit_stack", "rlimit_stack"},
};

/* True for what only programs have. */
static bool is_of_programs(const char *key)
{
	return !strcmp(key, "user") || !strcmp(key, "group") || !strcmp(key, "nice") ||
	       !strcmp(key, "umask") || !strncmp(key, "rlimit_", strlen("rlimit_"));
}

/* False after it was said that nobody can be told something there. */
static bool may_tell(struct xinetd_service *service, const struct attribute *attribute)
{
	if (!service->is_wait && !service->is_datagram)
		return true;
	conversion_lost(service->section, attribute->origin,
		"only connections can be told something, and only before a program has them");
	return false;
}

static void plain(struct xinetd_service *service, const struct attribute *attribute)
{
	bool counts =
		!strcmp(attribute->name, "instances") || !strcmp(attribute->name, "per_source");
	const char *key = NULL, *value = xinetd_file_values(service->conversion, attribute);

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!strcmp(keys[i].name, attribute->name))
			key = keys[i].key;
	if (!strncmp(attribute->name, "banner", strlen("banner")) && !may_tell(service, attribute))
		return;
	if (service->is_builtin && is_of_programs(key))
		conversion_implied(service->section, attribute->origin, XINETD_NO_PROGRAM);
	else if (service->is_builtin && service->is_datagram)
		conversion_lost(service->section, attribute->origin,
			"built-in datagram services have no sessions; reply_rate limits them");
	else if (counts && service->is_wait)
		conversion_implied(service->section, attribute->origin, ONE_AT_A_TIME);
	else
		conversion_key(service->section, attribute->origin, key,
			strcasecmp(value, "UNLIMITED") ? value : "unlimited");
}

/* --- the others --- */

static void disable(struct xinetd_service *service, const struct attribute *attribute)
{
	if (xinetd_file_has_word(attribute, "yes"))
		conversion_key(service->section, attribute->origin, "disable", "yes");
	else
		conversion_implied(service->section, attribute->origin, "it is the default");
}

/* Shown whatever access rules say. */
static void banner(struct xinetd_service *service, const struct attribute *attribute)
{
	const char *path = xinetd_file_values(service->conversion, attribute);

	if (!may_tell(service, attribute))
		return;
	conversion_key(service->section, attribute->origin, "banner", path);
	if (!xinetd_file_find(service->entry, "banner_fail"))
		conversion_key(service->section, attribute->origin, "banner_fail", path);
}

static void cps(struct xinetd_service *service, const struct attribute *attribute)
{
	if (!attribute->count)
		return;
	if (service->is_builtin && service->is_datagram) {
		conversion_lost(service->section, attribute->origin,
			"built-in datagram services have no sessions; reply_rate limits them");
		return;
	}
	conversion_key(service->section, attribute->origin, "rate",
		conversion_text(service->conversion, "%s/s", attribute->words[0]));
	if (attribute->count > 1)
		conversion_lost(service->section, attribute->origin,
			"the %s s for which the service is closed then; here callers wait, or are "
			"refused with overload = refuse",
			attribute->words[1]);
}

static void deny_time(struct xinetd_service *service, const struct attribute *attribute)
{
	const char *time = attribute->count ? attribute->words[0] : "";

	if (!service->is_sensor)
		conversion_implied(
			service->section, attribute->origin, "it is for flags = SENSOR alone");
	else if (!strcasecmp(time, "FOREVER"))
		conversion_key(service->section, attribute->origin, "deny_time", "24h");
	else if (!strcasecmp(time, "NEVER"))
		conversion_key(service->section, attribute->origin, "deny_time", "never");
	else
		conversion_key(service->section, attribute->origin, "deny_time",
			conversion_text(service->conversion, "%smin", time));
	if (service->is_sensor && !strcasecmp(time, "FOREVER"))
		conversion_lost(
			service->section, attribute->origin, "24 hours are the longest time");
}

static bool logs_to_file(const struct attribute *attribute)
{
	return xinetd_file_has_word(attribute, "FILE") && attribute->count > 1;
}

static void log_file(struct xinetd_service *service, const struct attribute *attribute)
{
	conversion_key(service->section, attribute->origin, "log_to", attribute->words[1]);
	if (attribute->count > 2)
		conversion_lost(service->section, attribute->origin,
			"the limits of its size: logrotate(8) keeps it small, without a signal");
}

static void log_type(struct xinetd_service *service, const struct attribute *attribute)
{
	const struct attribute *defaults = xinetd_file_find(service->defaults, "log_type");

	if (logs_to_file(attribute))
		log_file(service, attribute);
	else if (attribute->count > 1)
		conversion_lost(service->section, attribute->origin,
			"facility and level of its own: the log is the daemon's");
	else if (!logs_to_file(defaults))
		conversion_implied(service->section, attribute->origin, "the log is syslog's");
	if (!logs_to_file(attribute) && logs_to_file(defaults))
		conversion_key(service->section, attribute->origin, "log_to", "log");
}

static void libwrap(struct xinetd_service *service, const struct attribute *attribute)
{
	conversion_lost(service->section, attribute->origin,
		"the name for hosts.allow, where the daemon has -w, is argv[0]");
}

static void id(struct xinetd_service *service, const struct attribute *attribute)
{
	if (strchr(service->section->name, '/'))
		conversion_lost(service->section, attribute->origin,
			"what tells it from others of its name is its protocol: %s",
			service->section->name);
	else
		conversion_implied(service->section, attribute->origin, "the section has a name");
}

static void enabled(struct xinetd_service *service, const struct attribute *attribute)
{
	conversion_implied(
		service->section, attribute->origin, "the sections of these say disable or not");
}

static void mdns(struct xinetd_service *service, const struct attribute *attribute)
{
	conversion_implied(service->section, attribute->origin, "it has no effect on Linux");
}

static void rpc(struct xinetd_service *service, const struct attribute *attribute)
{
	conversion_implied(service->section, attribute->origin, "see rpc");
}

static const struct {
	const char *name;
	xinetd_fn *convert;
	bool is_set; /* '=', '+=' and '-=' of it make one value */
} attributes[] = {
	{"id", id, false},
	{"type", xinetd_type, false},
	{"flags", xinetd_flags, false},
	{"disable", disable, false},
	{"socket_type", xinetd_socket_type, false},
	{"protocol", xinetd_protocol, false},
	{"wait", xinetd_wait, false},
	{"groups", xinetd_groups, false},
	{"server", xinetd_server, false},
	{"server_args", xinetd_server_args, false},
	{"libwrap", libwrap, false},
	{"only_from", xinetd_networks, true},
	{"no_access", xinetd_networks, true},
	{"access_times", xinetd_times, false},
	{"log_type", log_type, false},
	{"rpc_version", rpc, false},
	{"rpc_number", rpc, false},
	{"passenv", xinetd_passenv, true},
	{"port", xinetd_port, false},
	{"redirect", xinetd_redirect, false},
	{"bind", xinetd_bind, false},
	{"interface", xinetd_bind, false},
	{"v6only", xinetd_port, false},
	{"banner", banner, false},
	{"cps", cps, false},
	{"mdns", mdns, false},
	{"enabled", enabled, false},
	{"disabled", enabled, false},
	{"deny_time", deny_time, false},
};

static bool is_key(const char *name)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!strcmp(keys[i].name, name))
			return true;
	return false;
}

static const struct attribute *first_of(const struct entry *entry, const char *name)
{
	const struct attribute *attribute;

	STAILQ_FOREACH (attribute, &entry->attributes, in_entry)
		if (attribute->name && !strcmp(attribute->name, name))
			return attribute;
	return NULL;
}

/* A value with a comment after it is meant, although xinetd takes the comment for more values, and
 * passes over the attribute. */
static void note_comment(struct xinetd_service *service, const struct attribute *attribute)
{
	conversion_comment(service->section, conversion_text(service->conversion,
						     "%s: xinetd drops an attribute with a comment "
						     "after it; here it is in force",
						     attribute->origin.text));
}

static void convert(struct xinetd_service *service, const struct attribute *attribute)
{
	const struct entry *entry = service->entry;
	const char *name = attribute->name;

	if (attribute->has_comment)
		note_comment(service, attribute);
	if (is_key(name) && attribute == xinetd_file_find(entry, name)) {
		plain(service, attribute);
		return;
	}
	if (!strcmp(name, "log_on_success") || !strcmp(name, "log_on_failure")) {
		xinetd_log(service, attribute);
		return;
	}
	if (!strcmp(name, "env")) { /* each line is one of ours */
		xinetd_env(service, attribute);
		return;
	}
	for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
		if (strcmp(attributes[i].name, name) != 0)
			continue;
		if (attributes[i].is_set && attribute != first_of(entry, name))
			conversion_implied(
				service->section, attribute->origin, "a part of the above");
		else if (attributes[i].is_set || attribute == xinetd_file_find(entry, name))
			attributes[i].convert(service, attribute);
		else
			conversion_implied(
				service->section, attribute->origin, "it is set again below");
		return;
	}
	if (is_key(name))
		conversion_implied(service->section, attribute->origin, "it is set again below");
	else
		conversion_lost(service->section, attribute->origin,
			"xinetd.conf(5) has no such attribute");
}

/* What defaults say of whole services, by their ids. */
static void switch_off(struct xinetd_service *service)
{
	const struct attribute *own = xinetd_file_find(service->entry, "id");
	const struct attribute *off = xinetd_file_find(service->defaults, "disabled");
	const struct attribute *on = xinetd_file_find(service->defaults, "enabled");
	const char *name = own && own->count ? own->words[0] : service->entry->name;
	const struct attribute *disabled = xinetd_file_find(service->entry, "disable");

	if (xinetd_file_has_word(disabled, "yes"))
		return;
	if (xinetd_file_has_word(off, name))
		conversion_key(service->section, off->origin, "disable", "yes");
	else if (on && !xinetd_file_has_word(on, name))
		conversion_key(service->section, on->origin, "disable", "yes");
}

static void convert_entry(struct conversion *conversion, const struct entry *entry,
	const struct entry *defaults, const struct entries *entries)
{
	const struct attribute *type = xinetd_file_find(entry, "type"), *attribute;
	struct xinetd_service service = {.conversion = conversion,
		.section = conversion_section(
			conversion, xinetd_section_name(conversion, entry, entries), entry->origin),
		.entry = entry,
		.defaults = entry->name ? defaults : NULL};

	service.is_sensor = xinetd_file_has_word(xinetd_file_find(entry, "flags"), "SENSOR");
	service.is_builtin = xinetd_file_has_word(type, "INTERNAL") || service.is_sensor;
	service.is_redirect = xinetd_file_find(entry, "redirect");
	service.is_datagram = xinetd_file_has_word(xinetd_file_find(entry, "socket_type"), "dgram");
	service.is_wait = xinetd_file_has_word(xinetd_file_find(entry, "wait"), "yes");
	if (entry->name) {
		switch_off(&service);
		xinetd_socket(&service);
	} else if (!xinetd_file_find(entry, "passenv")) {
		conversion_lost(service.section, entry->origin,
			"programs get the whole environment of xinetd there; here PATH and few "
			"more, and what passenv names (clean_env = no gives all)");
	}
	STAILQ_FOREACH (attribute, &entry->attributes, in_entry) {
		if (attribute->name)
			convert(&service, attribute);
		else
			conversion_comment(service.section, attribute->words[0]);
	}
	if (entry->name)
		xinetd_default_networks(&service);
}

void xinetd_convert(struct conversion *conversion, const struct entries *entries)
{
	const struct entry *entry, *defaults = NULL;

	STAILQ_FOREACH (entry, entries, in_file)
		if (!entry->name)
			defaults = entry;
	if (defaults)
		convert_entry(conversion, defaults, NULL, entries);
	STAILQ_FOREACH (entry, entries, in_file)
		if (entry->name)
			convert_entry(conversion, entry, defaults, entries);
}
