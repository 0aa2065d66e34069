/* clients: see clients.h. */
#include "admit/clients.h"

#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

#include "base/patience.h"

#define CHAINS_LEAST 16

void clients_init(struct clients *sources)
{
	*sources = (struct clients){0};
	TAILQ_INIT(&sources->idle);
}

void clients_free(struct clients *sources)
{
	struct client_entry *source;

	for (size_t i = 0; i < sources->chain_count; i++) {
		while ((source = LIST_FIRST(&sources->chains[i]))) {
			LIST_REMOVE(source, in_chain);
			free(source);
		}
	}
	free(sources->chains);
	clients_init(sources);
}

static struct client_chain *chain_of(struct clients *sources, const struct client_key *key)
{
	return &sources->chains[client_key_hash(key, sources->seed) & (sources->chain_count - 1)];
}

/* Spreads the entries over `count` (a power of two) chains. Without memory everything stays as it
 * is: longer chains are only slower. */
static void resize(struct clients *sources, size_t count)
{
	struct client_chain *old = sources->chains;
	size_t old_count = sources->chain_count;
	struct client_entry *source;

	sources->chains = patience_calloc(count, sizeof(*sources->chains));
	if (!sources->chains) {
		sources->chains = old;
		return;
	}
	sources->chain_count = count;
	if (!old)
		arc4random_buf(sources->seed, sizeof(sources->seed));
	for (size_t i = 0; i < old_count; i++) {
		while ((source = LIST_FIRST(&old[i]))) {
			LIST_REMOVE(source, in_chain);
			LIST_INSERT_HEAD(chain_of(sources, &source->key), source, in_chain);
		}
	}
	free(old);
}

struct client_entry *clients_find(struct clients *sources, const struct client_key *key)
{
	struct client_entry *source;

	if (!sources->chains)
		return NULL;
	LIST_FOREACH (source, chain_of(sources, key), in_chain)
		if (client_key_equal(&source->key, key))
			return source;
	return NULL;
}

static void forget(struct clients *sources, struct client_entry *source)
{
	TAILQ_REMOVE(&sources->idle, source, in_idle);
	LIST_REMOVE(source, in_chain);
	free(source);
	sources->idle_count--;
	sources->count--;
	if (sources->chain_count > CHAINS_LEAST && sources->count < sources->chain_count / 8)
		resize(sources, sources->chain_count / 2);
}

static void idle_add(struct clients *sources, struct client_entry *source)
{
	TAILQ_INSERT_TAIL(&sources->idle, source, in_idle);
	sources->idle_count++;
	if (sources->idle_count > CLIENTS_IDLE)
		forget(sources, TAILQ_FIRST(&sources->idle));
}

struct client_entry *clients_get(struct clients *sources, const struct client_key *key,
	const struct rate *rate, uint64_t now_ms)
{
	struct client_entry *source = clients_find(sources, key);

	if (source)
		return source;
	if (sources->count >= sources->chain_count)
		resize(sources, MAX(sources->chain_count * 2, CHAINS_LEAST));
	source = sources->chains ? patience_calloc(1, sizeof(*source)) : NULL;
	if (!source)
		return NULL;
	source->key = *key;
	bucket_init(&source->bucket, rate, now_ms);
	LIST_INSERT_HEAD(chain_of(sources, key), source, in_chain);
	sources->count++;
	idle_add(sources, source);
	return source;
}

void clients_start(struct clients *sources, struct client_entry *source)
{
	if (source->running++)
		return;
	TAILQ_REMOVE(&sources->idle, source, in_idle);
	sources->idle_count--;
}

void clients_end(struct clients *sources, struct client_entry *source)
{
	if (--source->running == 0)
		idle_add(sources, source);
}

void clients_expire(struct clients *sources, const struct rate *rate, uint64_t now_ms, size_t most)
{
	struct client_entry *source;

	for (; most; most--) {
		source = TAILQ_FIRST(&sources->idle);
		if (!source || !bucket_is_full(&source->bucket, rate, now_ms))
			return;
		/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): what was freed left the list */
		forget(sources, source);
	}
}

void clients_rescale(
	struct clients *sources, const struct rate *from, const struct rate *to, uint64_t now_ms)
{
	struct client_entry *source;

	for (size_t i = 0; i < sources->chain_count; i++)
		LIST_FOREACH (source, &sources->chains[i], in_chain)
			bucket_rescale(&source->bucket, from, to, now_ms);
}
