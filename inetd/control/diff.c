/* diff: see diff.h. Services are the same when their id is (it is in every generation, but several
 * may bear it: these are taken in their order), else when their label is. */
#include "control/diff.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config/show/show.h"
#include "control/control.h"
#include "control/section.h"
#include "run/reload/reconcile.h"
#include "run/service/service_state.h"

/* One service of either side. */
struct side {
	const struct service *service;
	const struct service_state *state; /* of what is served; NULL on the other side */
	struct side *other;                /* the same service; NULL: there is none */
	size_t order;
};

struct sides {
	struct side *list; /* owned */
	size_t count;
};

struct sums {
	unsigned added, removed, changed, kept, enabled;
};

/* --- which is which --- */

typedef const char *name_fn(const struct service *service);

static const char *id_of(const struct service *service)
{
	return service->id;
}

static const char *label_of(const struct service *service)
{
	return service->label;
}

static int compare_as(const struct side *a, const struct side *b, name_fn *name)
{
	int order = strcmp(name(a->service), name(b->service));

	return order ? order : a->order < b->order ? -1 : a->order > b->order;
}

static int by_id(const void *a, const void *b)
{
	return compare_as(*(struct side *const *)a, *(struct side *const *)b, id_of);
}

static int by_label(const void *a, const void *b)
{
	return compare_as(*(struct side *const *)a, *(struct side *const *)b, label_of);
}

/* Those that have no other yet, sorted, into `out`. */
static size_t alone(
	const struct sides *sides, struct side **out, int (*compare)(const void *a, const void *b))
{
	size_t count = 0;

	for (size_t i = 0; i < sides->count; i++)
		if (!sides->list[i].other)
			out[count++] = &sides->list[i];
	qsort(out, count, sizeof(*out), compare);
	return count;
}

static int pair_up(struct sides *before, struct sides *after, name_fn *name,
	int (*compare)(const void *a, const void *b))
{
	struct side **old = calloc(before->count + 1, sizeof(*old));
	struct side **new = calloc(after->count + 1, sizeof(*new));
	bool ready = old && new;
	size_t old_count = ready ? alone(before, old, compare) : 0;
	size_t new_count = ready ? alone(after, new, compare) : 0;

	for (size_t i = 0, j = 0; i < old_count && j < new_count;) {
		int order = strcmp(name(old[i]->service), name(new[j]->service));

		if (!order) {
			old[i]->other = new[j];
			new[j]->other = old[i];
		}
		i += order <= 0;
		j += order >= 0;
	}
	free(old);
	free(new);
	return ready ? 0 : -1;
}

static int take_sides(const struct config *config, struct sides *before, struct sides *after)
{
	const struct service_state *state;
	size_t count = 0;

	TAILQ_FOREACH (state, &service_states, in_states)
		count++;
	before->list = calloc(count + 1, sizeof(*before->list));
	after->list = calloc(config->service_count + 1, sizeof(*after->list));
	if (!before->list || !after->list)
		return -1;
	TAILQ_FOREACH (state, &service_states, in_states) {
		before->list[before->count] =
			(struct side){state->service, state, NULL, before->count};
		before->count++;
	}
	for (; after->count < config->service_count; after->count++)
		after->list[after->count] =
			(struct side){config->services[after->count], NULL, NULL, after->count};
	return pair_up(before, after, id_of, by_id) < 0 ||
			       pair_up(before, after, label_of, by_label) < 0
		       ? -1
		       : 0;
}

/* --- what differs --- */

static char *text_of(const struct service *service, const struct config *config)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	if (service)
		section_write(out, service);
	else
		show_daemon(config, out);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

static size_t line_length(const char *text)
{
	return strcspn(text, "\n") + 1;
}

/* Where the line that begins at `line` stands in a text, or NULL. */
static const char *find_line(const char *text, const char *line)
{
	size_t len = line_length(line);

	for (; *text; text += line_length(text))
		if (!strncmp(text, line, len))
			return text;
	return NULL;
}

static void put_lines(FILE *out, char mark, const char *from, const char *to)
{
	for (; from < to; from += line_length(from))
		fprintf(out, "%c%.*s\n", mark, (int)line_length(from) - 1, from);
}

/* Both have their keys in one order: a line that is in both is the end of what differs. Returns
 * whether anything did. */
static bool put_difference(FILE *out, const char *old, const char *new)
{
	bool any = false;

	while (*old || *new) {
		const char *old_end = old, *new_end = new, *found = NULL;

		while (*old_end && !(found = find_line(new, old_end)))
			old_end += line_length(old_end);
		new_end = found ? found : new + strlen(new);
		put_lines(out, '-', old, old_end);
		put_lines(out, '+', new, new_end);
		any |= old != old_end || new != new_end;
		old = *old_end ? old_end + line_length(old_end) : old_end;
		new = *new_end ? new_end + line_length(new_end) : new_end;
	}
	return any;
}

static int put_changed(FILE *out, const struct service *old, const struct service *new)
{
	char *before = text_of(old, NULL), *after = text_of(new, NULL);
	int result = before && after ? 0 : -1;

	fprintf(out, "changed: %s\n", new->label);
	if (!result && !put_difference(out, before, after))
		fprintf(out, "(not in what is shown: users, groups or ports of the same names%s)\n",
			control_trusts() ? "" : ", or values of env");
	free(before);
	free(after);
	return result;
}

static int put_whole(FILE *out, const char *what, char mark, const struct service *service)
{
	char *text = text_of(service, NULL);

	fprintf(out, "%s: %s\n", what, service->label);
	if (text)
		put_lines(out, mark, text, text + strlen(text));
	free(text);
	return text ? 0 : -1;
}

static int compare_daemon(FILE *out, const struct config *config, struct sums *sums)
{
	char *before = text_of(NULL, reconcile_config()), *after = text_of(NULL, config);
	int result = before && after ? 0 : -1;

	if (!result && strcmp(before, after) != 0) {
		sums->changed++;
		fprintf(out, "changed: [inetd]\n");
		put_difference(out, before, after);
	}
	free(before);
	free(after);
	return result;
}

static int compare_old(
	FILE *out, const struct config *config, const struct side *old, struct sums *sums)
{
	const struct service *service = old->service;
	int result = 0;

	if (!old->other && config_keeps(config, service)) {
		sums->kept++;
		fprintf(out, "kept: %s, because of the errors at %s:%u\n", service->label,
			service->where.file, service->where.line);
	} else if (!old->other) {
		sums->removed++;
		return put_whole(out, "removed", '-', service);
	} else if (!service_equal(old->other->service, service)) {
		sums->changed++;
		result = put_changed(out, service, old->other->service);
	}
	if (old->state->holds & HOLD_DISABLED) {
		sums->enabled++;
		fprintf(out, "enabled again: %s\n", service->label);
	}
	return result;
}

static int compare(FILE *out, const struct config *config, const struct sides *before,
	const struct sides *after)
{
	struct sums sums = {0};
	int result = compare_daemon(out, config, &sums);

	for (size_t i = 0; !result && i < before->count; i++)
		result = compare_old(out, config, &before->list[i], &sums);
	for (size_t i = 0; !result && i < after->count; i++) {
		if (after->list[i].other)
			continue;
		sums.added++;
		result = put_whole(out, "added", '+', after->list[i].service);
	}
	if (sums.added + sums.removed + sums.changed + sums.enabled)
		fprintf(out,
			"a reload would change: %u added, %u removed, %u changed, %u enabled "
			"again\n",
			sums.added, sums.removed, sums.changed, sums.enabled);
	else
		fprintf(out, "a reload would change nothing\n");
	return result;
}

int diff_config(const struct config *config, FILE *out)
{
	struct sides before = {NULL, 0}, after = {NULL, 0};
	int result = take_sides(config, &before, &after);

	if (!result)
		result = compare(out, config, &before, &after);
	free(before.list);
	free(after.list);
	if (result)
		errno = ENOMEM;
	return result;
}
