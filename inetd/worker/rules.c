/* rules: see rules.h. */
#include "worker/rules.h"

#include <stdlib.h>

/* One list in the making. */
struct part {
	void *items; /* owned */
	size_t count;
};

static struct {
	uint32_t id;
	bool failed;
	struct part lists[WORKER_LISTS];
} coming;

static void coming_clear(uint32_t id)
{
	for (int i = 0; i < WORKER_LISTS; i++) {
		free(coming.lists[i].items);
		coming.lists[i] = (struct part){0};
	}
	coming.id = id;
	coming.failed = false;
}

/* Returns 0, or -1 without memory. */
static int append(struct part *part, const void *items, size_t count, size_t size)
{
	char *all;

	if (!count)
		return 0;
	all = reallocarray(part->items, part->count + count, size);
	if (!all)
		return -1;
	memcpy(all + part->count * size, items, count * size);
	part->items = all;
	part->count += count;
	return 0;
}

void rules_add(const struct worker_down *msg)
{
	bool times = msg->list == LIST_TIMES;
	const void *items = times ? (const void *)msg->spans : msg->networks;
	size_t size = times ? sizeof(msg->spans[0]) : sizeof(msg->networks[0]);

	if (msg->id != coming.id)
		coming_clear(msg->id);
	if (msg->list >= WORKER_LISTS ||
		append(&coming.lists[msg->list], items, msg->count, size) < 0)
		coming.failed = true;
}

static struct networks give_networks(enum worker_list list)
{
	struct part part = coming.lists[list];

	coming.lists[list] = (struct part){0};
	return (struct networks){part.items, part.count, NULL};
}

int rules_take(uint32_t id, struct rules *out)
{
	bool failed = id == coming.id && coming.failed;

	*out = (struct rules){0};
	if (id != coming.id || failed) {
		coming_clear(0);
		return failed ? -1 : 0;
	}
	out->only_from = give_networks(LIST_ONLY_FROM);
	out->no_access = give_networks(LIST_NO_ACCESS);
	out->exempt = give_networks(LIST_EXEMPT);
	out->times =
		(struct week_spans){coming.lists[LIST_TIMES].items, coming.lists[LIST_TIMES].count};
	coming.lists[LIST_TIMES] = (struct part){0};
	return 0;
}

/* The lists are const for those who only read them. */
static void list_free(const void *list)
{
	free((void *)(uintptr_t)list);
}

void rules_free(struct rules *rules)
{
	list_free(rules->only_from.list);
	list_free(rules->no_access.list);
	list_free(rules->exempt.list);
	list_free(rules->times.list);
	*rules = (struct rules){0};
}

enum rules_verdict rules_check(
	const struct rules *rules, const struct sockaddr_len *peer, unsigned minute)
{
	if (!networks_let_in(&rules->only_from, &rules->no_access, peer))
		return RULES_DENIED;
	if (rules->times.count && !week_contains(&rules->times, minute))
		return RULES_TIMES;
	return RULES_OK;
}
