/* share: see share.h. */
#include "admit/share.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/patience.h"

/* A service, or a source of one. */
struct share_party {
	struct share_who who; /* of a service: without the source */
	unsigned count;
	struct share_party *service;               /* that this is a source of; NULL: it is one */
	struct share_parties sources;              /* of a service */
	TAILQ_HEAD(share_holds, share_hold) holds; /* of a source, the oldest first */
	RB_ENTRY(share_party) in_names;
	RB_ENTRY(share_party) in_counts;
};

static int compare_numbers(uintptr_t a, uintptr_t b)
{
	return (a > b) - (a < b);
}

static int compare_names(const struct share_party *a, const struct share_party *b)
{
	int order = compare_numbers((uintptr_t)a->who.service, (uintptr_t)b->who.service);

	return order ? order : memcmp(&a->who.source, &b->who.source, sizeof(a->who.source));
}

/* Who has the most is last; of several, one. */
static int compare_counts(const struct share_party *a, const struct share_party *b)
{
	int order = compare_numbers(a->count, b->count);

	return order ? order : compare_numbers((uintptr_t)a, (uintptr_t)b);
}

RB_PROTOTYPE(share_names, share_party, in_names, compare_names)
RB_PROTOTYPE(share_counts, share_party, in_counts, compare_counts)
RB_GENERATE(share_names, share_party, in_names, compare_names)
RB_GENERATE(share_counts, share_party, in_counts, compare_counts)

static struct share_party *party_find(struct share_parties *parties, const struct share_who *who)
{
	struct share_party key = {.who = *who};

	return RB_FIND(share_names, &parties->names, &key);
}

/* The party, made if there is none. NULL without memory. */
static struct share_party *party_get(
	struct share_parties *parties, const struct share_who *who, struct share_party *service)
{
	struct share_party *party = party_find(parties, who);

	if (party)
		return party;
	party = patience_calloc(1, sizeof(*party));
	if (!party)
		return NULL;
	party->who = *who;
	party->service = service;
	TAILQ_INIT(&party->holds);
	RB_INSERT(share_names, &parties->names, party);
	return party;
}

/* It has `count` now; freed where that is nothing. */
static void party_set(struct share_parties *parties, struct share_party *party, unsigned count)
{
	if (party->count)
		RB_REMOVE(share_counts, &parties->counts, party);
	party->count = count;
	if (count) {
		RB_INSERT(share_counts, &parties->counts, party);
		return;
	}
	RB_REMOVE(share_names, &parties->names, party);
	free(party);
}

static struct share_party *party_richest(struct share_parties *parties)
{
	return RB_MAX(share_counts, &parties->counts);
}

static struct share_who service_of(const struct share_who *who)
{
	return (struct share_who){.service = who->service};
}

static void give_way(struct share_party *service)
{
	struct share_hold *hold = TAILQ_FIRST(&party_richest(&service->sources)->holds);

	share_release(hold);
	hold->give_way(hold);
}

/* The service that has to give a place to `who`; NULL if none has to. */
static struct share_party *who_gives(struct share *share, const struct share_who *who)
{
	const struct share_who name = service_of(who);
	struct share_party *service = party_find(&share->services, &name);
	struct share_party *source = service ? party_find(&service->sources, who) : NULL;
	struct share_party *richest = party_richest(&share->services);

	if (richest && richest->count > (service ? service->count : 0) + 1)
		return richest;
	richest = service ? party_richest(&service->sources) : NULL;
	return richest && richest->count > (source ? source->count : 0) + 1 ? service : NULL;
}

bool share_take(struct share *share, struct share_hold *hold, const struct share_who *who)
{
	const struct share_who name = service_of(who);
	struct share_party *service = share->count < share->most ? NULL : who_gives(share, who);
	struct share_party *source;

	if (share->count >= share->most && !service)
		return false;
	if (service)
		give_way(service);
	service = party_get(&share->services, &name, NULL);
	source = service ? party_get(&service->sources, who, service) : NULL;
	if (!source) {
		if (service && !service->count)
			party_set(&share->services, service, 0);
		return false;
	}
	share->count++;
	party_set(&share->services, service, service->count + 1);
	party_set(&service->sources, source, source->count + 1);
	TAILQ_INSERT_TAIL(&source->holds, hold, in_source);
	hold->share = share;
	hold->source = source;
	return true;
}

void share_release(struct share_hold *hold)
{
	struct share_party *source = hold->source, *service;

	if (!source)
		return;
	service = source->service;
	TAILQ_REMOVE(&source->holds, hold, in_source);
	hold->source = NULL;
	hold->share->count--;
	party_set(&service->sources, source, source->count - 1);
	party_set(&hold->share->services, service, service->count - 1);
}

bool share_yield(struct share *share)
{
	struct share_party *richest = party_richest(&share->services);

	if (richest)
		give_way(richest);
	return richest != NULL;
}

void share_resize(struct share *share, unsigned most)
{
	share->most = most;
	while (share->count > most && share_yield(share))
		;
}
