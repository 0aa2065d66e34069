/* sources: see sources.h. */
#include "admit/sources.h"

#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

#define CHAINS_LEAST 16

void sources_init(struct sources *sources)
{
	*sources = (struct sources){0};
	TAILQ_INIT(&sources->idle);
}

void sources_free(struct sources *sources)
{
	struct source *source;

	for (size_t i = 0; i < sources->chain_count; i++) {
		while ((source = LIST_FIRST(&sources->chains[i]))) {
			LIST_REMOVE(source, in_chain);
			free(source);
		}
	}
	free(sources->chains);
	sources_init(sources);
}

static void mask_bytes(uint8_t *bytes, size_t len, unsigned prefix)
{
	for (size_t i = 0; i < len; i++) {
		unsigned bits = MIN(prefix, 8);

		bytes[i] &= (uint8_t)(0xff00u >> bits);
		prefix -= bits;
	}
}

struct source_key source_key_of(
	const struct sockaddr_len *peer, uid_t uid, unsigned prefix4, unsigned prefix6)
{
	struct sockaddr_len plain = *peer;
	struct source_key key = {.bytes = {AF_UNIX}};

	sockaddr_unmap(&plain);
	if (plain.len && plain.addr.sa.sa_family == AF_INET) {
		key.bytes[0] = AF_INET;
		memcpy(key.bytes + 1, &plain.addr.in.sin_addr, 4);
		mask_bytes(key.bytes + 1, 4, prefix4);
	} else if (plain.len && plain.addr.sa.sa_family == AF_INET6) {
		key.bytes[0] = AF_INET6;
		memcpy(key.bytes + 1, &plain.addr.in6.sin6_addr, 16);
		mask_bytes(key.bytes + 1, 16, prefix6);
	} else {
		memcpy(key.bytes + 1, &uid, sizeof(uid));
	}
	return key;
}

static uint64_t rotate(uint64_t x, unsigned bits)
{
	return x << bits | x >> (64 - bits);
}

static void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] = rotate(v[0], 32);
	v[2] += v[1];
	v[0] += v[3];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] = rotate(v[2], 32);
}

static void sip_word(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	sip_round(v);
	v[0] ^= word;
}

/* SipHash-1-3 of the key's 17 bytes (Aumasson and Bernstein, 2012). */
static uint64_t key_hash(const struct sources *sources, const struct source_key *key)
{
	uint64_t v[4], words[2];

	v[0] = sources->seed[0] ^ 0x736f6d6570736575;
	v[1] = sources->seed[1] ^ 0x646f72616e646f6d;
	v[2] = sources->seed[0] ^ 0x6c7967656e657261;
	v[3] = sources->seed[1] ^ 0x7465646279746573;
	memcpy(words, key->bytes, sizeof(words));
	sip_word(v, words[0]);
	sip_word(v, words[1]);
	sip_word(v, (uint64_t)sizeof(key->bytes) << 56 | key->bytes[16]);
	v[2] ^= 0xff;
	for (int i = 0; i < 3; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

static struct source_chain *chain_of(struct sources *sources, const struct source_key *key)
{
	return &sources->chains[key_hash(sources, key) & (sources->chain_count - 1)];
}

/* Spreads the entries over `count` (a power of two) chains. Without memory everything stays as it
 * is: longer chains are only slower. */
static void resize(struct sources *sources, size_t count)
{
	struct source_chain *old = sources->chains;
	size_t old_count = sources->chain_count;
	struct source *source;

	sources->chains = calloc(count, sizeof(*sources->chains));
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

struct source *sources_find(struct sources *sources, const struct source_key *key)
{
	struct source *source;

	if (!sources->chains)
		return NULL;
	LIST_FOREACH (source, chain_of(sources, key), in_chain)
		if (!memcmp(&source->key, key, sizeof(*key)))
			return source;
	return NULL;
}

static void forget(struct sources *sources, struct source *source)
{
	TAILQ_REMOVE(&sources->idle, source, in_idle);
	LIST_REMOVE(source, in_chain);
	free(source);
	sources->idle_count--;
	sources->count--;
	if (sources->chain_count > CHAINS_LEAST && sources->count < sources->chain_count / 8)
		resize(sources, sources->chain_count / 2);
}

static void idle_add(struct sources *sources, struct source *source)
{
	TAILQ_INSERT_TAIL(&sources->idle, source, in_idle);
	sources->idle_count++;
	if (sources->idle_count > SOURCES_IDLE)
		forget(sources, TAILQ_FIRST(&sources->idle));
}

struct source *sources_get(struct sources *sources, const struct source_key *key,
	const struct rate *rate, uint64_t now_ms)
{
	struct source *source = sources_find(sources, key);

	if (source)
		return source;
	if (sources->count >= sources->chain_count)
		resize(sources, MAX(sources->chain_count * 2, CHAINS_LEAST));
	source = sources->chains ? calloc(1, sizeof(*source)) : NULL;
	if (!source)
		return NULL;
	source->key = *key;
	bucket_init(&source->bucket, rate, now_ms);
	LIST_INSERT_HEAD(chain_of(sources, key), source, in_chain);
	sources->count++;
	idle_add(sources, source);
	return source;
}

void sources_start(struct sources *sources, struct source *source)
{
	if (source->running++)
		return;
	TAILQ_REMOVE(&sources->idle, source, in_idle);
	sources->idle_count--;
}

void sources_end(struct sources *sources, struct source *source)
{
	if (--source->running == 0)
		idle_add(sources, source);
}

void sources_expire(struct sources *sources, const struct rate *rate, uint64_t now_ms, size_t most)
{
	struct source *source;

	for (; most; most--) {
		source = TAILQ_FIRST(&sources->idle);
		if (!source || !bucket_is_full(&source->bucket, rate, now_ms))
			return;
		/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): what was freed left the list */
		forget(sources, source);
	}
}

void sources_rescale(
	struct sources *sources, const struct rate *from, const struct rate *to, uint64_t now_ms)
{
	struct source *source;

	for (size_t i = 0; i < sources->chain_count; i++)
		LIST_FOREACH (source, &sources->chains[i], in_chain)
			bucket_rescale(&source->bucket, from, to, now_ms);
}
