/* diag_order: see diag_order.h. */
#include "config/diag_order.h"

/* The place of a diagnostic among all: file by order of opening, line, order of finding. */
struct place {
	struct diag_item *item;
	size_t file, order;
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

static int place_compare(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->file != y->file)
		return x->file < y->file ? -1 : 1;
	if (x->item->where.line != y->item->where.line)
		return x->item->where.line < y->item->where.line ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

/* Marks the files with errors, and fills in the place of every diagnostic. */
static void place_all(struct load *load, struct path_of *paths, struct place *places)
{
	size_t order = 0;

	for (size_t i = 0; i < load->source_count; i++)
		paths[i] = (struct path_of){load->sources[i]->path, i};
	qsort(paths, load->source_count, sizeof(*paths), path_compare);
	for (struct diag_item *item = load->diag->first; item; item = item->next) {
		struct path_of wanted = {item->where.file, 0};
		const struct path_of *found =
			bsearch(&wanted, paths, load->source_count, sizeof(*paths), path_compare);

		places[order] = (struct place){item, found ? found->index + 1 : 0, order};
		order++;
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
	struct place *places;

	for (const struct diag_item *item = diag->first; item; item = item->next)
		count++;
	paths = load_memory(
		load, arena_calloc(&load->scratch, load->source_count + 1, sizeof(*paths)));
	places = load_memory(load, arena_calloc(&load->scratch, count + 1, sizeof(*places)));
	if (!paths || !places)
		return;
	place_all(load, paths, places);
	qsort(places, count, sizeof(*places), place_compare);
	diag->last = &diag->first;
	for (size_t i = 0; i < count; i++) {
		if (i && is_repeated(&places[i - 1], &places[i])) {
			forget(diag, places[i].item->severity);
			continue;
		}
		*diag->last = places[i].item;
		diag->last = &places[i].item->next;
	}
	*diag->last = NULL;
}
