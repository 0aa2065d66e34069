/* export_value: what both units of a section need of its values; see export.h. */
#include <ctype.h>
#include <string.h>

#include "config/keys/key.h"
#include "inetctl/import/export.h"

const char *export_value(const struct export_section *section, const char *key)
{
	for (size_t i = 0; i < section->count; i++)
		if (!strcmp(section->names[i], key))
			return section->values[i];
	return NULL;
}

void export_put(FILE *out, const char *directive, const char *value)
{
	bool size = value[strspn(value, "0123456789kmgt:")] == 0;

	fprintf(out, "%s=", directive);
	for (; *value; value++)
		putc(size ? toupper((unsigned char)*value) : *value, out);
	putc('\n', out);
}

/* True if nothing is lost with the key: nobody has set it. What holds by default stands first in
 * the text about it. */
bool export_is_default(const char *name, const char *value)
{
	const struct key *key = key_find(name);
	size_t len = strlen(value);

	return !strcmp(value, "no") || !strcmp(value, "none") || !len ||
	       (key && key->preset && !strcmp(key->preset, value)) ||
	       (key && !strncmp(key->unset, value, len) && strchr(", ;", key->unset[len]));
}
