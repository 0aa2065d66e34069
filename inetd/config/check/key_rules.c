/* key_rules: see key_rules.h. */
#include "config/check/key_rules.h"

#include "config/keys/key.h"
#include "config/keys/protocol.h"

unsigned key_rules_families(const struct protocol *protocol, bool mux)
{
	unsigned families = protocol && !mux ? protocol->families : 0, traits = 0;

	if (!families || families & (FAMILY_INET | FAMILY_DUAL))
		traits |= TRAIT_FOUR;
	if (!families || families & (FAMILY_INET6 | FAMILY_DUAL))
		traits |= TRAIT_SIX;
	return traits;
}

static unsigned traits_of(const struct draft *draft)
{
	unsigned traits = draft->internal ? TRAIT_BUILTIN : TRAIT_PROGRAM;
	bool dgram = draft->service.socktype == SOCK_DGRAM;

	traits |= dgram ? TRAIT_DGRAM : TRAIT_STREAM;
	if (draft->internal ? dgram
			    : draft->service.wait ||
				      draft->policy.context.activation == ACTIVATION_PROXY)
		traits |= TRAIT_WAIT;
	if (draft->places & PLACE_INET)
		traits |= TRAIT_INET;
	if (draft->places & PLACE_PATH)
		traits |= TRAIT_PATH;
	if (draft->places & PLACE_VSOCK)
		traits |= TRAIT_VSOCK;
	if (!(draft->places & (PLACE_INET | PLACE_MUX | PLACE_VSOCK)))
		traits |= TRAIT_LOCAL;
	if (draft->places & PLACE_MUX)
		traits |= TRAIT_MUX;
	if (draft->protocol && !strcmp(draft->protocol->base, "tcp"))
		traits |= TRAIT_TCP;
	return traits | key_rules_families(draft->protocol, draft->places & PLACE_MUX);
}

static bool rule_holds(const struct key_rule *rule, unsigned traits)
{
	return (!rule->any || traits & rule->any) &&
	       (!rule->not_all || (traits & rule->not_all) != rule->not_all);
}

/* False for a value that changes nothing. */
static bool asks_for_something(const struct draft *draft, enum key_id id)
{
	switch (id) {
	case KEY_ACTIVATION:
		return draft->policy.context.activation != ACTIVATION_INETD;
	case KEY_SPARE:
		return draft->policy.spares.count;
	case KEY_OVERLOAD:
		return draft->policy.overload != OVERLOAD_QUEUE;
	case KEY_DEFER_ACCEPT:
		return draft->policy.socket.defer_accept;
	case KEY_LINGERING_CLOSE:
		return draft->policy.lingering_ms;
	case KEY_BIND:
		return strcmp(draft->bind, "*") != 0;
	default:
		return true;
	}
}

const struct key_rule *key_rules_against(unsigned traits, enum key_id id)
{
	for (const struct key_rule *rule = key_table[id].rules; rule && rule->why; rule++)
		if (!rule_holds(rule, traits))
			return rule;
	return NULL;
}

bool key_rules_default(const struct draft *draft, enum key_id id)
{
	unsigned traits = traits_of(draft);

	if (id == KEY_BIND && !draft_needs_bind(draft))
		return false;
	return !key_rules_against(traits, id);
}

/* A limit without what it is a limit of: -R may have given that. */
static bool is_needed(const struct check *check, enum key_id id)
{
	const struct limits *limits = &check->policy->limits;

	if (id == KEY_KILL_AFTER && check->policy->context.activation == ACTIVATION_PROXY)
		return true;
	return (id == KEY_BURST && limits->rate.count != LIMIT_NONE) ||
	       (id == KEY_PER_SOURCE_BURST && limits->per_source_rate.count != LIMIT_NONE);
}

static void check_key(struct check *check, enum key_id id, unsigned traits)
{
	struct draft *draft = check->draft;
	const struct key_rule *rule = key_rules_against(traits, id);
	const struct key *key = &key_table[id];

	if (rule && asks_for_something(draft, id)) {
		diag_add(check->load->diag, rule->severity, draft_where(draft, id), "%s: %s",
			key_name(draft, id), rule->why);
		draft->failed |= rule->severity == DIAG_ERROR;
	} else if (key->needs && !draft->set[key->needs] && !draft->bad[key->needs] &&
		   !draft->by_default[id] && !is_needed(check, id))
		CHECK_WARNING(check, id, "%s: does nothing without %s", key_name(draft, id),
			key_table[key->needs].name);
}

void check_key_rules(struct check *check)
{
	const struct draft *draft = check->draft;
	unsigned traits = traits_of(draft);

	if (!draft->places)
		return;
	for (size_t i = 0; i < KEY_COUNT; i++)
		if (draft->set[i])
			check_key(check, (enum key_id)i, traits);
}
