/* key_text: see key_text.h. */
#include "config/keys/key_text.h"

char *key_range_text(const struct key *key, char *buf, size_t size)
{
	strlcpy(buf, "-", size);
	if (key->type->range)
		key->type->range(key, buf, size);
	if (key->flags & KEY_MAY_BE_UNSET) {
		strlcat(buf, ", ", size);
		strlcat(buf, key->unset, size);
	}
	return buf;
}

char *key_where_text(const struct key *key, char *buf, size_t size)
{
	static const struct {
		unsigned flag;
		const char *name;
	} places[] = {
		{KEY_IN_SERVICE, "service"},
		{KEY_IN_DEFAULTS, "defaults"},
		{KEY_IN_DAEMON, "inetd"},
		{KEY_IN_PROTOCOL, "line"},
	};

	buf[0] = 0;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (key->flags & places[i].flag) {
			strlcat(buf, *buf ? ", " : "", size);
			strlcat(buf, places[i].name, size);
		}
	return buf;
}
