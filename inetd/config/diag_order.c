/* diag_order: see diag_order.h. There may be as many diagnostics as lines: nothing is done to all
 * of them without a breath. */
#include "config/diag_order.h"

#include <sys/param.h>

/* The place of a diagnostic among all: file by order of opening, then line. */
struct place {
	struct diag_item *item;
	size_t file;
};

/* A path as the address it has in diagnostics, with its file. */
struct path_of {
	const char *path;
	size_t index; /* in load->sources */
};

static int path_compare(const void *a, const void *b)
{
	uintptr_t x = (uintptr_t)((const struct path_of *)a)->path;
	uintptr_t y = (uintptr_t)((const struct path_of *)b)->path;

	return x < y ? -1 : x > y;
}

static bool is_before(const struct place *a, const struct place *b)
{
	if (a->file != b->file)
		return a->file < b->file;
	return a->item->where.line < b->item->where.line;
}

/* Two parts that are in order, one after the other, into `to`; what is equal stays in the order of
 * finding. */
static void merge_parts(struct load *load, const struct place *first, size_t firsts, size_t seconds,
	struct place *to)
{
	const struct place *end = first + firsts, *second = end, *last = second + seconds;

	while (first < end || second < last) {
		load_breathe(load);
		if (second == last || (first < end && !is_before(second, first)))
			*to++ = *first++;
		else
			*to++ = *second++;
	}
}

/* Returns which of the two arrays has the places in order. */
static struct place *sort_places(
	struct load *load, struct place *places, struct place *spare, size_t count)
{
	for (size_t part = 1; part < count; part *= 2) {
		struct place *sorted = spare;

		for (size_t at = 0; at < count; at += 2 * part) {
			size_t firsts = MIN(part, count - at);

			merge_parts(load, places + at, firsts, MIN(part, count - at - firsts),
				spare + at);
		}
		spare = places;
		places = sorted;
	}
	return places;
}

/* Marks the files with errors, and fills in the place of every diagnostic. */
static void place_all(struct load *load, struct path_of *paths, struct place *places)
{
	size_t count = 0;

	for (size_t i = 0; i < load->source_count; i++)
		paths[i] = (struct path_of){load->sources[i]->path, i};
	qsort(paths, load->source_count, sizeof(*paths), path_compare);
	for (struct diag_item *item = load->diag->first; item; item = item->next) {
		struct path_of wanted = {item->where.file, 0};
		const struct path_of *found =
			bsearch(&wanted, paths, load->source_count, sizeof(*paths), path_compare);

		load_breathe(load);
		places[count++] = (struct place){item, found ? found->index + 1 : 0};
		if (found && item->severity == DIAG_ERROR)
			load->sources[found->index]->in_error = true;
	}
}

/* A line that several entries refer to is wrong for each of them, but reported once. */
static bool is_repeated(const struct place *a, const struct place *b)
{
	return a->file == b->file && a->item->where.line == b->item->where.line &&
	       a->item->severity == b->item->severity && !strcmp(a->item->text, b->item->text);
}

static void forget(struct diag *diag, enum severity severity)
{
	diag->errors -= severity == DIAG_ERROR;
	diag->warnings -= severity == DIAG_WARNING;
	diag->notes -= severity == DIAG_NOTE;
}

/* Checking finds mistakes after reading has found others: puts all in the order of the text. */
void diag_order(struct load *load)
{
	struct diag *diag = load->diag;
	size_t count = 0;
	struct path_of *paths;
	struct place *places, *spare;

	for (const struct diag_item *item = diag->first; item; item = item->next)
		count++;
	paths = load_memory(
		load, arena_calloc(&load->scratch, load->source_count + 1, sizeof(*paths)));
	places = load_memory(load, arena_calloc(&load->scratch, count + 1, sizeof(*places)));
	spare = load_memory(load, arena_calloc(&load->scratch, count + 1, sizeof(*spare)));
	if (!paths || !places || !spare)
		return;
	place_all(load, paths, places);
	places = sort_places(load, places, spare, count);
	diag->last = &diag->first;
	for (size_t i = 0; i < count; i++) {
		load_breathe(load);
		if (i && is_repeated(&places[i - 1], &places[i])) {
			forget(diag, places[i].item->severity);
			continue;
		}
		*diag->last = places[i].item;
		diag->last = &places[i].item->next;
	}
	*diag->last = NULL;
}
