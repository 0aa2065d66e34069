/* key_near: which key may have been meant by a name that does not exist. */
#include <ctype.h>
#include <stdint.h>

#include "config/keys/key.h"

#define NAME_MOST 31 /* no key is as long; a label may be longer, and is no slip of what is not */

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* How many letters must be changed, added or taken away, or neighbours exchanged, to make one of
 * the other (optimal string alignment distance). */
static size_t distance(const char *a, const char *b)
{
	size_t rows[3][NAME_MOST + 2], a_len = strlen(a), b_len = strlen(b);
	size_t *before = rows[0], *last = rows[1], *row = rows[2], *free_row;

	for (size_t j = 0; j <= b_len; j++)
		last[j] = before[j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			row[j] = last[j - 1] + (tolower((unsigned char)a[i - 1]) != b[j - 1]);
			row[j] = least(row[j], least(last[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = least(row[j], before[j - 2] + 1);
		}
		free_row = before;
		before = last;
		last = row;
		row = free_row;
	}
	return last[b_len];
}

/* Takes `name` where it is nearer than what was found. */
static void consider(const char *word, const char *name, const char **found, size_t *nearest)
{
	size_t far = strlen(name) > NAME_MOST ? SIZE_MAX : distance(word, name);

	if (far < *nearest) {
		*nearest = far;
		*found = name;
	}
}

const char *key_near(const char *word, unsigned flags, const char *const *others)
{
	size_t len = strlen(word), nearest = len / 3 + 2;
	const char *found = NULL;

	if (len > NAME_MOST)
		return NULL;
	for (size_t i = 0; i < KEY_COUNT; i++)
		if (key_table[i].flags & flags)
			consider(word, key_table[i].name, &found, &nearest);
	for (; others && *others; others++)
		consider(word, *others, &found, &nearest);
	if (nearest * 2 > len) /* hardly a letter of it is the same */
		return NULL;
	return found;
}
