/* known_names: see known_names.h. */
#include "run/reload/known_names.h"

#include <stdlib.h>
#include <string.h>

#include "base/handover.h"
#include "config/text/map.h"

#define KEY_BYTES   (NAME_BYTES + 64)
#define GROUPS_MOST 1024 /* of a user, to be handed over */

/* An answer, and what was asked, with the texts and groups that there are. */
struct known {
	enum name_kind kind;
	bool found;
	uint32_t asked_id, id, gid, group_count;
	const char *asked, *protocol, *name, *home, *shell;
	const gid_t *groups;
	struct known *next;
};

struct collection {
	struct arena arena;
	struct map map;
	struct known *first;
};

static struct collection collections[2];
static unsigned current; /* the other one is filled by the reading that goes on */
static bool reading;

static void clear(struct collection *collection)
{
	arena_free(&collection->arena);
	collection->first = NULL;
	map_init(&collection->map, &collection->arena);
}

/* Returns its length. */
static size_t key_of(const struct name_question *question, char key[KEY_BYTES])
{
	return (size_t)snprintf(key, KEY_BYTES, "%d %u %s %s", (int)question->kind, question->id,
		question->protocol, question->name);
}

static bool copy_texts(struct known *known, struct arena *arena,
	const struct name_question *question, const struct name_answer *answer)
{
	known->asked = arena_strdup(arena, question->name);
	known->protocol = arena_strdup(arena, question->protocol);
	known->name = arena_strdup(arena, answer->name);
	known->home = arena_strdup(arena, answer->home);
	known->shell = arena_strdup(arena, answer->shell);
	return known->asked && known->protocol && known->name && known->home && known->shell;
}

static void add(struct collection *collection, const struct name_question *question,
	const struct name_answer *answer)
{
	struct arena *arena = &collection->arena;
	char key[KEY_BYTES];
	void **slot = map_slot(&collection->map, key, key_of(question, key));
	struct known *known = slot && !*slot ? arena_alloc(arena, sizeof(*known)) : NULL;
	gid_t *groups;

	if (!known || !copy_texts(known, arena, question, answer))
		return;
	known->kind = question->kind;
	known->asked_id = question->id;
	known->found = answer->found;
	known->id = answer->id;
	known->gid = answer->gid;
	known->group_count = answer->group_count;
	groups = arena_calloc(arena, known->group_count, sizeof(*groups));
	if (known->group_count && !groups)
		return;
	if (known->group_count)
		memcpy(groups, answer->groups, known->group_count * sizeof(*groups));
	known->groups = groups;
	known->next = collection->first;
	*slot = collection->first = known;
}

void known_names_begin(void)
{
	reading = true;
	clear(&collections[!current]);
}

static bool copy(const struct known *known, struct name_answer *answer)
{
	answer->found = known->found;
	answer->id = known->id;
	answer->gid = known->gid;
	answer->group_count = known->group_count;
	strlcpy(answer->name, known->name, sizeof(answer->name));
	strlcpy(answer->home, known->home, sizeof(answer->home));
	strlcpy(answer->shell, known->shell, sizeof(answer->shell));
	answer->groups = known->group_count ? calloc(known->group_count, sizeof(gid_t)) : NULL;
	if (answer->groups)
		memcpy(answer->groups, known->groups, known->group_count * sizeof(gid_t));
	return answer->groups || !known->group_count;
}

void known_names_end(bool whole)
{
	const struct known *known = whole ? NULL : collections[current].first;
	struct name_question question;
	struct name_answer answer;

	for (; known; known = known->next)
		if (copy(known, &answer)) {
			question =
				(struct name_question){.kind = known->kind, .id = known->asked_id};
			strlcpy(question.name, known->asked, sizeof(question.name));
			strlcpy(question.protocol, known->protocol, sizeof(question.protocol));
			add(&collections[!current], &question, &answer);
			free(answer.groups);
		}
	clear(&collections[current]);
	current = !current;
	reading = false;
}

void known_names_note(const struct name_question *question, const struct name_answer *answer)
{
	if (reading)
		add(&collections[!current], question, answer);
}

bool known_names_find(const struct name_question *question, struct name_answer *answer)
{
	const struct known *known;
	char key[KEY_BYTES];

	known = map_get(&collections[current].map, key, key_of(question, key));
	return known && copy(known, answer);
}

/* --- handed over --- */

static void put_text(FILE *out, const char *field, const char *text)
{
	if (*text)
		handover_put_bytes(out, field, text, strlen(text));
}

void known_names_put_all(FILE *out)
{
	for (const struct known *known = collections[current].first; known; known = known->next) {
		record_begin(out, "known");
		record_number(out, "kind", known->kind);
		record_number(out, "asked_id", known->asked_id);
		put_text(out, "asked", known->asked);
		put_text(out, "protocol", known->protocol);
		record_number(out, "found", known->found);
		record_number(out, "id", known->id);
		record_number(out, "gid", known->gid);
		put_text(out, "name", known->name);
		put_text(out, "home", known->home);
		put_text(out, "shell", known->shell);
		if (known->group_count)
			handover_put_bytes(
				out, "groups", known->groups, known->group_count * sizeof(gid_t));
		record_end(out);
	}
}

/* False for what does not fit. */
static bool get_text(const struct record *record, const char *field, char *text, size_t size)
{
	size_t len = handover_get_bytes(record, field, text, size - 1);

	text[len] = 0;
	return (len || !record_get(record, field)) && strlen(text) == len;
}

static void get_known(const struct record *record)
{
	gid_t groups[GROUPS_MOST];
	struct name_answer answer;
	struct name_question question = {
		.kind = (enum name_kind)record_get_number(record, "kind"),
		.id = (uint32_t)record_get_number(record, "asked_id"),
	};
	size_t bytes = handover_get_bytes(record, "groups", groups, sizeof(groups));

	answer = (struct name_answer){.found = record_get_number(record, "found") != 0,
		.id = (uint32_t)record_get_number(record, "id"),
		.gid = (uint32_t)record_get_number(record, "gid"),
		.group_count = (uint32_t)(bytes / sizeof(*groups)),
		.groups = groups};
	if (question.kind <= NAME_GID && bytes % sizeof(*groups) == 0 &&
		(bytes || !record_get(record, "groups")) &&
		get_text(record, "asked", question.name, sizeof(question.name)) &&
		get_text(record, "protocol", question.protocol, sizeof(question.protocol)) &&
		get_text(record, "name", answer.name, sizeof(answer.name)) &&
		get_text(record, "home", answer.home, sizeof(answer.home)) &&
		get_text(record, "shell", answer.shell, sizeof(answer.shell)))
		known_names_note(&question, &answer);
}

void known_names_get_all(void)
{
	known_names_begin();
	handover_each("known", get_known);
	known_names_end(true);
}
