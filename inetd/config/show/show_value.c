/* show_value: see show_value.h. */
#include "config/show/show_value.h"

#include <inttypes.h>
#include <stdarg.h>

#define MUX_NAME 260 /* bytes of a tcpmux name with its mark */

static bool put(const struct show *show, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static bool put(const struct show *show, const char *fmt, ...)
{
	va_list ap;

	fprintf(show->out, "%s = ", show->key->name);
	va_start(ap, fmt);
	vfprintf(show->out, fmt, ap);
	va_end(ap);
	fprintf(show->out, "\n");
	return true;
}

static bool put_text(const struct show *show, const char *text)
{
	if (!text)
		return false;
	fprintf(show->out, "%s = ", show->key->name);
	ini_write_text(show->out, text);
	fprintf(show->out, "\n");
	return true;
}

bool show_text(const struct show *show, const void *value)
{
	return put_text(show, *(const char *const *)value);
}

bool show_word(const struct show *show, const void *value)
{
	for (const struct key_word *word = show->key->words; word && word->word; word++)
		if (word->value == *(const int *)value)
			return put(show, "%s", word->word);
	return false;
}

bool show_yes(const struct show *show, const void *value)
{
	return put(show, "%s", *(const bool *)value ? "yes" : "no");
}

bool show_no(const struct show *show, const void *value)
{
	return put(show, "%s", *(const bool *)value ? "no" : "yes");
}

bool show_count(const struct show *show, const void *value)
{
	return put(show, "%" PRIu32, *(const uint32_t *)value);
}

bool show_byte(const struct show *show, const void *value)
{
	return put(show, "%u", *(const uint8_t *)value);
}

bool show_limit(const struct show *show, const void *value)
{
	uint32_t count = *(const uint32_t *)value;

	if (count == LIMIT_NONE || !count)
		return put(show, "%s", count ? "unlimited" : "none");
	return put(show, "%" PRIu32, count);
}

/* Kept as the worker wants it said: 0 has no limit. */
bool show_reply_rate(const struct show *show, const void *value)
{
	uint32_t count = *(const uint32_t *)value;

	return count ? put(show, "%" PRIu32, count) : put(show, "unlimited");
}

bool show_bytes(const struct show *show, const void *value)
{
	uint32_t bytes = *(const uint32_t *)value;

	if (!bytes)
		return false;
	if (bytes % (1 << 20) == 0)
		return put(show, "%" PRIu32 "m", bytes >> 20);
	if (bytes % (1 << 10) == 0)
		return put(show, "%" PRIu32 "k", bytes >> 10);
	return put(show, "%" PRIu32, bytes);
}

/* What stands for nothing, where the key has a word for that. */
static bool put_unset(const struct show *show)
{
	return (show->key->flags & KEY_MAY_BE_UNSET) && put(show, "%s", show->key->unset);
}

bool show_time(const struct show *show, const void *value)
{
	static const struct {
		const char *name;
		uint32_t ms;
	} units[] = {{"h", 3600000}, {"min", 60000}, {"s", 1000}, {"ms", 1}};
	uint32_t ms = *(const uint32_t *)value;
	size_t unit = 0;

	if (!ms)
		return put_unset(show);
	while (ms % units[unit].ms)
		unit++;
	return put(show, "%" PRIu32 "%s", ms / units[unit].ms, units[unit].name);
}

bool show_mode(const struct show *show, const void *value)
{
	return put(show, "%04o", (unsigned)*(const mode_t *)value);
}

bool show_load(const struct show *show, const void *value)
{
	uint32_t load = *(const uint32_t *)value;

	if (!load)
		return put_unset(show);
	return put(show, "%" PRIu32 ".%02" PRIu32, load / 100, load % 100);
}

bool show_rate(const struct show *show, const void *value)
{
	const struct rate *rate = value;
	const char *unit = rate->period_ms == 1000    ? "s"
			   : rate->period_ms == 60000 ? "min"
						      : "hour";

	if (rate->count == LIMIT_NONE || !rate->count)
		return show_limit(show, &rate->count);
	return put(show, "%" PRIu32 "/%s", rate->count, unit);
}

bool show_burst(const struct show *show, const void *value)
{
	uint32_t burst = ((const struct rate *)value)->burst;

	return burst && burst != LIMIT_NONE && put(show, "%" PRIu32, burst);
}

/* A user or group, or -1 for the daemon's. */
bool show_id(const struct show *show, const void *value)
{
	uid_t id = *(const uid_t *)value;

	return id != (uid_t)-1 && put(show, "%u", (unsigned)id);
}

bool show_events(const struct show *show, const void *value)
{
	struct ini_list list = {.out = show->out, .name = show->key->name};
	unsigned events = *(const unsigned *)value;

	if (events & EVENT_START)
		ini_list_add(&list, "", "start");
	if (events & EVENT_EXIT)
		ini_list_add(&list, "", "exit");
	if (events & EVENT_REFUSE)
		ini_list_add(&list, "", "refuse");
	if (!list.column)
		ini_list_add(&list, "", "none");
	return ini_list_end(&list);
}

static bool put_words(const struct show *show, char *const *words)
{
	struct ini_list list = {.out = show->out, .name = show->key->name};

	for (; words && *words; words++)
		ini_list_word(&list, *words);
	return ini_list_end(&list);
}

bool show_words(const struct show *show, const void *value)
{
	return put_words(show, *(char *const *const *)value);
}

/* Those behind argv[0]; an empty list is said too, it is what an entry may have to lose. */
bool show_arguments(const struct show *show, const void *value)
{
	char *const *argv = *(char *const *const *)value;

	return put_words(show, argv + 1) || fprintf(show->out, "%s =\n", show->key->name) > 0;
}

bool show_names(const struct show *show, const void *value)
{
	struct ini_list list = {.out = show->out, .name = show->key->name};
	char *const *names = *(char *const *const *)value;

	for (; names && *names; names++)
		ini_list_add(&list, "", *names);
	return ini_list_end(&list);
}

bool show_networks(const struct show *show, const void *value)
{
	struct ini_list list = {.out = show->out, .name = show->key->name};
	const struct networks *networks = value;
	char text[NETWORK_TEXT];

	for (size_t i = 0; i < networks->count; i++)
		ini_list_add(&list, "", network_text(&networks->list[i], text, sizeof(text)));
	return ini_list_end(&list);
}

bool show_times(const struct show *show, const void *value)
{
	struct ini_list list = {.out = show->out, .name = show->key->name};
	const struct week_spans *spans = value;
	char text[WEEK_TEXT];

	for (size_t i = 0; i < spans->count; i++)
		ini_list_add(&list, ",", week_text(&spans->list[i], text, sizeof(text)));
	return ini_list_end(&list);
}

bool show_message(const struct show *show, const void *value)
{
	const char *text = *(const char *const *)value;

	if (!text || !*text)
		return false;
	fprintf(show->out, "%s = ", show->key->name);
	ini_write_message(show->out, text);
	fprintf(show->out, "\n");
	return true;
}

bool show_output(const struct show *show, const void *value)
{
	static const char *const words[] = {
		[STDERR_SOCKET] = "socket", [STDERR_LOG] = "log", [STDERR_NULL] = "null"};
	const struct exec_context *context = value;

	if (context->stderr_to == STDERR_FILE)
		return put_text(show, context->stderr_path);
	return put(show, "%s", words[context->stderr_to]);
}

bool show_mux(const struct show *show, const void *value)
{
	const struct service *service = value;

	char name[MUX_NAME];

	snprintf(name, sizeof(name), "%s%s", service->mux_go ? "+" : "", service->mux_name);
	return put_text(show, name);
}

bool show_enabled(const struct show *show, const void *value)
{
	(void)value;
	return put(show, "no");
}
