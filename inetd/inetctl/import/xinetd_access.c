/* xinetd_access: see xinetd.h. */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "base/network.h"
#include "inetctl/ctl.h"
#include "inetctl/import/xinetd.h"

/* For a list without members, which takes the place of that of [defaults]: nobody calls from it. */
#define NO_ADDRESS "255.255.255.255"

static char **words_new(struct xinetd_service *service, size_t count)
{
	char **words = arena_calloc(&service->conversion->arena, count + 1, sizeof(*words));

	if (!words)
		err(CTL_FAILED, "import");
	return words;
}

static size_t count_words(char *const *words)
{
	size_t count = 0;

	while (words[count])
		count++;
	return count;
}

static char **join(struct xinetd_service *service, char *const *first, char *const *second)
{
	size_t a = count_words(first), b = count_words(second);
	char **words = words_new(service, a + b);

	memcpy(words, first, a * sizeof(*words));
	memcpy(words + a, second, b * sizeof(*words));
	return words;
}

static void remove_words(char **words, char *const *unwanted)
{
	for (; *unwanted; unwanted++) {
		char **to = words;

		for (char **from = words; *from; from++)
			if (strcasecmp(*from, *unwanted) != 0)
				*to++ = *from;
		*to = NULL;
	}
}

char **xinetd_set(struct xinetd_service *service, const char *name, char *sign)
{
	const struct attribute *attribute;
	struct xinetd_service defaults = *service;
	char **words = words_new(service, 0), ignored;

	defaults.entry = service->defaults;
	defaults.defaults = NULL;
	*sign = service->defaults ? '+' : '=';
	STAILQ_FOREACH (attribute, &service->entry->attributes, in_entry) {
		if (!attribute->name || strcmp(attribute->name, name) != 0)
			continue;
		if (attribute->sign == '-' && *sign == '+')
			words = join(service, xinetd_set(&defaults, name, &ignored), words);
		if (attribute->sign == '=')
			words = attribute->words;
		else if (attribute->sign == '+')
			words = join(service, words, attribute->words);
		else
			remove_words(words = join(service, words, words_new(service, 0)),
				attribute->words);
		if (attribute->sign != '+')
			*sign = '=';
	}
	return words;
}

/* The words that hold in an entry, those of defaults among them. */
static char **in_force(struct xinetd_service *service, const char *name)
{
	char sign, **words = xinetd_set(service, name, &sign);
	struct xinetd_service defaults = *service;

	if (sign != '+')
		return words;
	defaults.entry = service->defaults;
	defaults.defaults = NULL;
	return join(service, xinetd_set(&defaults, name, &sign), words);
}

/* --- networks --- */

/* An address whose zeros at the end stand for anything. NULL: it is none. */
static char *dotted(struct conversion *conversion, const char *text)
{
	unsigned parts[4] = {0}, count = 0, zeros = 0;
	const char *at = text;

	for (; count < 4; count++) {
		char *end;
		unsigned long part = strtoul(at, &end, 10);

		if (*at < '0' || *at > '9' || part > 255 || (*end && *end != '.'))
			return NULL;
		parts[count] = (unsigned)part;
		at = end + (*end == '.');
		if (!*end) {
			count++;
			break;
		}
	}
	if (*at)
		return NULL;
	while (zeros < 4 && !parts[3 - zeros])
		zeros++;
	if (!zeros)
		return conversion_text(conversion, "%s", text);
	return conversion_text(conversion, "%u.%u.%u.%u/%u", parts[0], parts[1], parts[2], parts[3],
		32 - 8 * zeros);
}

/* 192.0.2.{1,7} is two addresses. */
static char *factored(struct conversion *conversion, const char *word)
{
	size_t len = strcspn(word, "{");
	char *items = conversion_text(conversion, "%s", word + len + 1), *item, *all = NULL;

	items[strcspn(items, "}")] = 0;
	while ((item = strsep(&items, ","))) {
		const char *one = conversion_text(conversion, "%.*s%s", (int)len, word, item);

		one = dotted(conversion, one);
		if (!one)
			return NULL;
		all = conversion_text(conversion, "%s%s%s", all ? all : "", all ? " " : "", one);
	}
	return all;
}

/* The networks that a word means, or NULL: the name of a host or a network. */
static char *networks_of(struct conversion *conversion, const char *word)
{
	struct network network;

	if (strchr(word, '{'))
		return factored(conversion, word);
	if (!strcmp(word, "localhost"))
		return conversion_text(conversion, "127.0.0.1 ::1");
	if (!strpbrk(word, ":/"))
		return dotted(conversion, word);
	switch (network_parse(word, &network)) {
	case NETWORK_OK:
	case NETWORK_STRAY:
		return conversion_text(conversion, "%s", word);
	default:
		return NULL;
	}
}

/* xinetd 2.3.15 refuses who is in both lists; its manual says that the better match decides. */
static void note_both(struct xinetd_service *service)
{
	if (*in_force(service, "only_from") && *in_force(service, "no_access"))
		conversion_comment(service->section,
			"Of an address in both lists the longer prefix decides, as xinetd.conf(5) "
			"has it; xinetd itself refuses it.");
}

/* Names are looked up for connections that inetd accepts; the kernel, which judges for programs
 * that have the socket, knows addresses only. */
static bool takes_names(const struct xinetd_service *service)
{
	return !service->is_wait && !service->is_datagram;
}

static void put_networks(struct xinetd_service *service, struct origin origin, const char *name,
	char *const *words, char sign)
{
	bool admits = !strcmp(name, "only_from");
	char *all = NULL;

	for (char *const *word = words; *word; word++) {
		const char *networks = networks_of(service->conversion, *word);

		if (!networks && takes_names(service) &&
			conversion_takes(service->conversion, name, *word))
			networks = *word;
		if (networks)
			all = conversion_text(service->conversion, "%s%s%s", all ? all : "",
				all ? " " : "", networks);
		else
			conversion_lost(service->section, origin,
				"'%s' is a name: only addresses and networks are %s%s; write those "
				"that it has",
				*word, admits ? "let in" : "kept out",
				takes_names(service) ? "" : " here, with wait or datagrams");
	}
	if (all && sign == '+')
		conversion_add(service->section, origin, name, all);
	else if (all)
		conversion_key(service->section, origin, name, all);
	else if (sign == '=' && (admits || service->defaults))
		conversion_key(service->section, origin, name, NO_ADDRESS);
	else if (sign == '=' && !*words)
		conversion_implied(service->section, origin, "nobody is kept out");
}

static bool has_names(struct conversion *conversion, char *const *words)
{
	for (; *words; words++)
		if (!networks_of(conversion, *words))
			return true;
	return false;
}

void xinetd_networks(struct xinetd_service *service, const struct attribute *attribute)
{
	char sign, **words = xinetd_set(service, attribute->name, &sign);

	if (!strcmp(attribute->name, "only_from"))
		note_both(service);
	if (sign == '+' && !takes_names(service)) { /* not with the names of defaults */
		words = in_force(service, attribute->name);
		sign = '=';
	}
	put_networks(service, attribute->origin, attribute->name, words, sign);
}

void xinetd_default_networks(struct xinetd_service *service)
{
	static const char *const lists[] = {"only_from", "no_access"};

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]) && !takes_names(service); i++) {
		const struct attribute *general = xinetd_file_find(service->defaults, lists[i]);
		char **words = in_force(service, lists[i]);

		if (general && !xinetd_file_find(service->entry, lists[i]) &&
			has_names(service->conversion, words))
			put_networks(service, general->origin, lists[i], words, '=');
	}
}

/* --- times --- */

void xinetd_times(struct xinetd_service *service, const struct attribute *attribute)
{
	char *all = NULL;

	for (char **word = attribute->words; *word; word++) {
		unsigned hour, minute, end_hour, end_minute;

		if (sscanf(*word, "%u:%u-%u:%u", &hour, &minute, &end_hour, &end_minute) != 4) {
			conversion_lost(service->section, attribute->origin,
				"'%s' is no span of time", *word);
			continue;
		}
		/* The last minute is inside there. */
		end_hour += end_minute == 59;
		end_minute = (end_minute + 1) % 60;
		all = conversion_text(service->conversion, "%s%s%02u:%02u-%02u:%02u",
			all ? all : "", all ? ", " : "", hour, minute, end_hour, end_minute);
	}
	if (all)
		conversion_key(service->section, attribute->origin, "access_times", all);
}

/* --- log --- */

static bool has(char *const *words, const char *word)
{
	for (; *words; words++)
		if (!strcasecmp(*words, word))
			return true;
	return false;
}

/* The value of log for what holds in an entry. */
static const char *events_of(struct xinetd_service *service)
{
	char **success = in_force(service, "log_on_success");
	char **failure = in_force(service, "log_on_failure");
	bool ends = has(success, "EXIT") || has(success, "DURATION") || has(success, "TRAFFIC");
	bool user = (has(success, "USERID") || has(failure, "USERID")) &&
		    conversion_takes(service->conversion, "log", "userid");
	const char *events =
		conversion_text(service->conversion, "%s%s%s%s", *success ? " start" : "",
			ends ? " exit" : "", *failure ? " refuse" : "", user ? " userid" : "");

	return *events ? events + 1 : "none";
}

static bool is_first(const struct xinetd_service *service, const struct attribute *attribute)
{
	const struct attribute *other;

	STAILQ_FOREACH (other, &service->entry->attributes, in_entry)
		if (other->name && !strncmp(other->name, "log_on_", strlen("log_on_")))
			return other == attribute;
	return false;
}

void xinetd_log(struct xinetd_service *service, const struct attribute *attribute)
{
	struct xinetd_service defaults = *service;
	const char *events = events_of(service);

	if (attribute->sign != '-' && xinetd_file_has_word(attribute, "USERID") &&
		!conversion_takes(service->conversion, "log", "userid"))
		conversion_lost(service->section, attribute->origin,
			"USERID: nobody asks for the caller's user (RFC 1413)");
	if (attribute->sign != '-' && xinetd_file_has_word(attribute, "TRAFFIC"))
		conversion_lost(service->section, attribute->origin,
			"TRAFFIC: the bytes of a connection are not counted");
	defaults.entry = service->defaults;
	defaults.defaults = NULL;
	if (!is_first(service, attribute))
		conversion_implied(service->section, attribute->origin, "a part of log above");
	else if (service->defaults && !xinetd_file_find(service->entry, "log_on_success") &&
		 !strcmp(events, events_of(&defaults)))
		conversion_implied(service->section, attribute->origin, "as [defaults] has it");
	else
		conversion_key(service->section, attribute->origin, "log", events);
}
