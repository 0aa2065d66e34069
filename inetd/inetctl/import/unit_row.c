/* unit_row: settings that become a key, or a comment, by a row of a table; see unit.h. */
#include <string.h>

#include "inetctl/import/unit.h"
#include "inetctl/import/unit_value.h"

static const char *converted(
	struct conversion *conversion, enum unit_kind kind, const char *value, const char *never)
{
	switch (kind) {
	case UNIT_TIME:
		return unit_value_time(conversion, value, never);
	case UNIT_BYTES:
		return unit_value_bytes(conversion, value);
	default:
		return strcmp(value, "infinity") ? value : "unlimited";
	}
}

void unit_list(
	struct unit_pair *pair, const struct setting *setting, const char *key, const char *value)
{
	const struct setting *other;

	STAILQ_FOREACH (other, &pair->service.settings, in_unit)
		if (other->name && !strcmp(other->name, setting->name))
			break;
	if (other == setting)
		conversion_key(pair->section, setting->origin, key, value);
	else
		conversion_add(pair->section, setting->origin, key, value);
}

static void apply(struct unit_pair *pair, const struct setting *setting, const struct unit_row *row)
{
	struct section *section = pair->section;
	const char *value;

	switch (row->kind) {
	case UNIT_IMPLIED:
		conversion_implied(section, setting->origin, row->text);
		return;
	case UNIT_LOST:
		conversion_lost(section, setting->origin, "%s", row->text);
		return;
	case UNIT_YES:
		if (unit_file_is_yes(setting->value))
			conversion_key(section, setting->origin, row->key, "yes");
		else
			conversion_implied(section, setting->origin, row->text);
		return;
	case UNIT_LIST:
		unit_list(pair, setting, row->key, setting->value);
		return;
	default:
		value = converted(pair->conversion, row->kind, setting->value, row->text);
		if (value)
			conversion_key(section, setting->origin, row->key, value);
		else if (!strcmp(setting->value, "infinity"))
			conversion_implied(section, setting->origin, "it is the default");
		else
			conversion_lost(section, setting->origin, "the value is not understood");
	}
}

bool unit_row(struct unit_pair *pair, const struct setting *setting, const struct unit_row *table)
{
	for (; table->name; table++)
		if (!strcmp(table->name, setting->name)) {
			apply(pair, setting, table);
			return true;
		}
	return false;
}
