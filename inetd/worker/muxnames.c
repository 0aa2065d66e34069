/* muxnames: see muxnames.h. */
#include "worker/muxnames.h"

#include <string.h>
#include <strings.h>
#include <sys/param.h>

#define FIRST_ROOM 64

static int compare(const char *a, size_t a_len, const char *b, size_t b_len)
{
	int order = strncasecmp(a, b, MIN(a_len, b_len));

	return order ? order : a_len < b_len ? -1 : a_len > b_len;
}

static size_t len_at(const struct muxnames *names, uint32_t at)
{
	return (size_t)((const char *)memchr(names->text + at, '\r', names->len - at) -
			(names->text + at));
}

/* Makes room for `more` elements. False without memory. */
static bool make_room(void **array, size_t *room, size_t needed, size_t size)
{
	size_t wanted = MAX(*room, FIRST_ROOM);
	void *grown;

	while (wanted < needed)
		wanted *= 2;
	if (wanted == *room)
		return true;
	grown = reallocarray(*array, wanted, size);
	if (!grown)
		return false;
	*array = grown;
	*room = wanted;
	return true;
}

int muxnames_add(struct muxnames *names, const char *name, size_t len)
{
	void *text = names->text, *at = names->at;
	bool room = names->len < UINT32_MAX - WORKER_TEXT &&
		    make_room(&text, &names->room, names->len + len + 2, 1) &&
		    make_room(&at, &names->at_room, names->count + 1, sizeof(*names->at));

	names->text = text;
	names->at = at;
	if (!room)
		return -1;
	if (names->count) {
		uint32_t last = names->at[names->count - 1];

		names->unsorted |= compare(names->text + last, len_at(names, last), name, len) > 0;
	}
	names->at[names->count++] = (uint32_t)names->len;
	memcpy(names->text + names->len, name, len);
	memcpy(names->text + names->len + len, "\r\n", 2);
	names->len += len + 2;
	return 0;
}

static int compare_at(const void *a, const void *b, void *arg)
{
	const uint32_t *one = a, *other = b;
	const struct muxnames *names = arg;

	return compare(names->text + *one, len_at(names, *one), names->text + *other,
		len_at(names, *other));
}

void muxnames_sort(struct muxnames *names)
{
	if (names->unsorted)
		qsort_r(names->at, names->count, sizeof(*names->at), compare_at, names);
	names->unsorted = false;
}

bool muxnames_find(
	const struct muxnames *names, const char *line, size_t len, char name[WORKER_NAME])
{
	size_t first = 0, end = names->count;

	if (!len || len >= WORKER_NAME || memchr(line, 0, len))
		return false;
	while (first < end) {
		size_t middle = first + (end - first) / 2;
		const char *found = names->text + names->at[middle];
		int order = compare(line, len, found, len_at(names, names->at[middle]));

		if (!order) {
			memcpy(name, found, len);
			name[len] = 0;
			return true;
		}
		if (order < 0)
			end = middle;
		else
			first = middle + 1;
	}
	return false;
}

void muxnames_free(struct muxnames *names)
{
	free(names->text);
	free(names->at);
	*names = (struct muxnames){0};
}
