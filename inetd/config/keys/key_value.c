/* key_value: the value of one row of the key table in a draft, as bytes. */
#include "config/keys/key.h"

size_t key_value_size(const struct key *key)
{
	switch (key->type) {
	case KEY_WORD:
		return sizeof(int);
	case KEY_YESNO:
		return sizeof(bool);
	case KEY_PER_TIME:
		return sizeof(struct rate);
	case KEY_NUMBER:
	case KEY_LIMIT:
	case KEY_BYTES:
	case KEY_TIME:
	case KEY_MODE:
	case KEY_LOAD:
	case KEY_EVENTS:
		return sizeof(uint32_t);
	default:
		return sizeof(void *);
	}
}

static bool is_text(const struct key *key)
{
	return key->type == KEY_TEXT || key->type == KEY_OUTPUT || key->type == KEY_MESSAGE ||
	       key_is_list(key);
}

bool key_value_equal(const struct key *key, const struct draft *a, const struct draft *b)
{
	const char *one = (const char *)a + key->offset, *other = (const char *)b + key->offset;

	if (is_text(key))
		return !strcmp(*(const char *const *)one, *(const char *const *)other);
	return !memcmp(one, other, key_value_size(key));
}
