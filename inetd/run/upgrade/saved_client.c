/* saved_client: see saved_client.h. */
#include "run/upgrade/saved_client.h"

#include <sys/param.h>

#include "base/handover.h"
#include "run/upgrade/saved_bucket.h"
#include "run/upgrade/saved_service.h"

/* --- writing --- */

static void put_source(
	FILE *out, const struct service_state *state, const struct client_entry *source)
{
	/* One that has nothing missing is as one that is not known. */
	if (!source->bucket.missing)
		return;
	record_begin(out, "source");
	saved_service_name(out, state);
	handover_put_bytes(out, "key", source->key.bytes, sizeof(source->key.bytes));
	saved_bucket_put(out, &source->bucket);
	record_end(out);
}

static void put_sources(FILE *out, const struct service_state *state)
{
	const struct clients *sources = state->admit.sources;
	const struct client_entry *source;

	for (size_t i = 0; sources && i < sources->chain_count; i++)
		LIST_FOREACH (source, &sources->chains[i], in_chain)
			put_source(out, state, source);
}

static void put_denied(FILE *out, const struct service_state *state)
{
	const struct deny_entry *entries = state->admit.deny.entries;

	for (size_t i = 0; entries && i < (size_t)DENY_SETS * DENY_WAYS; i++) {
		if (!entries[i].refusals)
			continue;
		record_begin(out, "denied");
		saved_service_name(out, state);
		handover_put_bytes(out, "key", entries[i].key.bytes, sizeof(entries[i].key.bytes));
		record_number(out, "since", entries[i].since_ms);
		record_number(out, "refusals", entries[i].refusals);
		record_end(out);
	}
}

static void put_list(FILE *out, const struct service_state_list *states)
{
	const struct service_state *state;

	TAILQ_FOREACH (state, states, in_states) {
		put_sources(out, state);
		put_denied(out, state);
	}
}

void saved_client_put_all(FILE *out)
{
	put_list(out, &service_states);
	put_list(out, &service_states_departed);
}

/* --- reading --- */

static void get_source(const struct record *record)
{
	struct service_state *state = saved_service_named(record);
	struct client_key key;
	struct client_entry *source;

	if (!state || handover_get_bytes(record, "key", key.bytes, sizeof(key.bytes)) !=
			      sizeof(key.bytes))
		return;
	source = admit_source(&state->admit, &key, loop_now_ms());
	if (source)
		saved_bucket_get(record, &source->bucket);
}

static void get_denied(const struct record *record)
{
	struct service_state *state = saved_service_named(record);
	struct client_key key;

	if (state && handover_get_bytes(record, "key", key.bytes, sizeof(key.bytes)) ==
			     sizeof(key.bytes))
		admit_deny_again(&state->admit, &key,
			(uint32_t)MIN(record_get_number(record, "refusals"), UINT32_MAX),
			record_get_number(record, "since"));
}

void saved_client_get_all(void)
{
	handover_each("source", get_source);
	saved_service_rescale();
	handover_each("denied", get_denied);
}
